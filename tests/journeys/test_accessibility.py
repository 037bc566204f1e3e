"""axe-core finds no A or AA violation on any page, in both themes, on both sizes."""

from pathlib import Path

import pytest

from tests.journeys.stories import play, row_of
from tests.journeys.visitor import DESKTOP, PHONE

AXE = (Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js").read_text()
RUN = """async () => {
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
  const { violations } = await axe.run(document, { runOnly: { type: "tag", values: tags } });
  const where = (nodes) => nodes.slice(0, 3).map(({ html }) => html.slice(0, 160)).join(" | ");
  return violations.map(({ id, help, nodes }) => `${id}: ${help} ${where(nodes)}`);
}"""
# path, role who opens it
PAGES = {
    "board": ("/live/", "viewer"),
    "session": ("/sessions/{id}/", "support"),
    "title": ("/titles/tlt-s02e04/", "viewer"),
    "viewers": ("/viewers/", "support"),
    "exports": ("/exports/", "ops"),
    "forwarding": ("/forwarding/", "ops"),
    "quality": ("/quality/", "ops"),
    "first run": ("/first-run/", "admin"),
    "settings": ("/settings/", "admin"),
    "not found": ("/titles/", "viewer"),
}


@pytest.fixture(scope="module")
def session_id(stack):
    return row_of(stack, play(stack))["id"]


def violations(page):
    page.evaluate(AXE)
    return page.evaluate(RUN)


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
    visitor.problems = [problem for problem in visitor.problems if "404" not in problem]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_sign_in_page_has_no_violation(stack, chromium, scheme):
    context = chromium.new_context(viewport=PHONE, color_scheme=scheme)
    page = context.new_page()
    page.goto(f"{stack.url}/sign-in/")
    assert violations(page) == []
    context.close()
