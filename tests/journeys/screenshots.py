"""`make screenshots`: every screen and state, both sizes, both themes, into screenshots/ (which git ignores).
`make screenshots SCREENS="live session"` takes only those.

The sessions come from a seeded crowd and from stories told as if each event had arrived when it happened, so that
two runs show the same people watching the same titles; the clock on the wall is the only thing that differs. A live
session is told anew for each picture: it is always at the same moment of its evening.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from tests.journeys.conftest import ARGUMENTS, CHROMIUM
from tests.journeys.furnish import furnish, stand_ins, wait_for_dead_letters
from tests.journeys.long_film import long_film, many_events, only_started, usual_starts
from tests.journeys.screens import LINE, NOBODY, SCREENS
from tests.journeys.stories import row_of
from tests.journeys.visitor import DESKTOP, PHONE
from tests.stack import ROOT, Stack, wait_until

FOLDER = ROOT / "screenshots"
README_PICTURES = ROOT / "docs" / "images"
SIZES = {"1440": DESKTOP, "390": PHONE}
SCHEMES = ("light", "dark")
LIVELY_SESSIONS = 60


def gather_crowd(stack: Stack) -> None:
    """A lively board."""
    crowd = ["simulate", "--workspace", "demo", "--sessions", str(LIVELY_SESSIONS), "--rate", "40"]
    stack.crowd = subprocess.Popen(
        [sys.executable, "manage.py", *crowd, "--history", "3", "--seed", "screenshots"],
        cwd=ROOT, env=stack.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    wait_until(
        lambda: len(stack.get_json("/api/v1/sessions/?live=true&page_size=200")["results"]) >= LIVELY_SESSIONS // 2,
        180, "the board is lively",
    )  # fmt: skip


def fill(stack: Stack) -> dict[str, str]:
    """The sessions the pictures are about, and what is usual beside them; returns their ids."""
    usual = usual_starts()
    tell(stack, usual)
    wait_until(lambda: usual_count(stack) >= len(usual), 180, "the usual is settled")
    tellings = {"live": long_film(), "ended": long_film(ended=True), "started": only_started(), "many": many_events()}
    return {name: tell_session(stack, *told) for name, told in tellings.items()}


def usual_count(stack: Stack) -> int:
    return stack.get_json("/api/v1/rollups/?step=day&platform=roku")["totals"]["sums"].get("startups", 0)


def tell_session(stack: Stack, session: str, told: Any) -> str:
    """Put a story into the stack as if it had just happened; returns the session's id."""
    tell(stack, told)
    return row_of(stack, session)["id"]


def tell(stack: Stack, told: Any) -> None:
    asked = json.dumps([stack.key, told])
    command = [sys.executable, "-m", "tests.journeys.told"]
    subprocess.run(command, cwd=ROOT, env=stack.environment, input=asked, text=True, check=True, capture_output=True)


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
    is_phone = size == "390"
    context = browser.new_context(
        viewport=SIZES[size],
        color_scheme=scheme,
        storage_state=cookies,
        has_touch=is_phone,
        is_mobile=is_phone,
    )
    page = context.new_page()
    page.goto(path if path.startswith("http") else stack.url + path)
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
    with stand_ins() as addresses:
        stack = Stack(origins=(LINE.url,), FORWARDING_ALLOWED_URLS=",".join(addresses))
        try:
            take_all(screens, stack, addresses)
        finally:
            if hasattr(stack, "crowd"):
                stack.crowd.terminate()
                stack.crowd.wait()
            stack.throw_away()
    for picture, name in (("session", "session-inspector-1440-light"), ("live", "live-1440-light")):
        if (taken := FOLDER / f"{name}.png").exists():
            (README_PICTURES / f"{picture}.png").write_bytes(taken.read_bytes())


def take_all(screens: dict[str, Any], stack: Stack, addresses: tuple[str, str]) -> None:
    stack.until_ready(300).with_keys()
    people = json.loads(stack.manage("create_demo", "--json"))
    ids = prepare(stack, addresses, is_crowded=any(not name.startswith(("session", "sign-in")) for name in screens))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        cookies = {role: sign_in(browser, stack, people, role) for role in people["users"]} | {NOBODY: None}
        failed = []
        # Sessions told for a picture come after the pages that would list them.
        for name, (path, role, act) in sorted(screens.items(), key=lambda screen: "{live}" in screen[1][0]):
            for size in SIZES:
                for scheme in SCHEMES:
                    file = FOLDER / f"{name}-{size}-{scheme}.png"
                    if "{live}" in path:
                        ids["live"] = tell_session(stack, *long_film())
                    LINE.target = stack.port
                    try:
                        take(browser, stack, path.format(line=LINE.url, **ids), cookies[role], act, size, scheme, file)
                        print(file.relative_to(ROOT), flush=True)
                    except PlaywrightError as error:
                        failed.append(file.name)
                        print(f"{file.name}: {error}", flush=True)
        browser.close()
    if failed:
        raise SystemExit(f"Not taken: {', '.join(failed)}")


def prepare(stack: Stack, addresses: tuple[str, str], is_crowded: bool) -> dict[str, str]:
    """Everything that is looked at; a single session's pictures need no crowd. Returns the ids of sessions."""
    if is_crowded:
        furnish(stack, *addresses)
        gather_crowd(stack)
    ids = fill(stack)
    if is_crowded:
        wait_for_dead_letters(stack)
    return ids


if __name__ == "__main__":
    main(sys.argv[1:])
