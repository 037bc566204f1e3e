"""The live board under a reader's eyes: what moves, what waits, and what it says of itself when the line is gone."""

import re
import time

from tests.journeys.stories import FILM, play, row_of
from tests.journeys.visitor import PHONE, until
from tests.stack import batch_of, media_event

STARTED = [(0, "Media Session Start", {}), (500, "Play", {"playhead_position": "0"})]
SHOWN = "[...document.querySelectorAll('#rows .session-row')].map((line) => line.dataset.id)"
WAITING = "[...document.querySelectorAll('[data-show-new]')].find((pill) => !pill.hidden)?.innerText"


def watch(stack, title, **common):
    """A session that just began; its row."""
    session = play(stack, STARTED, began_ago_s=5, content_title=title, content_id=title, **common)
    return session, row_of(stack, session)["id"]


def say(stack, session, name, title, **attributes):
    common = {**FILM, "content_title": title, "content_id": title}
    event = media_event(session, name, at_ms=int(time.time() * 1000), **{**common, **attributes})
    assert stack.post_events(batch_of(event, mpid="-8572887793551346848"))[0] == 202


def badge(row):
    return f"document.querySelector('[data-id=\"{row}\"] .badge')?.innerText.trim()"


def live(page):
    until(page, "document.querySelector('#connection')?.dataset.connection === 'live'")


def test_rows_change_where_they_stand_and_new_ones_wait_to_be_asked_for(stack, visit):
    title = "Nothing moves"
    first, first_row = watch(stack, title)
    _, second_row = watch(stack, title)
    page = visit("viewer").goes_to(f"/live/?content={title}&sort=newest")
    live(page)
    assert page.evaluate(SHOWN) == [second_row, first_row]

    say(stack, first, "Pause", title, playhead_position="4000")
    until(page, f"{badge(first_row)} === 'Paused'")
    _, third_row = watch(stack, title)
    until(page, f"{WAITING} === '1 new'")
    assert page.evaluate(SHOWN) == [second_row, first_row]

    say(stack, first, "Media Session End", title, playhead_position="4000")
    until(page, f"document.querySelector('[data-id=\"{first_row}\"]')?.classList.contains('over')")
    assert page.evaluate(SHOWN) == [second_row, first_row]

    page.keyboard.press(".")
    until(page, f"{SHOWN}.join() === '{third_row},{second_row}'")


def test_a_paused_board_stands_still_and_says_at_which_instant(stack, visit):
    title = "Stands still"
    session, row = watch(stack, title)
    page = visit("viewer").goes_to(f"/live/?content={title}")
    live(page)
    page.keyboard.press("Space")
    until(page, "/Feed paused at \\d\\d:\\d\\d:\\d\\d/.test(document.querySelector('#connection-bar')?.innerText)")
    say(stack, session, "Pause", title, playhead_position="4000")
    until(page, "/1 changes? (is|are) waiting/.test(document.querySelector('#connection-bar')?.innerText)")
    assert page.evaluate(badge(row)) == "Playing"
    page.keyboard.press("Space")
    until(page, f"{badge(row)} === 'Paused'")


def test_without_a_websocket_the_board_asks_every_two_seconds(stack, visit):
    title = "Asked for"
    session, row = watch(stack, title)
    visitor = visit("viewer")
    visitor.page.route_web_socket(re.compile("/ws/live/"), lambda socket: socket.close(code=1013))
    page = visitor.goes_to(f"/live/?content={title}")
    until(page, "document.querySelector('#connection')?.dataset.connection === 'polling'")
    assert "Asking every two seconds" in page.inner_text("#connection-bar")
    say(stack, session, "Pause", title, playhead_position="4000")
    until(page, f"{badge(row)} === 'Paused'")
    say(stack, session, "Media Session End", title, playhead_position="4000")
    until(page, f"document.querySelector('[data-id=\"{row}\"]')?.classList.contains('over')")


def test_a_board_that_is_cut_off_says_what_it_shows_and_comes_back(stack, visit):
    title = "Cut off"
    session, row = watch(stack, title)
    visitor = visit("viewer")
    page = visitor.page
    page.goto(f"{stack.proxy.url}/live/?content={title}")
    live(page)
    visitor.context.set_offline(True)
    stack.proxy.cut()
    bar = "document.querySelector('#connection-bar')"
    until(page, f"/Reconnecting. Showing data up to [0-9:]+. States are as last known/.test({bar}?.innerText)")
    say(stack, session, "Pause", title, playhead_position="4000")
    visitor.context.set_offline(False)
    until(page, f"{badge(row)} === 'Paused' && {bar}?.hidden")
    visitor.problems = [problem for problem in visitor.problems if "ERR_INTERNET_DISCONNECTED" not in problem]


def test_a_figure_tells_its_formula_to_a_mouse_a_key_and_a_thumb(visit, stack):
    watch(stack, "Formulas")
    page = visit("viewer").goes_to("/live/")
    formula = page.locator("[data-figure=rebuffer_ratio] .formula")
    assert not formula.is_visible()
    page.hover("[data-figure=rebuffer_ratio]")
    assert formula.is_visible()
    page.mouse.move(0, 0)
    page.focus("[data-figure=viewers_now]")
    page.keyboard.press("Tab")
    assert page.locator("[data-figure=plays_per_minute] .formula").is_visible()
    phone = visit("viewer", viewport=PHONE, has_touch=True, is_mobile=True).goes_to("/live/")
    phone.tap("[data-figure=viewers_now]")
    shown = phone.locator("[data-figure=viewers_now] .formula")
    assert shown.is_visible()
    box = shown.bounding_box()
    assert phone.evaluate(
        "([x, y]) => document.elementFromPoint(x, y)?.closest('.formula') !== null",
        [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2],
    ), "the formula is covered or cut off"


def test_no_match_names_the_filter_that_excludes_most(stack, visit):
    watch(stack, "Nobody matches", stream_type="OnDemand")
    page = visit("viewer").goes_to("/live/?content=Nobody+matches&stream_type=LiveStream")
    said = "document.querySelector('#no-match').innerText"
    until(page, f"/Without (Content|Stream type), [0-9,]+ would match/.test({said})")


def test_proposals_are_chosen_by_keys_and_people_are_looked_for_on_enter_only(stack, visit):
    _, row = watch(stack, "The Proposed Film")
    page = visit("support").goes_to("/live/")
    page.keyboard.press("/")
    page.keyboard.type("proposed")
    option = page.locator("#global-search-proposals [role=option]")
    option.first.wait_for()
    assert "The Proposed Film" in option.first.inner_text()
    field = page.locator("#global-search")
    assert field.get_attribute("aria-expanded") == "true"
    page.keyboard.press("Escape")
    assert field.get_attribute("aria-expanded") == "false"
    page.keyboard.type(" ")
    option.first.wait_for()
    page.keyboard.press("ArrowDown")
    assert field.get_attribute("aria-activedescendant") == option.first.get_attribute("id")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/titles/"))
    page.fill("#global-search", "6848")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/viewers/.q=6848"))
    assert "mpid" in page.inner_text("#results")
    assert row


def test_a_browser_that_is_offline_says_so_soon_and_draws_nothing_past_what_it_heard(stack, visit):
    title = "Offline"
    watch(stack, title)
    page = visit("viewer").goes_to(f"/live/?content={title}")
    live(page)
    page.context.set_offline(True)
    until(page, "document.querySelector('#connection').dataset.connection === 'reconnecting'", 10)
    caught_up, drawn = page.inner_text("#connection small")[-8:], page.inner_text("#strip-end")
    seconds = [
        sum(int(part) * 60**place for place, part in enumerate(reversed(text.split(":"))))
        for text in (caught_up, drawn)
    ]
    assert abs(seconds[0] - seconds[1]) <= 2, (caught_up, drawn)
    page.context.set_offline(False)
    live(page)


def test_the_order_stays_through_filters_and_back_unticks_what_is_not_asked_for(stack, visit):
    watch(stack, "Order")
    page = visit("viewer").goes_to("/live/")
    page.select_option("#sort", "title")
    page.click(".segmented a:has-text('OnDemand')")
    page.wait_for_url(re.compile(r"stream_type=OnDemand"))
    assert "sort=title" in page.url
    assert page.input_value("#sort") == "title"
    page.goto(page.url.split("?")[0])
    page.click("details.pick:has([name=platform]) summary")
    page.locator("[name=platform]").first.check()
    page.click("details.pick:has([name=platform]) summary")
    page.wait_for_url(re.compile(r"platform="))
    page.go_back()
    page.wait_for_url(lambda url: "platform=" not in url)
    assert page.locator("#filters input:checked").count() == 0
