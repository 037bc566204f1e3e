"""Files made for people: what is in them, and what a spreadsheet makes of it."""

import csv
import io
import json
import zipfile

import pytest

from sessions_app.exports import build
from sessions_app.exports.columns import DATASETS
from sessions_app.exports.query import OptionError
from sessions_app.models import Export
from tests.exports.made import settled
from tests.viewers.made import NOW_MS, session

# A file is written through a connection of its own, which sees only what is committed.
pytestmark = pytest.mark.django_db(transaction=True)

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", '"=1', "'=1", " =1", "\n=1"]


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path):
    settings.EXPORT_FOLDER = tmp_path / "exports"


def made(cast, dataset="summaries", form="csv", **options):
    export = build.ask(cast.northlight, dataset, form, options, by="olga")
    assert build.run_due() == 1
    export.refresh_from_db()
    assert export.status == "done", export.error
    return export


def rows_of(export):
    text = build.path_of(export).read_bytes().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_summary_row_has_every_number_by_its_name(cast):
    row = settled(cast.web, "s-1")
    export = made(cast)
    (line,) = rows_of(export)
    assert line["session_id"] == str(row.pk)
    assert (line["content_time_ms"], line["rebuffer_ratio"], line["reached_end"]) == ("60000", "0.25", "t")
    assert line["started_at"] == "2026-11-20T12:00:00.000Z"
    assert line["startup_time_ms"] == ""
    assert (export.rows_done, export.rows_total) == (1, 1)
    assert export.bytes == build.path_of(export).stat().st_size


@pytest.mark.parametrize("title", FORMULAS)
def test_text_that_a_spreadsheet_takes_for_a_formula_is_escaped(cast, title):
    settled(cast.web, "s-1", content_title=title)
    assert rows_of(made(cast))[0]["content_title"] == "'" + title


def test_ordinary_text_and_negative_numbers_stay_as_they_are(cast):
    settled(cast.web, "s-1", {"seek_forward_ms": -5}, content_title='Tom, "Dick" & Harry\nreturn – 1=1')
    (line,) = rows_of(made(cast))
    assert line["content_title"] == 'Tom, "Dick" & Harry\nreturn – 1=1'
    assert line["seek_forward_ms"] == "-5"


def test_only_ones_own_workspace_is_exported(cast):
    from sessions_app.viewers.setup import make_input

    settled(make_input(cast.elsewhere, "theirs").input, "s-1")
    assert rows_of(made(cast)) == []


def test_filters_and_columns(cast):
    settled(cast.web, "s-1", content_id="a")
    settled(cast.web, "s-2", content_id="b", platform="roku")
    settled(cast.web, "s-3", content_id="b", started_at_ms=NOW_MS + 10_000)
    assert len(rows_of(made(cast, content_id="b"))) == 2
    assert len(rows_of(made(cast, platform="roku"))) == 1
    period = made(cast, from_ms=NOW_MS, to_ms=NOW_MS + 1, columns=["content_id", "media_session_id"])
    lines = rows_of(period)
    assert [list(line) for line in lines] == [["content_id", "media_session_id"]] * 2


@pytest.mark.parametrize("dataset", DATASETS)
@pytest.mark.parametrize("form", ["csv", "jsonl", "xlsx"])
def test_every_dataset_is_written_in_every_form(cast, dataset, form):
    settled(cast.web, "s-1", ads=[{"ad_content_id": "=ad", "ad_completed": True, "time_spent_ms": 15000}])
    session(cast.web, "s-2", events=[("Play", 0, {"playhead_position": 12, "email": "kim@example.com"})])
    data = build.path_of(made(cast, dataset, form)).read_bytes()
    assert b"kim@example.com" not in data


def test_qos_has_a_row_for_each_reading_as_it_was_sent(cast):
    reading = {"qos_bitrate": 4_500_000, "qos_fps": 23.98, "qos_dropped_frames": 7, "email": "kim@example.com"}
    later = {"qos_bitrate": "fast", "qos_startup_time": 1800}
    events = [("Play", 0, {}), ("Update QoS", 5_000, reading), ("Update QoS", 9_000, later)]
    row = session(cast.web, "s-1", [("mpid", "77")], events, platform="roku")
    first, second = rows_of(made(cast, "qos"))
    assert (first["session_id"], first["platform"], first["content_id"]) == (str(row.pk), "roku", "film-1")
    assert (first["at"], first["seq"]) == ("2026-11-20T12:00:05.000Z", "2")
    assert (first["qos_bitrate"], first["qos_fps"], first["qos_dropped_frames"]) == ("4500000", "23.98", "7")
    assert (second["qos_bitrate"], second["qos_startup_time"], second["qos_fps"]) == ("", "1800", "")
    period = made(cast, "qos", from_ms=NOW_MS + 6_000, columns=["seq"])
    assert rows_of(period) == [{"seq": "3"}]


def test_jsonl_has_one_object_a_line_with_real_numbers(cast):
    settled(cast.web, "s-1", content_title='quote " backslash \\ \x02 newline \n')
    export = made(cast, form="jsonl")
    (line,) = [json.loads(line) for line in build.path_of(export).read_text().splitlines()]
    assert line["content_time_ms"] == 60000
    assert line["reached_end"] is True
    assert line["content_title"] == 'quote " backslash \\ \x02 newline \n'


def test_a_spreadsheet_holds_numbers_as_numbers_and_no_formulas(cast):
    settled(cast.web, "s-1", content_title="=1+1")
    path = build.path_of(made(cast, form="xlsx"))
    with zipfile.ZipFile(path) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "<v>60000</v>" in sheet
    assert "=1+1" in sheet


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"columns": ["mpid"]}, "columns"),
        ({"from_ms": "x"}, "from_ms"),
        ({"content_id": "\0"}, "content_id"),
    ],
)
def test_options_that_cannot_be_meant_are_refused_by_name(cast, options, field):
    with pytest.raises(OptionError) as refusal:
        build.ask(cast.northlight, "summaries", "csv", options, by="olga")
    assert refusal.value.field == field


def test_a_period_that_ends_before_it_begins_makes_no_file(cast):
    with pytest.raises(build.ExportBlockedError, match="must end after"):
        build.ask(cast.northlight, "summaries", "csv", {"from_ms": 2, "to_ms": 1}, by="olga")


def test_no_column_of_any_dataset_names_a_viewer():
    names = {column.name for dataset in DATASETS.values() for column in dataset.columns}
    assert not {name for name in names if "mpid" in name or "email" in name or "customer" in name}
    assert not [c for d in DATASETS.values() for c in d.columns if "mpid" in c.sql or c.sql.endswith("attributes")]


def test_a_value_cannot_leave_its_quotes(cast):
    settled(cast.web, "s-1", content_id="x' OR 'a'='a")
    settled(cast.web, "s-2", content_id="other")
    assert len(rows_of(made(cast, content_id="x' OR 'a'='a"))) == 1
    assert Export.objects.count() == 1
