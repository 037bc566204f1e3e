"""From what somebody asked for to one SELECT: checked options, filters, text no spreadsheet takes for a formula.

Values get into the statement as quoted literals (COPY takes no parameters); names come from the catalogue alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from psycopg.sql import SQL, Composable, Composed, Identifier, Literal

from sessions_app.exports.columns import DATASETS, FORMATS, TEXT, Column, Dataset

LONGEST_FILTER = 500
LARGEST_MS = 2**53
# What Excel, Numbers or Sheets may take for the beginning of a formula, also behind quotes or blanks.
FORMULA = r"""^[\s"'\x01-\x1f]*[=+\-@＝＋－＠]|^[\t\r\n]"""


class OptionError(ValueError):
    """Something asked for that cannot be; `field` says which option."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(words)
        self.field = field


@dataclass(frozen=True)
class Options:
    """Which rows and columns: a period by the dataset's own moment, filters, columns in order (none: all)."""

    from_ms: int | None = None
    to_ms: int | None = None
    content_id: str = ""
    platform: str = ""
    input_id: int | None = None
    columns: tuple[str, ...] = ()

    @property
    def is_backwards(self) -> bool:
        """A period that ends before it begins has no rows."""
        return self.from_ms is not None and self.to_ms is not None and self.from_ms >= self.to_ms

    def to_json(self) -> dict[str, Any]:
        kept = {name: value for name, value in vars(self).items() if value not in (None, "", ())}
        return {**kept, "columns": list(self.columns)} if self.columns else kept


@dataclass(frozen=True)
class Wanted:
    """Rows of one dataset in one workspace."""

    dataset: Dataset
    workspace_id: int
    options: Options

    @property
    def columns(self) -> tuple[Column, ...]:
        return self.dataset.named(self.options.columns)


def wanted(workspace_id: int, dataset: str, raw_options: Mapping[str, Any]) -> Wanted:
    """What somebody asked for, checked; OptionError names the first thing that cannot be meant."""
    chosen = dataset_named(dataset)
    return Wanted(chosen, workspace_id, parsed(chosen, raw_options))


def dataset_named(name: str) -> Dataset:
    if name not in DATASETS:
        raise OptionError("dataset", f"Choose one of: {', '.join(DATASETS)}.")
    return DATASETS[name]


def checked_format(name: str) -> str:
    if name not in FORMATS:
        raise OptionError("format", f"Choose one of: {', '.join(FORMATS)}.")
    return name


def parsed(dataset: Dataset, raw: Mapping[str, Any]) -> Options:
    """The options in `raw`, each checked; OptionError names the first that cannot be meant."""
    options = Options(
        from_ms=_whole("from_ms", raw.get("from_ms")),
        to_ms=_whole("to_ms", raw.get("to_ms")),
        content_id=_text("content_id", raw.get("content_id")),
        platform=_text("platform", raw.get("platform")),
        input_id=_whole("input_id", raw.get("input_id")),
        columns=tuple(raw.get("columns") or ()),
    )
    known = {column.name for column in dataset.columns}
    for name in options.columns:
        if name not in known:
            raise OptionError("columns", f"{dataset.name} has no column {str(name)[:60]!r}.")
    return options


def select(asked: Wanted, *, escape: bool = False, limit: int | None = None) -> Composed:
    """The SELECT behind a file, an estimate and the CSV that streams."""
    columns = [_as(column, escape and column.kind == TEXT) for column in asked.columns]
    parts: list[Composable] = [_sql("SELECT "), SQL(", ").join(columns), _sql(f" FROM {asked.dataset.rows}")]
    parts += [*_filters(asked), _sql(f" ORDER BY {asked.dataset.order}")]
    if limit is not None:
        parts += [_sql(" LIMIT "), Literal(limit)]
    return Composed(parts)


def count(asked: Wanted, at_most: int) -> Composed:
    rows = [_sql("SELECT 1 FROM "), _sql(asked.dataset.rows), *_filters(asked)]
    return Composed([_sql("SELECT count(*) FROM ("), *rows, _sql(" LIMIT "), Literal(at_most), _sql(") counted")])


def _filters(asked: Wanted) -> list[Composable]:
    dataset, options = asked.dataset, asked.options
    conditions: list[tuple[str, Any]] = [
        (f"{dataset.workspace} = ", asked.workspace_id),
        (f"{dataset.at_ms} >= ", options.from_ms),
        (f"{dataset.at_ms} < ", options.to_ms),
        ("s.content_id = ", options.content_id or None),
        ("s.platform = ", options.platform or None),
        ("s.input_id = ", options.input_id),
    ]
    parts: list[Composable] = []
    for condition, value in conditions:
        if value is not None:
            parts += [_sql(f" AND {condition}"), Literal(value)]
    return parts


def _as(column: Column, escape: bool) -> Composable:
    expression: Composable = _sql(column.sql)
    if escape:
        is_formula = Composed([_sql(f"({column.sql}) ~ "), Literal(FORMULA)])
        expression = Composed(
            [_sql("CASE WHEN "), is_formula, _sql(f" THEN '''' || ({column.sql}) ELSE {column.sql} END")]
        )
    return Composed([expression, _sql(" AS "), Identifier(column.name)])


def _sql(text: str) -> SQL:
    # Only the catalogue's own words get here; psycopg's type asks for literals to say so.
    return SQL(cast(Any, text))


def _whole(field: str, value: Any) -> int | None:
    if value is None or value == "":
        return None
    try:
        number = int(str(value))
    except ValueError:
        raise OptionError(field, "Give a whole number.") from None
    if abs(number) > LARGEST_MS:
        raise OptionError(field, "This number is too large.")
    return number


def _text(field: str, value: Any) -> str:
    text = "" if value is None else str(value)
    if "\0" in text or len(text) > LONGEST_FILTER:
        raise OptionError(field, f"At most {LONGEST_FILTER} characters, none of them NUL.")
    return text
