"""Two sessions beside each other in a real browser, and a session played again from the button to the live page."""

import re

import pytest

from tests.journeys.stories import ENDED_FILM, STALLED_FILM, play, row_of
from tests.journeys.test_accessibility import violations
from tests.journeys.visitor import DESKTOP, PHONE, until
from tests.stack import batch_of, media_event

# The same film without the stall, the ads and the seek.
CALM = ("Media Session Start", "Play", "Update QoS", "Segment Start", "Pause", "Media Session End")
CALM_FILM = [moment for moment in ENDED_FILM if moment[1] in CALM and moment[0] not in (60_000, 70_000, 130_400)]

VIEWS = "[...document.querySelectorAll('compared-timeline')].map(({ view }) => view)"
FIRST_FRAMES = """[...document.querySelectorAll('compared-timeline')].map((lanes) => {
  const { start_ms } = lanes.model.timeline.playback.find(({ state }) => state === 'playing');
  return Math.round(((start_ms - lanes.view.start_ms) / (lanes.view.end_ms - lanes.view.start_ms)) * lanes.width);
})"""


@pytest.fixture(scope="module")
def two(stack):
    """A live session with a stall and one, a day before, without."""
    live = play(stack, STALLED_FILM, began_ago_s=240)
    calm = play(stack, CALM_FILM, began_ago_s=86_400, mpid="4711")
    return row_of(stack, live), row_of(stack, calm)


def path_of(two, more=""):
    return f"/compare/?a={two[0]['id']}&b={two[1]['id']}{more}"


def test_a_session_is_compared_with_another_from_its_menu(stack, visit, two):
    one, other = two
    page = visit("support").goes_to(f"/sessions/{one['id']}/")
    page.locator("summary[aria-label=More]").click()
    page.get_by_role("link", name="Compare…").click()
    page.fill("main input[name=q]", other["media_session_id"])
    page.get_by_role("button", name="Find").click()
    page.locator(".offer").first.get_by_role("link").click()
    page.wait_for_url(re.compile(rf"a={one['id']}&b={other['id']}"))
    assert "Buffering" in page.inner_text("#figures")
    assert "B better" in page.inner_text("tr[data-figure=rebuffer_ms]")


def test_both_timelines_share_one_axis_and_move_together(stack, visit, two):
    visitor = visit("viewer")
    page = visitor.goes_to(path_of(two))
    until(page, "document.querySelectorAll('compared-timeline .pin').length > 1")
    frames = page.evaluate(FIRST_FRAMES)
    assert abs(frames[0] - frames[1]) <= 1
    before = page.evaluate(VIEWS)
    page.keyboard.press("]")
    page.keyboard.press("]")
    until(page, f"({VIEWS})[0].end_ms - ({VIEWS})[0].start_ms < {before[0]['end_ms'] - before[0]['start_ms']} * 0.6")
    a, b = page.evaluate(VIEWS)
    assert a["end_ms"] - a["start_ms"] == pytest.approx(b["end_ms"] - b["start_ms"])
    page.locator("#findings-a .finding", has_text=re.compile("[Bb]uffered")).first.click()
    until(page, "document.querySelector('#moment-a').textContent.startsWith('buffering')")
    assert page.inner_text("#moment-b").startswith("playing")
    assert "first frame" in page.inner_text("#place")
    assert visitor.problems == []


def test_by_playhead_the_same_place_of_the_content_lies_under_itself(stack, visit, two):
    page = visit("viewer").goes_to(path_of(two, "&align=playhead"))
    until(page, "document.querySelectorAll('compared-timeline .pin').length > 1")
    page.locator("#findings-a .finding", has_text=re.compile("[Bb]uffered")).first.click()
    until(page, "document.querySelector('#apart').textContent === 'same place in the content'")


def test_another_alignment_needs_no_new_page_and_stands_in_the_address(stack, visit, two):
    page = visit("viewer").goes_to(path_of(two))
    page.evaluate("window.stayed = true")
    page.get_by_role("link", name="Wall clock").click()
    page.wait_for_url(re.compile("align=clock"))
    until(page, f"({VIEWS})[0].start_ms === ({VIEWS})[1].start_ms")
    assert page.evaluate("window.stayed")


def test_a_live_session_keeps_moving_while_it_is_compared(stack, visit, two):
    session = play(stack, began_ago_s=230)
    row = row_of(stack, session)
    page = visit("viewer").goes_to(f"/compare/?a={row['id']}&b={two[1]['id']}")
    page.wait_for_selector("#connection[data-connection=live]")
    before = int(page.inner_text("tr[data-figure=event_count] [data-part=a]"))
    status, body = stack.post_events(batch_of(media_event(session, "Playback Error"), mpid="-8572887793551346848"))
    assert status == 202, body
    until(page, f"document.querySelector('tr[data-figure=event_count] [data-part=a]').textContent == {before + 1}")
    until(page, "document.querySelectorAll('compared-timeline')[0].model.timeline.errors.length === 2")


def test_a_session_is_played_again_and_watched_live(stack, visit, two):
    visitor = visit("support")
    page = visitor.goes_to(f"/sessions/{two[1]['id']}/")
    page.locator("summary[aria-label=More]").click()
    page.select_option("select[name=speed]", "60")
    page.get_by_role("button", name="Replay").click()
    page.wait_for_url(re.compile(r"/replays/\?new="))
    page.locator("#watch-new").click(timeout=20_000)
    page.wait_for_url(re.compile(r"/sessions/\d+/\?workspace=demo-replays"))
    assert page.inner_text("h1") == "Meltwater"
    until(page, "document.querySelector('#state-badge').innerText.startsWith('Ended')", seconds=30)
    assert visitor.problems == []
    done = page.context.new_page()
    done.goto(f"{stack.url}/replays/?workspace=demo")
    until(done, "document.querySelector('#replays tbody tr').innerText.includes('done')", seconds=15)


def test_a_running_replay_is_stopped(stack, visit, two):
    page = visit("ops").goes_to(f"/sessions/{two[1]['id']}/?workspace=demo")
    page.locator("summary[aria-label=More]").click()
    page.select_option("select[name=speed]", "1")
    page.get_by_role("button", name="Replay").click()
    page.wait_for_url(re.compile(r"/replays/\?new="))
    page.get_by_role("button", name=re.compile("Stop")).first.click()
    page.wait_for_url(re.compile(r"/replays/$"))
    assert "stopped" in page.inner_text("#replays tbody tr")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["1440", "390"])
@pytest.mark.parametrize("name", ["compare", "choose", "replays"])
def test_a_page_has_no_violation(stack, visit, two, name, viewport, scheme):
    path = {"compare": path_of(two), "choose": f"/compare/?a={two[0]['id']}&q=Melt", "replays": "/replays/"}[name]
    page = visit("support", viewport=viewport, color_scheme=scheme).goes_to(
        f"{path}{'&' if '?' in path else '?'}workspace=demo",
    )
    page.wait_for_load_state("load")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "the page scrolls sideways"
