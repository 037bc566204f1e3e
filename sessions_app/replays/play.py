"""What a worker does each second: take a replay that has something due, post it, note how far it is.

Posted first, noted afterwards: a worker that dies between the two leaves events that are posted again, byte for byte
the same, and stored once. A replay that fell behind catches up; its events keep their moments.
"""

import datetime as dt
import secrets
from functools import lru_cache

import httpx
import structlog
from django.conf import settings

from sessions_app.live.masked import mask_attributes
from sessions_app.models import MediaSession, Replay
from sessions_app.models.clock import database_now
from sessions_app.models.history import events_of
from sessions_app.models.replays import ReplayState
from sessions_app.player.replay import Past, Score, nobody
from sessions_app.player.session import new_id
from sessions_app.player.transport import LARGEST_BATCH, TIMEOUT_S, Request, Uploader, WebSdk
from sessions_app.replays import orders
from sessions_app.timeline.clocks import place

log = structlog.get_logger(__name__)

# In one turn, so that one long replay does not keep the others waiting.
BATCHES_A_TURN = 10
REPLAYS_A_RUN = 50


class NotTakenError(Exception):
    """The door did not take a batch; `is_final` when it never will."""

    def __init__(self, words: str, is_final: bool) -> None:
        super().__init__(words)
        self.is_final = is_final


def run_due(client: httpx.Client | None = None) -> int:
    """Play on everything that has something due; how many replays had. Several workers may do so at once."""
    owner, taken = secrets.token_hex(8), 0
    with client or httpx.Client(timeout=TIMEOUT_S, trust_env=False) as http:
        while taken < REPLAYS_A_RUN and (replay := orders.claim(owner)) is not None:
            taken += 1
            play_on(replay, http)
    return taken


def play_on(replay: Replay, client: httpx.Client) -> None:
    """One turn of one replay."""
    session = MediaSession.objects.filter(pk=replay.session_id).first()
    past = past_of(session.pk, session.session_day, replay.last_seq) if session else ()
    if session is None or len(past) < replay.total:
        orders.finish(replay, ReplayState.FAILED, "The session is no longer kept.")
        return
    score = Score(past, replay.media_session_id, _ms(replay.started_at), replay.speed, session.platform)
    try:
        is_ours = post_due(replay, score, session, client)
    except NotTakenError as error:
        log.warning("a replay was not taken", replay=replay.pk, error=str(error))
        if error.is_final:
            orders.finish(replay, ReplayState.FAILED, str(error))
        else:
            orders.failed_once(replay, str(error))
        return
    if not is_ours:
        return
    if replay.position >= replay.total:
        orders.finish(replay, ReplayState.DONE)
    else:
        orders.rest(replay, dt.datetime.fromtimestamp(score.due_ms(replay.position) / 1000, dt.UTC))


def post_due(replay: Replay, score: Score, session: MediaSession, client: httpx.Client) -> bool:
    """Post what is due by now, a few batches at most; False when the replay was taken from us."""
    door, viewer = WebSdk(settings.INGEST_URL, replay.input.key), uploader_of(replay, session)
    for _ in range(BATCHES_A_TURN):
        now_ms = _ms(database_now())
        end = end_of_due(score, replay.position, replay.total, now_ms)
        if end == replay.position:
            return True
        batch = viewer.batch([score.event(index) for index in range(replay.position, end)], now_ms, new_id())
        post(client, door.request(batch))
        replay.position = end
        replay.tries = 0
        if not orders.moved_on(replay, end):
            return False
    return True


def uploader_of(replay: Replay, session: MediaSession) -> Uploader:
    return nobody(
        replay.media_session_id,
        platform=session.platform,
        os=session.os,
        device=session.device,
        sdk_version=session.sdk_version,
    )


def end_of_due(score: Score, position: int, total: int, now_ms: int) -> int:
    """The place after the last event that is due, a batch further at most."""
    end = position
    while end < min(total, position + LARGEST_BATCH) and score.due_ms(end) <= now_ms:
        end += 1
    return end


def post(client: httpx.Client, request: Request) -> None:
    try:
        answer = client.post(request.url, headers=request.headers, content=request.content)
    except httpx.TransportError as error:
        raise NotTakenError(f"The door did not answer: {error}", is_final=False) from error
    status = answer.status_code
    if not answer.is_success:
        is_final = status != 429 and status < 500
        raise NotTakenError(f"The door answered {status}: {answer.text[:200]}", is_final)


@lru_cache(maxsize=16)
def past_of(session_id: int, session_day: dt.date, last_seq: int) -> tuple[Past, ...]:
    """What is played again: the first `last_seq` events as anybody may see them, in the timeline's order."""
    session = MediaSession(pk=session_id, session_day=session_day)
    events = place(event for event in events_of(session) if event.seq <= last_seq)[0]
    return tuple(Past(event.key, event.name, event.at_ms, mask_attributes(event.attributes)) for event in events)


def _ms(moment: dt.datetime) -> int:
    return round(moment.timestamp() * 1000)
