"""What ops do when something went wrong: hold a destination, retry or discard what was refused, replay after a fix."""

import json
import re

import pytest

from tests.journeys.axe import violations
from tests.journeys.furnish import DESTINATIONS, REFUSAL
from tests.journeys.stories import play, row_of
from tests.stack import wait_until

FEED = "mParticle, by ops"
SKIPPED_AD = [
    (0, "Media Session Start", {}),
    (1800, "Play", {"playhead_position": "0"}),
    (9000, "Ad Skip", {"ad_content_id": "a1"}),
]
NO_SKIPS = {"status": 400, "text": REFUSAL, "when": '"Ad Skip"', "times": -1}
UNSTORABLE = "Nobody Can Store This"
# A fault of our own: the database refuses a session. Dropping the constraint is the fix.
FAULT = f"ADD CONSTRAINT walk_fault CHECK (content_title <> '{UNSTORABLE}') NOT VALID"
FIX = "DROP CONSTRAINT IF EXISTS walk_fault"


@pytest.fixture(scope="module")
def feed(stack):
    """A destination that leads to the stand-in for mParticle; other tests' events go nowhere."""
    in_shell(stack, DESTINATIONS.format(destinations=[(FEED, stack.mparticle_url, "")]))
    yield FEED
    in_shell(stack, f"from sessions_app.models import *; Destination.objects.filter(name={FEED!r}).update(is_on=False)")


@pytest.fixture
def mparticle(stack, feed):
    """The stand-in, taking everything and knowing nothing yet."""
    stack.mparticle.forget()
    yield stack.mparticle
    stack.mparticle.answer_with()


@pytest.fixture
def fault(stack):
    alter_sessions(stack, FAULT)
    yield
    alter_sessions(stack, FIX)


def in_shell(stack, code):
    return stack.manage("shell", "-v0", "-c", code)


def alter_sessions(stack, change):
    statement = f"ALTER TABLE sessions_app_mediasession {change}"
    in_shell(stack, f"from django.db import connection; connection.cursor().execute({statement!r})")


def accepted(mparticle, name):
    """The sessions whose event of this name mParticle has taken."""
    events = [event["data"] for batch in mparticle.batches for event in batch["events"]]
    return {data["custom_attributes"]["media_session_id"] for data in events if data["event_name"] == name}


def shown(page, row, seconds=60):
    """The row, once a reload of the page shows it."""

    def is_there():
        page.reload()
        return row.count()

    wait_until(is_there, seconds, str(row))
    return row


def refused_skips(page, events):
    """The group of refused Ad Skips, once it holds so many events."""
    words = re.compile(rf"Ad Skip\s*400: ad_skipped must be a string\s*1 try\s*{events}\s*$")
    return shown(page, page.locator("#letters tbody tr", has_text=words))


def test_a_paused_destination_is_sent_nothing_until_it_is_resumed(stack, visit, mparticle):
    page = visit("ops").goes_to("/forwarding/")
    row = page.locator("#destinations tr", has_text=FEED)
    row.get_by_role("button", name="Pause").click()
    row.get_by_text("events wait").wait_for()
    session = play(stack)
    wait_until(lambda: page.wait_for_timeout(100) or row.locator("td").nth(2).inner_text() == "1", 30, "one waits")
    assert not mparticle.requests, "sent although paused"
    row.get_by_role("button", name="Resume").click()
    row.get_by_text("sending").wait_for()
    wait_until(lambda: session in accepted(mparticle, "Play"), 30, "it is sent")


def test_dead_letters_are_read_one_by_one_then_retried_and_delivered(stack, visit, mparticle):
    mparticle.answer_with(NO_SKIPS)
    sessions = {play(stack, SKIPPED_AD, mpid=mpid) for mpid in ("5001", "5002")}
    page = visit("ops", permissions=["clipboard-read", "clipboard-write"]).goes_to("/forwarding/")
    group = refused_skips(page, 2)
    group.get_by_role("link").click()
    detail = page.locator("#detail")
    detail.get_by_text("1 of 2").wait_for()
    first = detail.locator("#payload").inner_text()
    detail.get_by_role("link", name="Next letter").press("Enter")
    detail.get_by_text("2 of 2").wait_for()
    assert detail.locator("#payload").inner_text() != first
    assert violations(page) == []
    detail.get_by_role("button", name="Copy payload").click()
    page.get_by_text("Payload copied").wait_for()
    copied = json.loads(page.evaluate("navigator.clipboard.readText()"))
    assert [event["data"]["event_name"] for event in copied["events"]] == ["Ad Skip"]
    mparticle.answer_with()
    group.get_by_role("checkbox").check()
    page.get_by_role("button", name="Retry 2").click()
    page.get_by_text("Sent again: 2 batches with 2 events.").wait_for()
    wait_until(lambda: accepted(mparticle, "Ad Skip") == sessions, 30, "both are delivered")
    page.reload()
    page.get_by_text("No dead letters").wait_for()


def test_dead_letters_are_discarded_when_their_number_is_typed(stack, visit, mparticle):
    mparticle.answer_with(NO_SKIPS)
    discarded = play(stack, SKIPPED_AD, mpid="5003")
    page = visit("ops").goes_to("/forwarding/")
    refused_skips(page, 1).get_by_role("checkbox").check()
    page.get_by_role("button", name="Discard…").click()
    discard = page.locator("#discard-now")
    page.fill("#discard-count", "2")
    assert discard.is_disabled()
    page.fill("#discard-count", "1")
    discard.click()
    page.get_by_text("Discarded: 1 batch.").wait_for()
    page.get_by_text("No dead letters").wait_for()
    mparticle.answer_with()
    # The same viewer's next events go after everything before them.
    later = play(stack, SKIPPED_AD, mpid="5003")
    wait_until(lambda: later in accepted(mparticle, "Ad Skip"), 30, "what follows is delivered")
    assert discarded not in accepted(mparticle, "Ad Skip")


def test_a_quarantined_group_is_replayed_after_a_fix_and_stored(stack, visit, fault):
    sessions = [play(stack, SKIPPED_AD, content_title=UNSTORABLE, mpid=mpid) for mpid in ("5004", "5005")]
    page = visit("ops").goes_to("/quality/")
    group = page.locator("#quarantine tbody tr", has_text="UNSTORABLE")
    group.get_by_role("link").click()
    page.locator("#detail").get_by_text("1 of 2").wait_for()
    alter_sessions(stack, FIX)
    group.get_by_role("checkbox").check()
    page.get_by_role("button", name="Replay 2").click()
    page.get_by_text("Replayed: 2 stored.").wait_for()
    assert not group.count()
    assert [row_of(stack, session)["content_title"] for session in sessions] == [UNSTORABLE] * 2
    assert "nothing lost" in page.inner_text(".identity-sum")
