"""axe-core finds no A or AA violation on any page, in both themes, on both sizes."""

from pathlib import Path

import pytest

from tests.journeys.furnish import quarantine, workspaces
from tests.journeys.stories import play, row_of
from tests.journeys.visitor import DESKTOP, PHONE

AXE = (Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js").read_text()
RUN = """async (within) => {
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
  const { violations } = await axe.run(within ?? document, { runOnly: { type: "tag", values: tags } });
  const where = (nodes) => nodes.slice(0, 3).map(({ html }) => html.slice(0, 160)).join(" | ");
  return violations.map(({ id, help, nodes }) => `${id}: ${help} ${where(nodes)}`);
}"""
# path, role who opens it
PAGES = {
    "board": ("/live/", "viewer"),
    "session": ("/sessions/{id}/", "support"),
    "title": ("/titles/tlt-s02e04/", "viewer"),
    "filtered board": ("/live/?content=tlt-s02e04&stream_type=LiveStream", "viewer"),
    "compare": ("/compare/?a={id}", "viewer"),
    "replays": ("/replays/", "ops"),
    "viewers": ("/viewers/", "support"),
    "exports": ("/exports/", "ops"),
    "forwarding": ("/forwarding/", "ops"),
    "quality": ("/quality/", "ops"),
    "search results": ("/viewers/?q=6848", "support"),
    "first run": ("/first-run/?workspace=fresh", "admin"),
    "settings": ("/settings/?workspace=demo", "admin"),
    "not allowed": ("/exports/", "viewer"),
    "not found": ("/titles/", "viewer"),
}


def press(key):
    return lambda page: page.keyboard.press(key)


def click(selector):
    return lambda page: page.locator(selector).first.click()


def propose(page):
    page.locator("#global-search").press_sequentially("melt")
    page.locator("#global-search-proposals [role=option]").first.wait_for()


def open_viewer(page):
    page.locator("#results a.result").first.click()
    page.locator("#history").wait_for()


def reveal(page):
    open_viewer(page)
    if page.locator("#reason").count():
        page.fill("#reason", "SUP-4821")
        page.get_by_role("button", name="Reveal for 5 minutes").click()
    page.locator("#revealed").wait_for()


def discard(page):
    page.locator("input[name=group]").first.check()
    page.locator("#discard").click()


# What opens over a page, and pages that take a step to reach: path, role, the step.
OPENED = {
    "filter menu": ("/live/", "viewer", click("details.pick summary")),
    "workspace menu": ("/live/", "viewer", click("summary[aria-label^=Workspace]")),
    "account menu": ("/live/", "viewer", click("summary.avatar")),
    "keys": ("/live/", "viewer", press("?")),
    "paused board": ("/live/", "viewer", press("Space")),
    "proposals": ("/live/", "support", propose),
    "viewer": ("/viewers/?q=6848", "support", open_viewer),
    "revealed viewer": ("/viewers/?q=6848", "support", reveal),
    "discarding": ("/quality/", "ops", discard),
}
WIDE_ONLY = {"workspace menu", "proposals"}
# It lies over half of the sort field, which axe then takes for a target too small: only the menu itself is looked at.
COVERS_A_TARGET = {"workspace menu": "details[open]"}


@pytest.fixture(scope="module")
def session_id(stack):
    """A session, something in quarantine, and a workspace nobody has sent to."""
    workspaces(stack)
    quarantine(stack)
    return row_of(stack, play(stack))["id"]


def violations(page, within=None):
    page.evaluate(AXE)
    return page.evaluate(RUN, within)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["1440", "390"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_no_violation(stack, visit, session_id, name, viewport, scheme):
    path, role = PAGES[name]
    visitor = visit(role, viewport=viewport, color_scheme=scheme)
    page = visitor.goes_to(path.format(id=session_id))
    page.wait_for_load_state("load")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "the page scrolls sideways"
    visitor.problems = [problem for problem in visitor.problems if "404" not in problem and "403" not in problem]


@pytest.mark.parametrize(("viewport", "scheme"), [(DESKTOP, "light"), (PHONE, "dark")], ids=["1440", "390"])
@pytest.mark.parametrize("name", OPENED)
def test_what_opens_has_no_violation(stack, visit, session_id, name, viewport, scheme):
    if name in WIDE_ONLY and viewport is PHONE:
        pytest.skip("not on the phone")
    path, role, act = OPENED[name]
    page = visit(role, viewport=viewport, color_scheme=scheme).goes_to(path)
    act(page)
    assert violations(page, COVERS_A_TARGET.get(name)) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "the page scrolls sideways"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_sign_in_page_has_no_violation(stack, chromium, scheme):
    context = chromium.new_context(viewport=PHONE, color_scheme=scheme)
    page = context.new_page()
    page.goto(f"{stack.url}/sign-in/")
    assert violations(page) == []
    context.close()
