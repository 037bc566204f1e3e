"""The timeline in somebody's hands: mouse, keys, fingers."""

import re

import pytest

from tests.journeys.stories import ENDED_FILM
from tests.journeys.visitor import PHONE, until

STALL = "?t=62"
IS_LIVE = "document.querySelector('#connection')?.innerText.includes('Live')"
OPEN = "document.querySelector('#inspector .inspector-head')?.innerText"
VIEW = "document.querySelector('#lanes').view"
SPAN = f"{VIEW}.end_ms - {VIEW}.start_ms"


def view(page):
    """The part of the session that is in view, ms."""
    return page.evaluate(f"[{VIEW}.start_ms, {VIEW}.end_ms]")


def span(page):
    return page.evaluate(SPAN)


def plot(page):
    return page.locator(".plot").bounding_box()


def head(page):
    return page.inner_text("#inspector .inspector-head")


# --- mouse -----------------------------------------------------------------------------------------------------------


def test_the_wheel_zooms_at_the_pointer_and_shift_pans(watched):
    page = watched(story=ENDED_FILM)
    box = plot(page)
    whole = span(page)
    page.mouse.move(box["x"] + box["width"] / 4, box["y"] + 60)
    page.mouse.wheel(0, -600)
    until(page, f"{SPAN} < {whole / 2}")
    near = view(page)
    page.keyboard.down("Shift")
    page.mouse.wheel(0, 200)
    page.keyboard.up("Shift")
    until(page, f"{VIEW}.start_ms > {near[0]}")
    assert span(page) == pytest.approx(near[1] - near[0], rel=0.01)
    page.mouse.dblclick(box["x"] + box["width"] / 2, box["y"] + 90)
    until(page, f"{SPAN} > {whole * 0.99}")


def test_dragging_pans_and_a_click_opens_the_nearest_event(watched):
    page = watched(query=STALL)
    page.keyboard.press("Escape")
    before, box = view(page), plot(page)
    page.mouse.move(box["x"] + 300, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 60, steps=4)
    page.mouse.up()
    assert view(page)[0] > before[0]
    assert page.get_attribute("#follow", "aria-pressed") == "false"
    assert "At the crosshair" in head(page)
    start_ms, end_ms = view(page)
    started_ms = page.evaluate("document.querySelector('#lanes').model.start_ms")
    at = box["x"] + (started_ms + 62_000 - start_ms) / (end_ms - start_ms) * box["width"]
    page.mouse.click(at + 3, box["y"] + 330)
    until(page, f"{OPEN}.includes('Buffer Start')")


def test_the_minimap_draws_moves_and_resizes_the_range(watched):
    page = watched(story=ENDED_FILM)
    whole = span(page)

    def drag(from_part, to_part):
        box = page.locator(".minimap canvas").bounding_box()
        page.mouse.move(box["x"] + box["width"] * from_part, box["y"] + 18)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * to_part, box["y"] + 18, steps=4)
        page.mouse.up()
        return view(page)

    page.keyboard.press("]")
    page.keyboard.press("]")
    page.keyboard.press("]")
    start_ms, end_ms = drag(0.05, 0.15)
    assert (end_ms - start_ms) / whole == pytest.approx(0.1, abs=0.02)
    moved = drag(0.1, 0.5)
    assert (moved[0] - start_ms) / whole == pytest.approx(0.4, abs=0.02)
    wider = drag(0.55, 0.75)
    assert wider[0] == pytest.approx(moved[0], abs=whole * 0.01)
    assert (wider[1] - wider[0]) / whole == pytest.approx(0.3, abs=0.03)


def test_a_click_on_the_minimap_by_an_unsteady_hand_draws_no_range(watched):
    page = watched(story=ENDED_FILM)
    page.keyboard.press("]")
    before, box = view(page), page.locator(".minimap canvas").bounding_box()
    page.mouse.move(box["x"] + 8, box["y"] + 18)
    page.mouse.down()
    page.mouse.move(box["x"] + 10, box["y"] + 18)
    page.mouse.up()
    assert view(page) == before


def test_zooming_while_following_keeps_the_present_in_sight(watched):
    page = watched()
    until(page, IS_LIVE)
    box = plot(page)
    page.mouse.move(box["x"] + box["width"] / 4, box["y"] + 60)
    whole = span(page)
    for zoom in (lambda: page.keyboard.press("]"), lambda: page.mouse.wheel(0, -300)):
        zoom()
        until(page, f"{SPAN} < {whole * 0.9}")
        whole = span(page)
        assert page.get_attribute("#follow", "aria-pressed") == "true"
        assert page.evaluate(f"{VIEW}.end_ms >= document.querySelector('#lanes').model.end_ms")


# --- keys ------------------------------------------------------------------------------------------------------------


def test_every_key_of_the_list_does_what_it_says(watched):
    page = watched(permissions=["clipboard-read", "clipboard-write"])
    until(page, IS_LIVE)
    whole = span(page)
    page.keyboard.press("]")
    assert span(page) < whole
    page.keyboard.press("[")
    page.keyboard.press("0")
    assert span(page) == pytest.approx(whole, rel=0.05)
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    last = head(page)
    page.keyboard.press("ArrowRight")
    assert head(page) != last
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    first = head(page)
    page.keyboard.press("n")
    page.keyboard.press("n")
    assert head(page) != first
    here = view(page)[0]
    page.keyboard.press("Shift+ArrowRight")
    assert view(page)[0] > here
    page.keyboard.press("c")
    until(page, "navigator.clipboard.readText().then((text) => text.includes('?t='))")
    page.keyboard.press("f")
    assert page.get_attribute("#follow", "aria-pressed") == "true"
    theme = page.evaluate("document.documentElement.dataset.theme")
    page.keyboard.press("t")
    assert page.evaluate("document.documentElement.dataset.theme") != theme
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "global-search"
    page.keyboard.type("c]0")
    assert page.input_value("#global-search") == "c]0"
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press("?")
    assert page.locator("#keys-dialog").evaluate("dialog => dialog.open")
    page.keyboard.press("]")
    page.keyboard.press("Escape")
    assert not page.locator("#keys-dialog").evaluate("dialog => dialog.open")
    page.keyboard.press("g")
    page.keyboard.press("l")
    page.wait_for_url(re.compile("/live/"))


# --- touch -----------------------------------------------------------------------------------------------------------


def fingers(page):
    """Moves fingers over the page: a kind of touch event, and where each of them is."""
    line = page.context.new_cdp_session(page)

    def touch(kind, *points):
        places = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
        line.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

    return touch


def test_a_finger_pans_two_zoom_and_a_tap_opens_the_sheet_on_its_first_tab(watched):
    page = watched(story=ENDED_FILM, viewport=PHONE, has_touch=True, is_mobile=True)
    page.evaluate("document.querySelector('#timeline').scrollIntoView()")
    box, whole = plot(page), span(page)
    y, touch = box["y"] + 120, fingers(page)
    touch("touchStart", (150, y), (210, y))
    touch("touchMove", (100, y), (290, y))
    touch("touchEnd")
    assert span(page) < whole * 0.6
    near = view(page)
    touch("touchStart", (250, y))
    touch("touchMove", (200, y))
    touch("touchMove", (150, y))
    touch("touchEnd")
    assert view(page)[0] > near[0]
    page.keyboard.press("0")
    for part in (0.2, 0.4, 0.6):
        page.touchscreen.tap(box["x"] + box["width"] * part, box["y"] + 340)
        page.wait_for_selector("#inspector:not([hidden]) .inspector-head")
        sheet = page.locator("#inspector").bounding_box()
        assert sheet["height"] <= PHONE["height"] * 0.73
        assert page.get_attribute("#inspector [data-tab=attributes]", "aria-selected") == "true"
        page.locator("#inspector [aria-label=Close]").tap()
        page.wait_for_selector("#inspector", state="hidden")
