"""`make screenshots`: every screen and state, both sizes, both themes, into screenshots/ (which git ignores).
`make screenshots SCREENS="live session"` takes only those.

The sessions come from a seeded crowd and the stories of the tests, so that two runs show the same people watching
the same titles; the clock on the wall is the only thing that differs.
"""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, WebSocketRoute, sync_playwright

from tests.journeys.conftest import ARGUMENTS, CHROMIUM
from tests.journeys.furnish import furnish, stand_ins, wait_for_dead_letters
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
    """The line of a live page breaks and nothing can be reached. Going offline alone leaves an open websocket open."""
    sockets: list[WebSocketRoute] = []

    def through(socket: WebSocketRoute) -> None:
        socket.connect_to_server()
        sockets.append(socket)

    page.route_web_socket(re.compile("/ws/"), through)
    page.reload()
    page.locator("#connection[data-connection=live]").wait_for()
    page.context.set_offline(True)
    page.route_web_socket(re.compile("/ws/"), lambda socket: socket.close(code=1013))
    for socket in sockets:
        socket.close(code=1013)
    page.wait_for_timeout(4000)


def cut_off_long(page: Page) -> None:
    """Two minutes go by on the browser's clock."""
    cut_off(page)
    page.evaluate("Date.now = ((now) => () => now() + 131_000)(Date.now)")
    page.wait_for_timeout(2500)


def without_socket(page: Page) -> None:
    """A websocket nobody opens: the board asks instead."""
    page.route_web_socket(re.compile("/ws/live/"), lambda socket: socket.close(code=1013))
    page.reload()
    page.wait_for_timeout(5000)


def hover(selector: str) -> Callable[[Page], None]:
    return lambda page: page.locator(selector).first.hover()


def propose(page: Page) -> None:
    field = page.locator("#viewer-search")
    field.press_sequentially("the")
    page.locator("#viewer-search-proposals [role=option]").first.wait_for()
    field.press("ArrowDown")


def open_viewer(page: Page) -> None:
    page.locator("#results a.result").first.click()
    page.locator("#history").wait_for()


def reveal(page: Page) -> None:
    open_viewer(page)
    if page.locator("#reason").count():
        page.fill("#reason", "SUP-4821")
        page.get_by_role("button", name="Reveal for 5 minutes").click()
        page.locator("#revealed").wait_for()


def choose_group(page: Page) -> None:
    page.locator("input[name=group]").first.check()


def discard(page: Page) -> None:
    choose_group(page)
    page.locator("#discard").click()


def read_bytes(page: Page) -> None:
    page.fill("#sample-reason", "SUP-4821")
    page.get_by_role("button", name="Show the bytes").click()
    page.locator(".payload").wait_for()


def play_again(page: Page) -> None:
    page.locator("summary[aria-label^=More]").click()
    page.get_by_role("button", name="Replay").first.click()
    page.wait_for_url("**/replays/**")


# name: (path, who looks, what they do before the picture is taken)
SCREENS: dict[str, tuple[str, str, Callable[[Page], None] | None]] = {
    "live": ("/live/", "viewer", None),
    "live-formula": ("/live/", "viewer", hover("[data-figure=rebuffer_ratio]")),
    "live-filter": ("/live/", "viewer", click("details.pick:has([name=platform]) summary")),
    "live-filtered": ("/live/?content=tlt-s02e04&sort=newest", "viewer", None),
    "live-typeahead": ("/live/", "support", lambda page: page.locator("#global-search").press_sequentially("the")),
    "live-paused": ("/live/", "viewer", press("Space")),
    "live-no-match": ("/live/?content=tlt-s02e04&stream_type=LiveStream", "viewer", None),
    "live-nobody": ("/live/?workspace=quiet", "admin", None),
    "live-polling": ("/live/?workspace=demo", "viewer", without_socket),
    "live-reconnecting": ("/live/", "viewer", cut_off),
    "live-disconnected": ("/live/", "viewer", cut_off_long),
    "session": ("/sessions/{live}/", "support", None),
    "session-inspector": ("/sessions/{live}/?t=62", "support", None),
    "session-ended-summary": ("/sessions/{ended}/", "support", click("#tab-summary")),
    "session-ads": ("/sessions/{ended}/", "support", click("#tab-ads")),
    "session-keys": ("/sessions/{live}/", "support", press("?")),
    "compare": ("/compare/?a={live}&b={ended}", "support", None),
    "compare-choose": ("/compare/?a={live}", "support", None),
    "replays": ("/sessions/{ended}/", "ops", play_again),
    "title": ("/titles/tlt-s02e04/", "viewer", None),
    "viewers": ("/viewers/", "support", None),
    "viewers-typeahead": ("/viewers/", "support", propose),
    "viewers-found": ("/viewers/?q=6848", "support", None),
    "viewers-none": ("/viewers/?q=99999", "support", None),
    "viewer": ("/viewers/?q=6848", "support", open_viewer),
    "viewer-revealed": ("/viewers/?q=6848", "support", reveal),
    "exports": ("/exports/", "ops", None),
    "exports-blocked": ("/exports/?from=2026-11-30&to=2026-11-01", "ops", None),
    "forwarding": ("/forwarding/", "ops", choose_group),
    "forwarding-discard": ("/forwarding/", "ops", discard),
    "quality": ("/quality/", "ops", None),
    "quality-bytes": ("/quality/", "support", read_bytes),
    "settings": ("/settings/?workspace=demo", "admin", None),
    "first-run": ("/first-run/?workspace=fresh", "admin", None),
    "not-found": ("/sessions/999999999/", "viewer", None),
    "not-allowed": ("/exports/", "viewer", None),
    "sign-in": ("/sign-in/", "nobody", None),
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
    with stand_ins() as addresses:
        stack = Stack(FORWARDING_ALLOWED_URLS=",".join(addresses))
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
    stack.until_ready(180).with_keys()
    people = json.loads(stack.manage("create_demo", "--json"))
    furnish(stack, *addresses)
    ids = fill(stack)
    wait_for_dead_letters(stack)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        cookies = {role: sign_in(browser, stack, people, role) for role in people["users"]} | {"nobody": None}
        for name, (path, role, act) in screens.items():
            for size in SIZES:
                for scheme in SCHEMES:
                    file = FOLDER / f"{name}-{size}-{scheme}.png"
                    take(browser, stack, path.format(**ids), cookies[role], act, size, scheme, file)
                    print(file.relative_to(ROOT))
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
