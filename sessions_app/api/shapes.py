"""The shapes of sessions, events and timelines for the OpenAPI description: what live/frames.py and timeline make.

These serializers describe; they serialise nothing. Ids are texts, times epoch ms, lengths and positions ms.
"""

from typing import Any

from rest_framework import serializers as s

LARGEST = 2**63 - 1


def text(**options: Any) -> s.CharField:
    return s.CharField(**options)


def number(**options: Any) -> s.IntegerField:
    return s.IntegerField(**options)


def moment(**options: Any) -> s.IntegerField:
    return s.IntegerField(help_text="epoch ms", **options)


OR_NULL: dict[str, Any] = {"allow_null": True}


class InputWords(s.Serializer):
    id = text()
    name = text()
    platform = text()


class Session(s.Serializer):
    """One media session: who watched what on which player, and where it stands. Masked."""

    id = text()
    media_session_id = text()
    input = InputWords()
    content_id = text(**OR_NULL)
    content_title = text(**OR_NULL)
    content_show = text(**OR_NULL)
    content_season = text(**OR_NULL)
    content_episode = text(**OR_NULL)
    content_type = text(**OR_NULL)
    stream_type = text(**OR_NULL)
    content_duration_ms = number(**OR_NULL)
    platform = text()
    device = text()
    os = text()
    player_name = text()
    sdk_version = text()
    mpid_masked = text(help_text="the last four characters")
    viewer_ref = text(**OR_NULL)
    state = text(help_text="starting playing ad buffering seeking paused no_signal ended")
    state_since_ms = moment(**OR_NULL)
    live = s.BooleanField()
    ended_reason = text(**OR_NULL)
    started_at_ms = moment()
    ended_at_ms = moment(**OR_NULL)
    last_at_ms = moment()
    first_received_at = s.DateTimeField()
    last_received_at = s.DateTimeField()
    version = number()
    last_seq = number()
    event_count = number()
    late_event_count = number()
    duplicate_count = number()
    quarantined_count = number()
    playhead_position_ms = number(**OR_NULL)
    numbers = s.DictField(help_text="the numbers of docs/metrics.md so far")


class Event(s.Serializer):
    """One event as stored; attributes under canonical names, identities struck out."""

    seq = number()
    event_key = text()
    name = text()
    kind = text(help_text="play pause seek buffer ad segment qos playhead session summary custom error")
    at_ms = moment()
    received_at_ms = moment()
    delay_ms = number()
    playhead_position_ms = s.FloatField(**OR_NULL)
    attributes = s.DictField()
    is_custom = s.BooleanField()
    is_error = s.BooleanField()
    is_late = s.BooleanField()


class ListedEvent(Event):
    """An event of a list."""

    forwards = s.ListField(child=text(), required=False, help_text="status of each delivery, with ?forwards=true")


class Events(s.Serializer):
    events = ListedEvent(many=True)
    next = number(help_text="ask again with ?after= this; null at the end", **OR_NULL)


class Forward(s.Serializer):
    """How an event was passed on to one destination."""

    delivery_id = text()
    destination = text()
    status = text(help_text="due sending sent dead dropped")
    http_status = number(**OR_NULL)
    attempts = number()
    at = s.DateTimeField(**OR_NULL)
    error = text()


class EventDetail(Event):
    """An event and its own journey."""

    stored_at_ms = moment(**OR_NULL)
    sent_attributes = s.DictField(help_text="as sent, where a unit or a name was changed", **OR_NULL)
    forwards = Forward(many=True)


class RawEvent(s.Serializer):
    """The JSON of one event as the client sent it."""

    seq = number()
    door = text()
    received_at = s.DateTimeField(**OR_NULL)
    masked = s.BooleanField()
    raw = s.DictField(help_text="empty when its batch is past retention")


class Playback(s.Serializer):
    state = text()
    start_ms = moment()
    end_ms = moment(**OR_NULL)
    inferred = s.BooleanField()
    under = text(**OR_NULL)


class Timeline(s.Serializer):
    """The lanes of a session, drawn and counted (docs/live.md)."""

    version = number()
    last_seq = number()
    session_started_ms = moment()
    last_at_ms = moment()
    ended_at_ms = moment(**OR_NULL)
    state = text()
    live = s.BooleanField()
    ended_reason = text(**OR_NULL)
    as_of_ms = moment()
    from_ms = moment(**OR_NULL)
    playback = Playback(many=True)
    ad_break = s.ListField(child=s.DictField())
    ad = s.ListField(child=s.DictField())
    segment = s.ListField(child=s.DictField())
    seek = s.ListField(child=s.DictField())
    playhead = s.ListField(child=s.ListField(child=s.JSONField()))
    qos = s.ListField(child=s.DictField())
    errors = s.ListField(child=s.DictField())  # type: ignore[assignment]
    custom = s.ListField(child=s.DictField())
    late = s.ListField(child=s.DictField())
    gaps = s.ListField(child=s.DictField())


class Moment(s.Serializer):
    """Looking back: as it was at a moment of the player's clock, or as we knew it at one of ours."""

    as_of_ms = number(required=False, min_value=-LARGEST, max_value=LARGEST)
    known_at_ms = number(required=False, min_value=-LARGEST, max_value=LARGEST)


class Interval(s.Serializer):
    """One of the pieces a number adds up from; their amounts add up to it."""

    start_ms = moment()
    end_ms = moment(**OR_NULL)
    from_event = s.JSONField(**OR_NULL)
    to_event = s.JSONField(**OR_NULL)
    label = text()  # type: ignore[assignment]
    amount = s.JSONField(required=False, **OR_NULL)


class Explanation(s.Serializer):
    """A number of a session: its formula and the intervals that make it up."""

    metric = text()
    label = text()  # type: ignore[assignment]
    unit = text()
    formula = text()
    source = text()  # type: ignore[assignment]
    parts = s.DictField(required=False)
    value = s.JSONField(**OR_NULL)
    intervals = Interval(many=True)


class Done(s.Serializer):
    count = number(help_text="how many rows it was done to")
