"""The session page for everybody: what opens on it, twice the text, forced colours, less motion."""

import pytest

from tests.journeys.axe import SCROLLS_SIDEWAYS, violations
from tests.journeys.stories import ENDED_FILM, play, row_of
from tests.journeys.visitor import DESKTOP, PHONE

# What somebody opens, what must then be there, and the part that is looked at.
STATES = {
    "an event": ("#event-grid .event-row:has-text('Buffer Start')", "#inspector .journey", "#inspector"),
    "its JSON": ("#inspector [data-tab=raw]", "#inspector .code", "#inspector"),
    "its forwarding": ("#inspector [data-tab=forwarding]", "#inspector-body", "#inspector"),
    "playback": ("#tab-playback", "#panel-playback tbody tr", "#tables"),
    "ads": ("#tab-ads", "#panel-ads tbody tr", "#tables"),
    "segments": ("#tab-segments", "#panel-segments tbody tr", "#tables"),
    "quality": ("#tab-quality", "#panel-quality tbody tr", "#tables"),
    "summary": ("#tab-summary", "#summary .numbers", "#tables"),
    "a number": ("[data-metric=rebuffer_ms]", "#explain .formula", "#explain-dialog"),
    "more": ("summary[aria-label=More]", "details[open] .popover", ".session-head"),
}
# So tall that nothing is half under a bar that stays: what is covered counts as too small to hit.
TALL = 4000


@pytest.fixture(scope="module")
def session_id(stack):
    return row_of(stack, play(stack, ENDED_FILM))["id"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["1440", "390"])
def test_what_opens_on_the_session_page_has_no_violation(visit, session_id, viewport, scheme):
    tall = {**viewport, "height": TALL}
    page = visit("ops", viewport=tall, color_scheme=scheme).goes_to(f"/sessions/{session_id}/")
    page.wait_for_selector("#event-grid .event-rows [data-index]")
    found = {}
    for name, (opens, shown, within) in STATES.items():
        page.locator(opens).first.click()
        page.wait_for_selector(shown)
        found[name] = violations(page, within)
        if name not in ("an event", "its JSON"):
            page.keyboard.press("Escape")
    page.keyboard.press("?")
    found["keys"] = violations(page, "#keys-dialog")
    assert {name: problems for name, problems in found.items() if problems} == {}
    assert not page.evaluate(SCROLLS_SIDEWAYS)


def test_twice_the_text_fits_the_session_page(visit, session_id):
    """200 % text on a desktop: as wide as half a window, in the browser's own terms."""
    page = visit("support", viewport={"width": 720, "height": 450}).goes_to(f"/sessions/{session_id}/")
    assert not page.evaluate(SCROLLS_SIDEWAYS)


def test_forced_colours_keep_the_lanes_shapes_and_the_badges_borders(visit, session_id):
    page = visit("support", forced_colors="active").goes_to(f"/sessions/{session_id}/")
    page.wait_for_selector("#event-grid .event-rows [data-index]")
    assert page.eval_on_selector(".plot", "plot => getComputedStyle(plot).forcedColorAdjust") == "none"
    assert page.eval_on_selector("#state-badge", "badge => parseFloat(getComputedStyle(badge).borderTopWidth)") >= 1


def test_nothing_moves_by_itself_for_somebody_who_asked_for_less_motion(visit, session_id):
    page = visit("support", reduced_motion="reduce").goes_to(f"/sessions/{session_id}/")
    moving = "document.getAnimations().filter((one) => one.effect.getTiming().iterations === Infinity).length"
    assert page.evaluate(moving) == 0
