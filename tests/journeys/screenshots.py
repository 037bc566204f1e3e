"""`make screenshots`: every screen and state, both sizes, both themes, into screenshots/ (which git ignores).
`make screenshots SCREENS="live session"` takes only those.

The sessions come from a seeded crowd and from stories told as if each event had arrived when it happened, so that
two runs show the same people watching the same titles; the clock on the wall is the only thing that differs. A live
session is told anew for each picture: it is always at the same moment of its evening.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from tests.journeys.conftest import ARGUMENTS, CHROMIUM
from tests.journeys.long_film import AD_MS, LATE_MS, STALL_MS, long_film, many_events, only_started, usual_starts
from tests.journeys.stories import row_of
from tests.journeys.visitor import DESKTOP, PHONE
from tests.proxy import Proxy
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


def cut_line(page: Page) -> None:
    """The line goes and does not come back; what was there stays."""
    page.wait_for_selector("#connection[data-connection=live]")
    CUTTABLE.target = 9
    CUTTABLE.cut()
    page.wait_for_selector("#connection[data-connection=reconnecting]")


def zoom(page: Page) -> None:
    for _ in range(3):
        page.keyboard.press("]")


def over_the_ads(page: Page) -> None:
    page.keyboard.press("Escape")
    zoom(page)
    page.locator(".plot").hover(position={"x": page.locator(".plot").bounding_box()["width"] * 0.6, "y": 190})


def inspect(tab: str) -> Callable[[Page], None]:
    """Open the event in the list and choose a tab of the inspector."""

    def act(page: Page) -> None:
        page.locator("#event-grid .event-rows [aria-selected=true]").first.click()
        page.locator(f"#inspector [data-tab={tab}]").click()

    return act


def look_back(page: Page) -> None:
    """The same session as it was at the end of the stall."""
    started_ms = page.evaluate("JSON.parse(document.querySelector('#session-data').textContent).started_at_ms")
    page.goto(page.url.partition("?")[0] + f"?as_of_ms={started_ms + STALL_MS + 9_000}")


def lanes(page: Page) -> None:
    page.evaluate("document.querySelector('#timeline').scrollIntoView()")


def wrong_password(page: Page) -> None:
    page.fill("input[name=username]", "k.moe@northlight.example")
    page.fill("input[name=password]", "no")
    page.get_by_role("button", name="Sign in").click()


def slow_history(page: Page) -> None:
    """The rest of a long session is on its way."""
    page.route("**/events/?after=500*", lambda route: None)
    page.reload()


CUTTABLE = Proxy()
NOBODY = ""
AT_STALL, AT_AD, AT_LATE = (f"?t={at_ms / 1000}" for at_ms in (STALL_MS, AD_MS, LATE_MS.start + 5_000))

# name: (path, who looks, what they do before the picture is taken). {live} is told anew for each picture, {line} leads
# through a line that can be cut.
SCREENS: dict[str, tuple[str, str, Callable[[Page], None] | None]] = {
    "live": ("/live/", "viewer", None),
    "live-paused": ("/live/", "viewer", press("Space")),
    "live-no-match": ("/live/?state=ended&content_id=nothing", "viewer", None),
    "live-reconnecting": ("/live/", "viewer", cut_off),
    "session": ("/sessions/{live}/", "support", None),
    "session-inspector": ("/sessions/{live}/" + AT_STALL, "support", inspect("attributes")),
    "session-buffering-zoom": ("/sessions/{live}/" + AT_STALL, "support", zoom),
    "session-crosshair-ads": ("/sessions/{live}/" + AT_AD, "support", over_the_ads),
    "session-json": ("/sessions/{live}/" + AT_STALL, "support", inspect("raw")),
    "session-forwarding-late": ("/sessions/{live}/" + AT_LATE, "support", inspect("forwarding")),
    "session-lanes": ("/sessions/{live}/", "support", lanes),
    "session-reconnecting": ("{line}/sessions/{live}/", "support", cut_line),
    "session-loading": ("/sessions/{many}/", "support", slow_history),
    "session-many-events": ("/sessions/{many}/", "support", None),
    "session-empty": ("/sessions/{started}/", "support", None),
    "session-ended": ("/sessions/{ended}/", "support", None),
    "session-ended-summary": ("/sessions/{ended}/", "support", click("#tab-summary")),
    "session-playback": ("/sessions/{ended}/", "support", click("#tab-playback")),
    "session-ads": ("/sessions/{ended}/", "support", click("#tab-ads")),
    "session-segments": ("/sessions/{ended}/", "support", click("#tab-segments")),
    "session-quality": ("/sessions/{ended}/", "support", click("#tab-quality")),
    "session-explain": ("/sessions/{ended}/", "support", click("[data-metric=startup_time_ms]")),
    "session-look-back": ("/sessions/{ended}/", "support", look_back),
    "session-more": ("/sessions/{live}/", "ops", click("summary[aria-label=More]")),
    "session-keys": ("/sessions/{live}/", "support", press("?")),
    "sign-in": ("/sign-in/", NOBODY, None),
    "sign-in-wrong": ("/sign-in/", NOBODY, wrong_password),
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
    stack = Stack(origins=(CUTTABLE.url,)).until_ready(300).with_keys()
    try:
        people = json.loads(stack.manage("create_demo", "--json"))
        if any(not name.startswith(("session", "sign-in")) for name in screens):
            gather_crowd(stack)
        ids = fill(stack)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            cookies = {role: sign_in(browser, stack, people, role) for role in people["users"]} | {NOBODY: None}
            for name, (path, role, act) in screens.items():
                for size in SIZES:
                    for scheme in SCHEMES:
                        file = FOLDER / f"{name}-{size}-{scheme}.png"
                        if "{live}" in path:
                            ids["live"] = tell_session(stack, *long_film())
                        CUTTABLE.target = stack.port
                        here = path.format(line=CUTTABLE.url, **ids)
                        take(browser, stack, here, cookies[role], act, size, scheme, file)
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
