"""One session as a file: everything as JSON, its events or its numbers as CSV. Masked like the page, and audited.

Who looks back takes away what they see: the files know the same `as_of_ms` and `known_at_ms`.
"""

import csv
import io
import json
from collections.abc import Callable, Iterator
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe
from rest_framework.exceptions import NotFound

from sessions_app.api.stories import timeline_of
from sessions_app.models import MediaSession
from sessions_app.models.clock import database_now
from sessions_app.timeline.spans import Timeline
from sessions_app.timeline.summary import summarize
from sessions_app.viewers.audit import Actor, record
from sessions_app.viewers.roles import Action
from sessions_app.web.access import page, workspace_of
from sessions_app.web.look_back import LookBack, look_back, session_seen
from sessions_app.web.session_events import events_of_page, in_order

EVENT_COLUMNS = ("seq", "event_key", "name", "kind", "at_ms", "received_at_ms", "delay_ms", "playhead_position_ms")
# What a spreadsheet takes for the start of a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@page(Action.EXPORT)
@require_safe
def export(request: HttpRequest, pk: int, name: str) -> HttpResponseBase:
    """`session.json`, `events.csv` or `summary.csv`."""
    workspace = workspace_of(request)
    row = MediaSession.objects.filter(workspace=workspace, pk=pk).select_related("input").first()
    if row is None:
        raise Http404("No such media session")
    now, look = database_now(), look_back(request)
    try:
        timeline = timeline_of(row, workspace, look.when(int(now.timestamp() * 1000)))
    except NotFound as nothing_yet:
        raise Http404(str(nothing_yet.detail)) from nothing_yet
    record(workspace, Actor.of(request.user), "session_exported", str(row.pk), now, fields=(name,))
    response = MADE[name](row, timeline, look)
    response["Content-Disposition"] = f'attachment; filename="session-{row.pk}-{name}"'
    return response


def whole_session(row: MediaSession, timeline: Timeline, look: LookBack) -> HttpResponse:
    return JsonResponse(
        {
            "session": session_seen(row, timeline, look),
            "summary": summarize(timeline, row.duplicate_count),
            "timeline": timeline.to_json(),
            "events": in_order(events_of_page(timeline)),
        },
        json_dumps_params={"indent": 1, "ensure_ascii": False},
    )


def events_csv(row: MediaSession, timeline: Timeline, look: LookBack) -> StreamingHttpResponse:
    return StreamingHttpResponse(event_lines(timeline), content_type="text/csv; charset=utf-8")


def event_lines(timeline: Timeline) -> Iterator[str]:
    """A column for each attribute that any event of the session has."""
    events = in_order(events_of_page(timeline))
    attributes = sorted({name for event in events for name in event["attributes"]})
    yield line([*EVENT_COLUMNS, *map(safe, attributes)])
    for event in events:
        own = [event["attributes"].get(name) for name in attributes]
        yield line([safe(value) for value in [*(event[name] for name in EVENT_COLUMNS), *own]])


def summary_csv(row: MediaSession, timeline: Timeline, look: LookBack) -> HttpResponse:
    numbers = summarize(timeline, row.duplicate_count)
    lines = [line(["number", "value"]), *(line([name, safe(value)]) for name, value in numbers.items())]
    return HttpResponse("".join(lines), content_type="text/csv; charset=utf-8")


def safe(value: Any) -> Any:
    """A cell that no spreadsheet runs; numbers stay numbers."""
    if value is None:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def line(cells: list[Any]) -> str:
    written = io.StringIO()
    csv.writer(written).writerow(cells)
    return written.getvalue()


MADE: dict[str, Callable[[MediaSession, Timeline, LookBack], HttpResponseBase]] = {
    "session.json": whole_session,
    "events.csv": events_csv,
    "summary.csv": summary_csv,
}
