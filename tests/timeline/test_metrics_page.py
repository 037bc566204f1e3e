"""docs/metrics.md and the catalogue in code say the same."""

import re
from pathlib import Path

from sessions_app.timeline.finding_rules import RULES_TOLD
from sessions_app.timeline.metrics import METRICS

PAGE = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text()


def documented():
    section = PAGE.split("## One session")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| (.+?) \| (.+?) \| (.+?) \|$", section, re.MULTILINE)
    return {name: tuple(words) for name, *words in rows}


def test_every_metric_stands_on_its_page_in_the_same_words_and_the_reverse():
    assert documented() == {name: tuple(metric) for name, metric in METRICS.items()}


def test_the_page_says_how_others_count():
    assert "| | here | Mux | Adobe | Conviva | mParticle |" in PAGE


def test_every_finding_rule_has_a_name_of_its_own():
    assert len({rule.__name__ for rule in RULES_TOLD}) == len(RULES_TOLD)
