"""`make screenshots`: every screen and state, both sizes, both themes, into screenshots/ (which git ignores).
`make screenshots SCREENS="live session"` takes only those.

The sessions come from a seeded crowd and the stories of the tests, so that two runs show the same people watching
the same titles; the clock on the wall is the only thing that differs.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from tests.journeys.conftest import ARGUMENTS, CHROMIUM
from tests.journeys.stories import ENDED_FILM, STALLED_FILM, play, row_of
from tests.journeys.visitor import DESKTOP, PHONE
from tests.stack import ROOT, Stack, wait_until

FOLDER = ROOT / "screenshots"
README_PICTURES = ROOT / "docs" / "images"
SIZES = {"1440": DESKTOP, "390": PHONE}
SCHEMES = ("light", "dark")
LIVELY_SESSIONS = 60


def press(key: str) -> Callable[[Page], None]:
    return lambda page: page.keyboard.press(key)


def click(selector: str) -> Callable[[Page], None]:
    return lambda page: page.locator(selector).first.click()


def cut_off(page: Page) -> None:
    page.context.set_offline(True)
    page.wait_for_timeout(4000)


# name: (path, who looks, what they do before the picture is taken)
SCREENS: dict[str, tuple[str, str, Callable[[Page], None] | None]] = {
    "live": ("/live/", "viewer", None),
    "live-paused": ("/live/", "viewer", press("Space")),
    "live-no-match": ("/live/?state=ended&content_id=nothing", "viewer", None),
    "live-reconnecting": ("/live/", "viewer", cut_off),
    "session": ("/sessions/{live}/", "support", None),
    "session-inspector": ("/sessions/{live}/?t=62", "support", None),
    "session-ended-summary": ("/sessions/{ended}/", "support", click("#tab-summary")),
    "session-ads": ("/sessions/{ended}/", "support", click("#tab-ads")),
    "session-keys": ("/sessions/{live}/", "support", press("?")),
    "compare": ("/compare/?a={live}&b={ended}", "support", None),
    "title": ("/titles/tlt-s02e04/", "viewer", None),
    "viewers": ("/viewers/", "support", None),
    "exports": ("/exports/", "ops", None),
    "forwarding": ("/forwarding/", "ops", None),
    "quality": ("/quality/", "ops", None),
    "settings": ("/settings/", "admin", None),
    "first-run": ("/first-run/", "admin", None),
    "not-found": ("/sessions/999999999/", "viewer", None),
}


def fill(stack: Stack) -> dict[str, str]:
    """A lively board and the two sessions the pictures are about; returns their ids."""
    crowd = ["simulate", "--workspace", "demo", "--sessions", str(LIVELY_SESSIONS), "--rate", "40"]
    stack.crowd = subprocess.Popen(
        [sys.executable, "manage.py", *crowd, "--history", "3", "--seed", "screenshots"],
        cwd=ROOT, env=stack.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    live = row_of(stack, play(stack, STALLED_FILM))["id"]
    ended = row_of(stack, play(stack, ENDED_FILM, began_ago_s=700))["id"]
    wait_until(
        lambda: len(stack.get_json("/api/v1/sessions/?live=true&page_size=200")["results"]) >= LIVELY_SESSIONS // 2,
        180, "the board is lively",
    )  # fmt: skip
    return {"live": live, "ended": ended}


def sign_in(browser: Browser, stack: Stack, people: dict[str, Any], role: str) -> Any:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{stack.url}/sign-in/")
    page.fill("input[name=username]", people["users"][role])
    page.fill("input[name=password]", people["password"])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)
    state = context.storage_state()
    context.close()
    return state


def take(browser: Browser, stack: Stack, path: str, cookies: Any, act: Any, size: str, scheme: Any, file: Path) -> None:
    context = browser.new_context(viewport=SIZES[size], color_scheme=scheme, storage_state=cookies)
    page = context.new_page()
    page.goto(stack.url + path)
    page.wait_for_timeout(1500)
    if act:
        act(page)
        page.wait_for_timeout(700)
    page.screenshot(path=str(file))
    context.close()


def main(wanted: list[str]) -> None:
    """Take the screens named, or all of them."""
    screens = {name: SCREENS[name] for name in wanted or SCREENS}
    if CHROMIUM is None:
        raise SystemExit("No Chromium on this machine: apt-get install chromium")
    FOLDER.mkdir(exist_ok=True)
    README_PICTURES.mkdir(exist_ok=True)
    stack = Stack().until_ready().with_keys()
    try:
        people = json.loads(stack.manage("create_demo", "--json"))
        ids = fill(stack)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            cookies = {role: sign_in(browser, stack, people, role) for role in people["users"]}
            for name, (path, role, act) in screens.items():
                for size in SIZES:
                    for scheme in SCHEMES:
                        file = FOLDER / f"{name}-{size}-{scheme}.png"
                        take(browser, stack, path.format(**ids), cookies[role], act, size, scheme, file)
                        print(file.relative_to(ROOT))
            browser.close()
        for picture, name in (("session", "session-inspector-1440-light"), ("live", "live-1440-light")):
            if (taken := FOLDER / f"{name}.png").exists():
                (README_PICTURES / f"{picture}.png").write_bytes(taken.read_bytes())
    finally:
        if hasattr(stack, "crowd"):
            stack.crowd.terminate()
            stack.crowd.wait()
        stack.throw_away()


if __name__ == "__main__":
    main(sys.argv[1:])
