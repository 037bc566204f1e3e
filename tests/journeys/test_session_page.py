"""What support does with a session's page: reads it, filters it, sets the clock, looks back, takes it away."""

import pytest

from tests.journeys.stories import ENDED_FILM, STALLED_FILM, play, row_of
from tests.journeys.visitor import DESKTOP, PHONE, until
from tests.stack import batch_of, media_event

STALL = "?t=62"
IS_LIVE = "document.querySelector('#connection')?.innerText.includes('Live')"
OPEN = "document.querySelector('#inspector .inspector-head')?.innerText"


SHIFTS = """window.shifted = []; new PerformanceObserver((list) => {
  for (const { value, sources } of list.getEntries()) shifted.push(
    [value, ...sources.map(({ node }) => node?.id || node?.className || node?.nodeName)]);
}).observe({ type: "layout-shift", buffered: true })"""


# --- what the page says ----------------------------------------------------------------------------------------------


def test_every_finding_leads_to_its_moment(watched):
    page = watched()
    page.wait_for_selector(".finding .finding-moment")
    for number in range(page.locator(".finding:enabled").count()):
        page.locator(".finding:enabled").nth(number).click()
        words = page.locator(".finding:enabled .finding-moment").nth(number).inner_text()
        minutes, seconds = words.split(":")
        at_s = int(minutes) * 60 + int(seconds)
        shown = float(page.evaluate("new URL(location.href).searchParams.get('t')"))
        assert abs(shown - at_s) < 5, page.locator(".finding:enabled").nth(number).inner_text()


def test_a_link_to_a_late_moment_opens_the_list_there(watched):
    reports = [(2_500 + number * 400, "Update Playhead Position", {}) for number in range(140)]
    page = watched(story=[*STALLED_FILM, *reports], query="?t=180")
    until(page, f"{OPEN}.includes('Pause')")
    until(page, "document.querySelector('#event-grid [aria-selected=true]') !== null")
    row, grid = (
        page.locator("#event-grid [aria-selected=true]").bounding_box(),
        page.locator("#event-grid").bounding_box(),
    )
    assert grid["y"] <= row["y"]
    assert row["y"] + row["height"] <= grid["y"] + grid["height"]


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_nothing_moves_under_the_reader_while_the_page_comes_alive(watched, viewport):
    page = watched(viewport=viewport, prepared=SHIFTS)
    page.wait_for_selector(".finding .finding-moment")
    until(page, IS_LIVE)
    page.wait_for_load_state("networkidle")
    assert [shift for shift in page.evaluate("shifted") if shift[0] > 0.01] == []


def test_the_header_says_how_far_behind_it_is_by_what_was_measured(stack, visit):
    session = play(stack)
    page = visit("viewer").goes_to(f"/sessions/{row_of(stack, session)['id']}/")
    until(page, IS_LIVE)
    stack.post_events(batch_of(media_event(session, "Play", playhead_position="300000")))
    until(page, r"/\d\.\d s behind/.test(document.querySelector('#connection small').textContent)")


def test_an_event_that_came_while_it_was_watched_has_its_whole_way(stack, visit):
    session = play(stack)
    page = visit("support").goes_to(f"/sessions/{row_of(stack, session)['id']}/")
    until(page, IS_LIVE)
    stack.post_events(batch_of(media_event(session, "Subtitles Changed", language="nb")))
    row = page.locator("#event-grid .event-row", has_text="Subtitles Changed")
    page.locator("#event-grid").evaluate("grid => { grid.scrollTop = grid.scrollHeight; }")
    row.first.click()
    until(page, "document.querySelectorAll('#inspector .journey .leg:not(.unknown)').length >= 3")
    assert "device, received, stored, on screen" in page.get_attribute("#inspector .journey", "aria-label")


def test_a_number_explains_itself_and_leads_to_its_moments(watched):
    page = watched(story=ENDED_FILM)
    page.locator("[data-metric=rebuffer_ms]").first.click()
    moment = page.locator("#explain table .link").first
    moment.wait_for()
    assert "7.9 s" in page.inner_text("#explain")
    moment.click()
    until(page, f"{OPEN}.includes('Buffer Start')")


def test_the_clients_summary_stands_beside_ours(watched):
    page = watched(story=ENDED_FILM)
    page.click("#tab-summary")
    page.wait_for_selector(".comparison")
    row = page.locator(".comparison tr", has_text="media_session_ad_total").first.inner_text()
    assert "2" in row
    assert page.locator(".comparison tr").count() == 11


def test_the_list_is_filtered_by_kind_by_words_and_by_what_is_in_view(watched):
    page = watched()

    def listed():
        return page.eval_on_selector("#event-grid", "grid => Number(grid.getAttribute('aria-rowcount')) - 1")

    every = listed()
    page.click("[data-kind=qos]")
    assert listed() == every - 3
    page.click("[data-kind=qos]")
    page.fill("#event-filter", "HLS-404")
    until(page, "document.querySelector('#event-grid').getAttribute('aria-rowcount') === '2'")
    page.fill("#event-filter", "")
    page.keyboard.press("Tab")
    page.check("#in-view")
    page.click("[data-span='60000']")
    until(page, f"Number(document.querySelector('#event-grid').getAttribute('aria-rowcount')) < {every}")


def test_what_is_in_view_is_listed_also_while_the_view_follows(stack, watched):
    page = watched()
    until(page, IS_LIVE)
    page.click("[data-span='60000']")
    page.check("#in-view")
    assert page.get_attribute("#follow", "aria-pressed") == "true"
    session = page.evaluate("JSON.parse(document.querySelector('#session-data').textContent).media_session_id")
    stack.post_events(batch_of(media_event(session, "Subtitles Changed", language="nb")))
    page.wait_for_selector("#event-grid .event-row:has-text('Subtitles Changed')")


def test_a_step_from_an_event_the_filter_hides_goes_to_the_next_it_shows(watched):
    page = watched(query=STALL)
    until(page, f"{OPEN}.includes('Buffer Start')")
    page.fill("#event-filter", "Update QoS")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    until(page, f"{OPEN}.includes('Update QoS') && {OPEN}.includes('+01:10')")
    page.click("#inspector [aria-label*=Close]")
    page.goto(page.url.split("?")[0] + STALL)
    until(page, f"{OPEN}.includes('Buffer Start')")
    page.fill("#event-filter", "Update QoS")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowLeft")
    until(page, f"{OPEN}.includes('Update QoS') && {OPEN}.includes('+01:00')")


def test_a_long_sessions_late_events_come_to_a_link_and_to_a_look_back(watched):
    """Those that do not come with the page, which brings the first five hundred."""
    reports = [(2_500 + number * 250, "Update Playhead Position", {}) for number in range(700)]
    page = watched(story=[*STALLED_FILM, *reports, (178_000, "Menu Opened", {})], query="?t=178")
    until(page, f"{OPEN}?.includes('Menu Opened')")
    started_ms = page.evaluate("document.querySelector('#lanes').model.start_ms")
    page.goto(f"{page.url.split('?')[0]}?as_of_ms={started_ms + 179_000}&t=178")
    until(page, f"{OPEN}?.includes('Menu Opened')")
    last_ms = page.evaluate("document.querySelector('#lanes').model.events.at(-1).at_ms")
    assert started_ms + 178_000 <= last_ms <= started_ms + 179_000


def test_of_events_of_one_millisecond_a_link_opens_the_one_it_was_made_at(watched):
    together = [(190_000, name, {}) for name in ("Chapter Shown", "Menu Opened", "Menu Closed")]
    page = watched(story=[*STALLED_FILM[:-1], *together])
    page.locator("#event-grid").evaluate("grid => { grid.scrollTop = grid.scrollHeight; }")
    for name in ("Menu Opened", "Chapter Shown", "Menu Closed"):
        page.locator("#event-grid .event-row", has_text=name).click()
        until(page, f"{OPEN}.includes('{name}')")
        page.reload()
        until(page, f"{OPEN}?.includes('{name}')")


# --- time ------------------------------------------------------------------------------------------------------------


def test_times_are_spelt_in_the_zone_somebody_chose_and_stay_so(watched):
    page = watched(query=STALL, timezone_id="Asia/Kolkata")
    utc = page.inner_text("#inspector .inspector-head p")
    assert "UTC" in utc
    page.click("#zone-menu summary")
    page.click("#zone-menu [data-zone=local]")
    until(page, "document.querySelector('#inspector .inspector-head p').innerText.includes('UTC+5:30')")
    assert page.inner_text("#inspector .inspector-head p")[:5] != utc[:5]
    for where in ("#zone-menu summary", ".lane-ruler", "#event-grid .event-head"):
        assert "UTC+5:30" in page.inner_text(where)
    page.reload()
    until(page, "document.querySelector('#range').textContent.length > 0")
    assert "UTC+5:30" in page.inner_text("#zone-menu summary")
    assert not page.locator("#zone-menu [data-zone=device]").is_enabled()


def test_the_zone_of_the_players_device_can_be_chosen_when_it_was_sent(stack, visit):
    session = "zone-of-the-device"
    batch = batch_of(media_event(session, "Play"))
    batch["device_info"] = {"platform": "Roku", "timezone_offset": -5}
    stack.post_events(batch)
    page = visit("viewer").goes_to(f"/sessions/{row_of(stack, session)['id']}/")
    page.wait_for_selector("#event-grid .event-rows [data-index]")
    page.click("#zone-menu summary")
    page.click("#zone-menu [data-zone=device]")
    assert "UTC−5" in page.inner_text(".lane-ruler")


def test_looking_back_is_asked_for_in_the_chosen_zone_and_stands_still(watched):
    page = watched(timezone_id="Asia/Kolkata")
    page.click("#zone-menu summary")
    page.click("#zone-menu [data-zone=local]")
    at_ms = page.evaluate("document.querySelector('#lanes').model.start_ms") + 80_000
    local = page.evaluate(f"new Date({at_ms} + 19_800_000).toISOString().slice(0, 19)")
    page.click("summary[aria-label='Look back']")
    page.fill(".wide-only [name=as_of]", local)
    page.click(".wide-only .look-form .button")
    page.wait_for_selector(".look-note")
    assert f"as_of_ms={at_ms // 1000 * 1000}" in page.url
    assert local[11:19] in page.inner_text(".look-note")
    assert page.locator("#event-grid .event-row", has_text="Playback Error").count() == 0
    assert page.locator("#connection").count() == 0


def test_a_moment_to_look_back_to_stays_that_moment_in_another_zone(watched):
    page = watched(query=STALL, timezone_id="Asia/Kolkata")
    until(page, f"{OPEN}.includes('Buffer Start')")
    field, look = ".wide-only [name=as_of]", "summary[aria-label='Look back']"
    page.click(look)
    utc = page.input_value(field)
    page.click(look)
    page.click("#zone-menu summary")
    page.click("#zone-menu [data-zone=local]")
    page.click(look)
    apart_ms = page.evaluate(f"Date.parse(document.querySelector('{field}').value + 'Z') - Date.parse('{utc}Z')")
    assert apart_ms == 19_800_000


# --- taken away ------------------------------------------------------------------------------------------------------


def test_ops_takes_the_session_away_as_json_and_its_events_as_csv(watched):
    page = watched("ops", story=ENDED_FILM)
    page.click(".session-head .actions details:has(a[href$='session.json']) summary")
    for name in ("session.json", "events.csv", "summary.csv"):
        with page.expect_download() as download:
            page.locator(f".wide-only a[href$='{name}']").click()
        text = download.value.path().read_text()
        assert "Buffer Start" in text or name == "summary.csv"
        assert "vera@example.com" not in text
