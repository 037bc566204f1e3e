"""Static files under hashed names, ES modules' imports included; collected only when one of them changed."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.management import call_command

# Large programs with no path in them: looking for some takes seconds. They keep their own names.
AS_THEY_ARE = ("admin/js/vendor/", "drf_spectacular_sidecar/", "rest_framework/")
# The same library for those who have no modules.
NOT_WANTED = ["uPlot.cjs.js", "uPlot.iife*.js"]
STAMP = "sources.txt"


class ModuleStorage(ManifestStaticFilesStorage):
    """Rewrites `import … from "./x.js";` too: only relative paths that end in a semicolon are seen by Django."""

    support_js_module_import_aggregation = True
    manifest_strict = False

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        ours = {name: found for name, found in paths.items() if not name.startswith(AS_THEY_ARE)}
        yield from super().post_process(ours, dry_run=dry_run, **options)

    def stored_name(self, name: str) -> str:
        """The hashed name; the plain one of what has none, and of all before `collect` ran (tests, checks)."""
        return super().stored_name(name) if self.hash_key(name) in self.hashed_files else name


def collect() -> None:
    """Bring STATIC_ROOT up to date."""
    root = Path(settings.STATIC_ROOT)
    stamp, sources = root / STAMP, fingerprint()
    if stamp.is_file() and stamp.read_text() == sources:
        return
    call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=NOT_WANTED)
    root.mkdir(parents=True, exist_ok=True)
    stamp.write_text(sources)


def fingerprint() -> str:
    """Changes when a source file does: names, sizes and times of all of them; and when the rules in this file do."""
    digest = hashlib.blake2b(Path(__file__).read_bytes(), digest_size=16)
    for finder in get_finders():
        for name, storage in finder.list([]):
            found = Path(storage.path(name)).stat()
            digest.update(f"{name}\0{found.st_size}\0{found.st_mtime_ns}\0".encode())
    return digest.hexdigest()
