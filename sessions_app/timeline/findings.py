"""What happened: the session in at most eight plain sentences, each tied to a moment.

`findings` runs every rule of `finding_rules`, keeps the most serious and shows them in order of time.
"""

from bisect import bisect_left
from collections.abc import Mapping
from typing import Any

from sessions_app.timeline.finding_rules import RULES_TOLD
from sessions_app.timeline.pieces import Reader
from sessions_app.timeline.spans import Timeline

MOST = 8


def findings(timeline: Timeline, context: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """At most eight sentences by time. `context` may bring `startup_p75_ms` and `platform` of comparable sessions."""
    if not timeline.events:
        return []
    reader, about = Reader(timeline), context or {}
    found = [finding for rule in RULES_TOLD for finding in rule(reader, about)]
    found.sort(key=lambda finding: (-finding.severity, finding.at_ms, finding.kind))
    shown = sorted(found[:MOST], key=lambda finding: (finding.at_ms, -finding.severity, finding.kind))
    return [
        {
            "kind": finding.kind,
            "at_ms": finding.at_ms,
            "text": finding.text,
            "event_key": _nearest_key(timeline, finding.at_ms),
            "severity": finding.severity,
        }
        for finding in shown
    ]


def _nearest_key(timeline: Timeline, at_ms: int) -> str:
    """The event to open with a finding: the first at its moment, else the nearest."""
    told = timeline.events
    after = bisect_left(told, at_ms, key=lambda event: event.at_ms)
    near = told[max(0, after - 1) : after + 1]
    return min(near, key=lambda event: (abs(event.at_ms - at_ms), event.order())).key
