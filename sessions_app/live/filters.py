"""Which live sessions a board shows, as its URL says, and in which order. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

NAMES = ("content", "stream_type", "content_type", "player", "platform", "input", "state")
SORTS = ("newest", "attention", "title")
DEFAULT_LIMIT = 200
LARGEST_LIMIT = 500
# A URL longer than this is nobody's choice of filters.
MOST_VALUES = 50

Values = frozenset[str]
ANY: Values = frozenset()


@dataclass(frozen=True, slots=True)
class Filters:
    """For each name the values let through; none given lets everything through."""

    content: Values = ANY
    stream_type: Values = ANY
    content_type: Values = ANY
    player: Values = ANY
    platform: Values = ANY
    input: Values = ANY
    state: Values = ANY
    sort: str = "newest"
    limit: int = DEFAULT_LIMIT

    def lets_through(self, row: Any) -> bool:
        return (not self.state or row.state in self.state) and self.matches_but_state(row)

    def matches_but_state(self, row: Any) -> bool:
        return (
            (not self.content or row.content_id in self.content)
            and (not self.stream_type or row.stream_type in self.stream_type)
            and (not self.content_type or row.content_type in self.content_type)
            and (not self.player or row.player_name in self.player)
            and (not self.platform or row.platform in self.platform)
            and (not self.input or row.input_id in self.input)
        )

    def without(self, name: str) -> "Filters":
        """The same but for one filter, which lets everything through."""
        return replace(self, **{name: ANY})  # type: ignore[arg-type]

    def of_any_content(self) -> "Filters":
        """The same for every title: what the list of titles is counted over."""
        return self.without("content")


def filters_of(query: Mapping[str, Sequence[str]]) -> Filters:
    """Out of a URL's query, names repeated for several values. What is not understood is as if it were not there."""
    values = {name: frozenset([value for value in query.get(name, ()) if value][:MOST_VALUES]) for name in NAMES}
    sort = (query.get("sort") or ["newest"])[-1]
    limit = (query.get("limit") or [""])[-1]
    return Filters(
        **values,
        sort=sort if sort in SORTS else "newest",
        limit=max(1, min(int(limit), LARGEST_LIMIT)) if limit.isascii() and limit.isdigit() else DEFAULT_LIMIT,
    )


ORDERS: dict[str, Callable[[Any], Any]] = {
    "newest": lambda row: -row.id,
    "attention": lambda row: (-row.attention, -row.id),
    "title": lambda row: (row.content_title.casefold(), -row.id),
}
