"""axe-core, asked about a page or a part of one."""

from pathlib import Path

AXE = (Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js").read_text()
RUN = """async (within) => {
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
  const { violations } = await axe.run(within ?? document, { runOnly: { type: "tag", values: tags } });
  const where = (nodes) => nodes.slice(0, 3).map(({ html }) => html.slice(0, 160)).join(" | ");
  return violations.map(({ id, help, nodes }) => `${id}: ${help} ${where(nodes)}`);
}"""
SCROLLS_SIDEWAYS = "document.documentElement.scrollWidth > window.innerWidth"


def violations(page, within=None):
    """What breaks WCAG's A and AA rules, in words; within a selector, or on the whole page."""
    page.evaluate(AXE)
    return page.evaluate(RUN, within)
