"""Who may import whom inside sessions_app. The table is the documentation; a bent arrow fails here."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent / "sessions_app"

# keys.py holds one function of the standard library alone and is everybody's.
MAY_IMPORT = {
    "timeline": set(),
    "wire": {"timeline"},
    "player": {"wire"},
    "models": {"timeline"},
    "ingest": {"wire", "timeline", "models", "live.publish"},
    "live": {"timeline", "models", "viewers"},
    "summaries": {"timeline", "models"},
    "forwarding": {"wire", "models"},
    "exports": {"models"},
    # What a viewer put into the sums of many sessions goes with them.
    "viewers": {"models", "summaries"},
    "replays": {"player", "timeline", "models", "viewers", "live.masked"},
    "tasks": {
        "summaries",
        "forwarding",
        "exports",
        "replays",
        "viewers",
        "live.publish",
        "ingest.partitions",
        "models",
    },
    "api": {"wire", "timeline", "models", "ingest", "live", "summaries", "forwarding", "exports", "viewers"},
    "web": {
        "timeline",
        "models",
        "ingest",
        "live",
        "summaries",
        "forwarding",
        "exports",
        "viewers",
        "replays",
        "api",
        "templatetags",
    },
    # Words and figures for templates; the pages' views use the same ones.
    "templatetags": {"web", "timeline"},
}
# What runs from the command line puts parts together, as the project's own settings do.
FREE = {"management", "admin", "apps", "migrations", "__init__", "keys"}
PURE = {
    "timeline": set(),
    "wire": {"msgspec"},
}
PURE_MODULES = {"forwarding/retry.py": set()}
STANDARD = {
    "__future__", "base64", "bisect", "collections", "contextlib", "copy", "dataclasses", "datetime", "email", "enum",
    "functools", "gzip", "hashlib", "hmac", "io", "itertools", "json", "math", "operator", "random", "re", "string",
    "types", "typing", "uuid", "zlib",
}  # fmt: skip


def modules():
    return sorted(path for path in ROOT.rglob("*.py"))


def package_of(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[0]


def imports(path):
    """(dotted name) of everything a module imports, wherever it does so, except for type checkers alone."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_allowed(imported, package):
    inside = imported.removeprefix("sessions_app.")
    first = inside.split(".")[0]
    if first in (package, "keys"):
        return True
    return any(inside == may or inside.startswith(may + ".") for may in MAY_IMPORT[package])


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_only_what_its_package_may(path):
    package = package_of(path)
    if package in FREE:
        return
    assert package in MAY_IMPORT, f"{package} is not in the table"
    bent = [name for name in imports(path) if name.startswith("sessions_app.") and not is_allowed(name, package)]
    assert not bent


@pytest.mark.parametrize("package", PURE)
def test_a_pure_package_reaches_nothing_but_the_standard_library(package):
    for path in (ROOT / package).rglob("*.py"):
        outside = {name.split(".")[0] for name in imports(path)} - STANDARD - PURE[package] - {"sessions_app"}
        assert not outside, f"{path.name} imports {outside}"


@pytest.mark.parametrize("name", PURE_MODULES)
def test_a_pure_module_reaches_nothing_but_the_standard_library(name):
    outside = {found.split(".")[0] for found in imports(ROOT / name)} - STANDARD - {"sessions_app"}
    assert not outside
