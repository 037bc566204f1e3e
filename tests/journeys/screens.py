"""Every screen and state worth a picture: where it is, who looks at it, and what they do before it is taken."""

import re
from collections.abc import Callable

from playwright.sync_api import Page

from tests.journeys.long_film import AD_MS, LATE_MS, STALL_MS
from tests.proxy import Proxy

Act = Callable[[Page], None]

# A line that can be cut, to pages whose path begins with {line}.
LINE = Proxy()
NOBODY = ""
AT_STALL, AT_AD, AT_LATE = (f"?t={at_ms / 1000}" for at_ms in (STALL_MS, AD_MS, LATE_MS.start + 5_000))


def press(key: str) -> Act:
    return lambda page: page.keyboard.press(key)


def click(selector: str) -> Act:
    return lambda page: page.locator(selector).first.click()


def hover(selector: str) -> Act:
    return lambda page: page.locator(selector).first.hover()


def cut_line(page: Page) -> None:
    """The line goes and does not come back; what was there stays."""
    page.wait_for_selector("#connection[data-connection=live]")
    LINE.target = 9
    LINE.cut()
    page.wait_for_selector("#connection[data-connection=reconnecting]")


def cut_line_long(page: Page) -> None:
    """Two minutes go by on the browser's clock."""
    cut_line(page)
    page.evaluate("Date.now = ((now) => () => now() + 131_000)(Date.now)")
    page.wait_for_selector("#connection[data-connection=off]")


def zoom(page: Page) -> None:
    for _ in range(3):
        page.keyboard.press("]")


def over_the_ads(page: Page) -> None:
    page.keyboard.press("Escape")
    zoom(page)
    page.locator(".plot").hover(position={"x": page.locator(".plot").bounding_box()["width"] * 0.6, "y": 190})


def inspect(tab: str) -> Act:
    """Open the event in the list and choose a tab of the inspector."""

    def act(page: Page) -> None:
        page.locator("#event-grid .event-rows [aria-selected=true]").first.click()
        page.locator(f"#inspector [data-tab={tab}]").click()
        page.evaluate("window.scrollTo(0, 0)")

    return act


def look_back(page: Page) -> None:
    """The same session as it was at the end of the stall."""
    started_ms = page.evaluate("JSON.parse(document.querySelector('#session-data').textContent).started_at_ms")
    page.goto(page.url.partition("?")[0] + f"?as_of_ms={started_ms + STALL_MS + 9_000}")


def lanes(page: Page) -> None:
    page.evaluate("document.querySelector('#timeline').scrollIntoView()")


def search_for_the(page: Page) -> None:
    """A phone has no search field in its head: there the board stays as it was."""
    field = page.locator("#global-search")
    if field.is_visible():
        field.press_sequentially("the")


def wrong_password(page: Page) -> None:
    page.fill("input[name=username]", "k.moe@northlight.example")
    page.fill("input[name=password]", "no")
    page.get_by_role("button", name="Sign in").click()


def slow_history(page: Page) -> None:
    """The rest of a long session is on its way."""
    page.route("**/events/?after=500*", lambda route: None)
    page.reload()


def without_socket(page: Page) -> None:
    """A websocket nobody opens: the board asks instead."""
    page.route_web_socket(re.compile("/ws/live/"), lambda socket: socket.close(code=1013))
    page.reload()
    page.wait_for_selector("#connection[data-connection=polling]")


def propose(page: Page) -> None:
    field = page.locator("#viewer-search")
    field.press_sequentially("the")
    page.locator("#viewer-search-proposals [role=option]").first.wait_for()
    field.press("ArrowDown")


def open_viewer(page: Page) -> None:
    page.locator("#results a.result").first.click()
    page.locator("#history").wait_for()


def choose_days(page: Page) -> None:
    open_viewer(page)
    page.locator(".days summary").click()


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


# name: (path, who looks, what they do). {live}, {ended} … are sessions; {live} is told anew for each picture.
SCREENS: dict[str, tuple[str, str, Act | None]] = {
    "live": ("/live/", "viewer", None),
    "live-formula": ("/live/", "viewer", hover("[data-figure=rebuffer_ratio]")),
    "live-filter": ("/live/", "viewer", click("details.pick:has([name=platform]) summary")),
    "live-filtered": ("/live/?content=tlt-s02e04&sort=newest", "viewer", None),
    "live-typeahead": ("/live/", "support", search_for_the),
    "live-paused": ("/live/", "viewer", press("Space")),
    "live-no-match": ("/live/?content=tlt-s02e04&stream_type=LiveStream", "viewer", None),
    "live-nobody": ("/live/?workspace=quiet", "admin", None),
    "live-polling": ("/live/?workspace=demo", "viewer", without_socket),
    "live-reconnecting": ("{line}/live/", "viewer", cut_line),
    "live-disconnected": ("{line}/live/", "viewer", cut_line_long),
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
    "compare": ("/compare/?a={live}&b={ended}", "support", None),
    "compare-choose": ("/compare/?a={live}", "support", None),
    "replays": ("/sessions/{ended}/", "ops", play_again),
    "title": ("/titles/tlt-s02e04/", "viewer", None),
    "viewers": ("/viewers/", "support", None),
    "viewers-typeahead": ("/viewers/", "support", propose),
    "viewers-found": ("/viewers/?q=6848", "support", None),
    "viewers-none": ("/viewers/?q=99999", "support", None),
    "viewer": ("/viewers/?q=6848", "support", open_viewer),
    "viewer-days": ("/viewers/?q=6848", "support", choose_days),
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
    "sign-in": ("/sign-in/", NOBODY, None),
    "sign-in-wrong": ("/sign-in/", NOBODY, wrong_password),
}
