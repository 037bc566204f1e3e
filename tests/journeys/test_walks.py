"""The three people mediadash is for, each on the way they would take."""

import re

from tests.journeys.stories import play, row_of
from tests.journeys.visitor import PHONE, until


def test_a_product_lead_filters_the_board_and_opens_a_live_session(stack, visit):
    session = play(stack)
    play(stack, content_title="Harbour Cup Final", stream_type="LiveStream", content_id="hcf", mpid="77")
    row = row_of(stack, session)
    page = visit("viewer").goes_to("/live/?stream_type=OnDemand&content_id=tlt-s02e04")
    page.wait_for_selector(f"a[href='/sessions/{row['id']}/']")
    assert "Harbour Cup Final" not in page.inner_text("main")
    page.click(f"a[href='/sessions/{row['id']}/']")
    page.wait_for_url(re.compile(rf"/sessions/{row['id']}/"))
    assert page.inner_text("h1") == "Meltwater"


def test_support_finds_the_stall_reads_why_and_hands_on_the_moment(stack, visit):
    row = row_of(stack, play(stack))
    visitor = visit("support", permissions=["clipboard-read", "clipboard-write"])
    page = visitor.goes_to(f"/sessions/{row['id']}/")
    finding = page.locator(".finding", has_text=re.compile("[Bb]uffered"))
    finding.first.wait_for()
    assert "bitrate" in finding.first.inner_text()
    finding.first.click()
    until(page, "document.querySelector('#inspector').innerText.includes('Buffer Start')")
    page.keyboard.press("c")
    until(page, "navigator.clipboard.readText().then((text) => text.includes('?t='))")
    link = page.evaluate("navigator.clipboard.readText()")
    elsewhere = visit("viewer").page
    elsewhere.goto(link)
    until(elsewhere, "document.querySelector('#inspector').innerText.includes('Buffer Start')")


def test_somebody_on_a_phone_follows_a_session_and_opens_an_event(stack, visit):
    row = row_of(stack, play(stack))
    page = visit("support", viewport=PHONE, has_touch=True, is_mobile=True).goes_to(f"/sessions/{row['id']}/")
    page.wait_for_selector("#event-grid .event-rows [role=row]")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.locator("#event-grid .event-rows [role=row]", has_text="Buffer Start").first.tap()
    until(
        page,
        "(() => { const box = document.querySelector('#inspector').getBoundingClientRect();"
        " return box.height > 200 && box.top < window.innerHeight; })()",
    )
    assert "Buffer Start" in page.inner_text("#inspector")
