"""Which days of a viewer a page shows: the last 7, 14 or 30, or from one day to another. Days are UTC."""

import datetime as dt
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict

CHOICES = (7, 14, 30)
USUAL = 14
# A month: beyond it the grid is taller than a screen and no day can be told from another.
MOST_DAYS = 31


@dataclass(frozen=True)
class Days:
    """From the first day to the last, both included; `chosen` is the button that stands for them."""

    first: dt.date
    last: dt.date
    chosen: int | None = None
    # Why what was asked for is not what is shown.
    error: str = ""
    # The last day is today: a session whose device is ahead of us belongs to it as well.
    is_until_now: bool = False

    @property
    def count(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def from_ms(self) -> int:
        return _ms(self.first)

    @property
    def to_ms(self) -> int:
        """The first moment after the last day."""
        return _ms(self.last) + 86_400_000

    @property
    def query(self) -> str:
        """The same days in an address."""
        return urlencode({"days": self.chosen} if self.chosen else {"from": self.first, "to": self.last})

    @property
    def words(self) -> str:
        """1 Oct – 14 Oct 2026; the year twice only where it changes."""
        year = f" {self.first:%Y}" if self.first.year != self.last.year else ""
        return f"{self.first.day} {self.first:%b}{year} – {self.last.day} {self.last:%b %Y}"


def days_asked(query: QueryDict, today: dt.date) -> Days:
    """The days an address asks for; the usual ones, with the reason, where it cannot be meant."""
    if "from" in query or "to" in query:
        try:
            return _between(query.get("from", ""), query.get("to", ""), today)
        except ValueError as problem:
            return _last(USUAL, today, str(problem))
    asked = query.get("days", "")
    return _last(int(asked) if asked in {str(choice) for choice in CHOICES} else USUAL, today)


def _last(count: int, today: dt.date, error: str = "") -> Days:
    return Days(today - dt.timedelta(days=count - 1), today, count, error, is_until_now=True)


def _between(first_text: str, last_text: str, today: dt.date) -> Days:
    if not first_text or not last_text:
        raise ValueError("Give both days, the first and the last.")
    first, last = _day(first_text), _day(last_text)
    if first > last:
        raise ValueError("The first day comes after the last. Swap them.")
    if first > today:
        raise ValueError("These days are still to come.")
    asked = Days(first, min(last, today), is_until_now=last >= today)
    if asked.count > MOST_DAYS:
        raise ValueError(f"These are {asked.count:,} days; a page shows at most {MOST_DAYS}. Choose fewer.")
    return asked


def _day(text: str) -> dt.date:
    try:
        return dt.datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=dt.UTC).date()
    except ValueError:
        raise ValueError("Give days as YYYY-MM-DD.") from None


def _ms(day: dt.date) -> int:
    return int(dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC).timestamp() * 1000)
