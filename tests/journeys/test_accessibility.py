"""axe-core finds no A or AA violation on any page or in anything that opens on it, in both themes, on both sizes."""

from pathlib import Path

import pytest

from tests.journeys.stories import ENDED_FILM, play, row_of
from tests.journeys.visitor import DESKTOP, PHONE

AXE = (Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js").read_text()
RUN = """async (within) => {
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
  const { violations } = await axe.run(within, { runOnly: { type: "tag", values: tags } });
  const where = (nodes) => nodes.slice(0, 3).map(({ html }) => html.slice(0, 160)).join(" | ");
  return violations.map(({ id, help, nodes }) => `${id}: ${help} ${where(nodes)}`);
}"""
# path, role who opens it
PAGES = {
    "board": ("/live/", "viewer"),
    "session": ("/sessions/{id}/", "support"),
    "session looked back at": ("/sessions/{id}/?as_of_ms={then}", "support"),
    "title": ("/titles/tlt-s02e04/", "viewer"),
    "compare": ("/compare/?a={id}&b={id}", "support"),
    "replays": ("/replays/", "ops"),
    "viewers": ("/viewers/", "support"),
    "exports": ("/exports/", "ops"),
    "forwarding": ("/forwarding/", "ops"),
    "quality": ("/quality/", "ops"),
    "first run": ("/first-run/", "admin"),
    "settings": ("/settings/", "admin"),
    "not found": ("/titles/", "viewer"),
}


# On the session page: what somebody opens, what must then be there, and the part that is looked at.
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
def row(stack):
    return row_of(stack, play(stack, ENDED_FILM))


@pytest.fixture(scope="module")
def session_id(row):
    return row["id"]


def violations(page, within="html"):
    page.evaluate(AXE)
    return page.evaluate(RUN, within)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["1440", "390"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_no_violation(visit, row, name, viewport, scheme):
    path, role = PAGES[name]
    visitor = visit(role, viewport=viewport, color_scheme=scheme)
    page = visitor.goes_to(path.format(id=row["id"], then=row["started_at_ms"] + 90_000))
    page.wait_for_load_state("load")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "the page scrolls sideways"
    visitor.problems = [problem for problem in visitor.problems if "404" not in problem]


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
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "the page scrolls sideways"


def test_twice_the_text_fits_the_session_page(visit, session_id):
    """200 % text on a desktop: as wide as half a window, in the browser's own terms."""
    page = visit("support", viewport={"width": 720, "height": 450}).goes_to(f"/sessions/{session_id}/")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "the page scrolls sideways"


def test_forced_colours_keep_the_lanes_shapes_and_the_badges_borders(visit, session_id):
    page = visit("support", forced_colors="active").goes_to(f"/sessions/{session_id}/")
    page.wait_for_selector("#event-grid .event-rows [data-index]")
    assert page.eval_on_selector(".plot", "plot => getComputedStyle(plot).forcedColorAdjust") == "none"
    assert page.eval_on_selector("#state-badge", "badge => parseFloat(getComputedStyle(badge).borderTopWidth)") >= 1


def test_nothing_moves_by_itself_for_somebody_who_asked_for_less_motion(visit, session_id):
    page = visit("support", reduced_motion="reduce").goes_to(f"/sessions/{session_id}/")
    moving = "document.getAnimations().filter((one) => one.effect.getTiming().iterations === Infinity).length"
    assert page.evaluate(moving) == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_sign_in_page_has_no_violation(stack, chromium, scheme):
    context = chromium.new_context(viewport=PHONE, color_scheme=scheme)
    page = context.new_page()
    page.goto(f"{stack.url}/sign-in/")
    assert violations(page) == []
    context.close()
