"""The documents say what the code does: settings, links, and the words the project keeps to itself."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def test_every_setting_stands_in_its_document_and_the_reverse():
    source = (ROOT / "mediadash" / "settings.py").read_text() + (ROOT / "mediadash" / "places.py").read_text()
    read = set(re.findall(r'(?:env_\w+|kept_secret|environ\.get)\(\s*"([A-Z_]+)"', source)) | {"DATABASE_URL"}
    described = set(re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "docs" / "settings.md").read_text(), re.MULTILINE))
    assert read == described


def links(page):
    for target in re.findall(r"\]\(([^)#\s]+)(#[^)]*)?\)", page.read_text()):
        if "://" not in target[0]:
            yield target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_link_leads_to_something_that_is_there(page):
    for target, anchor in links(page):
        file = (page.parent / target).resolve()
        assert file.exists(), f"{target} is not there"
        if lines := re.fullmatch(r"#L(\d+)(?:-L(\d+))?", anchor or ""):
            last = int(lines[2] or lines[1])
            assert last <= len(file.read_text().splitlines()), f"{target}{anchor} is past the end"


def test_no_tracked_file_names_a_place_on_somebodys_machine():
    found = subprocess.run(
        ["git", "grep", "-nIE", r"(/home/|/Users/|/root/)[a-z]", "--", ".", ":!LICENSE", ":!tests/test_docs.py"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert not found.stdout


def named_lines(page):
    """(name, file, line) of links like [`store_group`](../sessions_app/ingest/store.py#L40)."""
    for name, target, line in re.findall(r"\[`([^`]+)`\]\(([^)#\s]+)#L(\d+)[^)]*\)", page.read_text()):
        yield name, (page.parent / target).resolve(), int(line)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_link_to_a_line_finds_there_what_it_names(page):
    for name, file, line in named_lines(page):
        found = file.read_text().splitlines()[line - 1]
        assert name.split("(")[0].split(".")[-1] in found, f"{file.name}#L{line} is {found!r}, not {name}"
