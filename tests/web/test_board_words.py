"""What the board says: the same table of examples holds the browser to it (tests/js/board_words.test.js)."""

import json
from pathlib import Path

import pytest

from sessions_app.templatetags.figures import device_icon, moment, number, platform_title
from sessions_app.web.board_words import attention, change, figures, marks, playhead_words, title_words
from sessions_app.web.payloads import marked_lines

EXAMPLES = json.loads(Path(__file__).with_name("board_words.json").read_text())


@pytest.mark.parametrize("example", EXAMPLES["marks"])
def test_marks_appear_past_their_threshold(example):
    assert [[mark.icon, mark.words] for mark in marks(example["health"])] == example["marks"]


@pytest.mark.parametrize("example", EXAMPLES["playheads"])
def test_where_playback_stands(example):
    assert list(playhead_words(example["row"])) == example["said"]


@pytest.mark.parametrize(("device", "icon"), EXAMPLES["devices"])
def test_devices_have_an_outline(device, icon):
    assert device_icon(device) == icon


@pytest.mark.parametrize(("platform", "title"), EXAMPLES["platforms"])
def test_platforms_are_spelled_as_their_makers_do(platform, title):
    assert platform_title(platform) == title


@pytest.mark.parametrize(("series", "said"), EXAMPLES["changes"])
def test_how_a_series_moved(series, said):
    assert change(series) == said


@pytest.mark.parametrize("example", EXAMPLES["attention"])
def test_need_of_attention(example):
    assert attention(example["row"]) == example["score"]


@pytest.mark.parametrize("example", EXAMPLES["titles"])
def test_a_titles_second_line(example):
    assert title_words(example["title"])["under"] == example["said"]


def test_figures_say_value_unit_and_the_line_below():
    said = {figure.key: [figure.value, figure.unit, figure.hint] for figure in figures(EXAMPLES["figures"]["values"])}
    assert said == EXAMPLES["figures"]["said"]


@pytest.mark.parametrize("value", [None, "", "x"])
def test_the_unknown_is_a_dash(value):
    assert number(value) == "–"


@pytest.mark.parametrize("value", [None, "", 10**18, -(10**18)])
def test_a_moment_no_calendar_has_is_a_dash(value):
    assert moment(value) == "–"


def test_a_payload_marks_the_line_that_was_complained_about():
    lines = marked_lines('{"data": {"ad_skipped": false, "n": 1}}', ["ad_skipped must be a string"])
    assert [line.key for line in lines if line.is_marked] == ['"ad_skipped"']
    assert [line.key for line in marked_lines('{"a/b": 1}', pointer="/events/0/a~1b") if line.is_marked] == ['"a/b"']


def test_a_payload_that_is_no_json_is_shown_as_it_came():
    assert marked_lines("{not json")[0].rest == "{not json"
