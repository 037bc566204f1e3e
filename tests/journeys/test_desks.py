"""What people do away from a session: the product lead narrows the board, support reveals an identity, ops export."""

import re

from tests.journeys.stories import ENDED_FILM, play
from tests.journeys.visitor import until
from tests.stack import wait_until

REASON = "SUP-4821 stalls on a Roku"
# Run by `manage.py shell`: the day has ended.
DUE_NOW = """
from sessions_app.models import ExportSchedule
from sessions_app.models.clock import database_now
ExportSchedule.objects.update(next_at=database_now())
"""


def test_a_title_narrows_the_board_leads_to_its_page_and_lets_go(stack, visit):
    title = "Narrowed Down"
    play(stack, content_title=title, content_id=title)
    page = visit("viewer").goes_to("/live/?sort=newest")
    page.locator("#titles a", has_text=title).click()
    page.wait_for_url(re.compile(r"content=Narrowed"))
    chosen = page.locator("#titles a[aria-current=true]")
    assert title in chosen.inner_text()
    until(page, "document.querySelector('#connection')?.dataset.connection === 'live'")
    assert page.locator("#rows .session-row").count() == 1
    page.get_by_role("link", name="Title page").click()
    page.wait_for_url(re.compile(r"/titles/Narrowed"))
    assert "still open" in page.inner_text(".session-rows")
    page.go_back()
    page.locator("#titles a[aria-current=true]").click()
    page.wait_for_url(lambda address: "content=" not in address and "sort=newest" in address)


def test_support_reveals_an_identity_for_a_reason_that_stays_on_the_card(stack, visit):
    play(stack, mpid="-8572887793550007777")
    page = visit("support").goes_to("/viewers/?q=7777")
    page.locator("#results a.result").click()
    assert "-8572887793550007777" not in page.inner_text("main")
    page.get_by_role("button", name="Reveal for 5 minutes").click()
    assert not page.locator("#revealed").count(), "revealed without a reason"
    page.fill("#reason", REASON)
    page.keyboard.press("Enter")
    page.locator("#revealed").wait_for()
    assert "-8572887793550007777" in page.inner_text(".identity")
    page.get_by_role("link", name="Hide now").click()
    page.locator("#reason").wait_for()
    assert "-8572887793550007777" not in page.inner_text("main")
    assert REASON in page.inner_text(".identity")


def test_ops_export_a_file_and_fill_the_form_with_it_again(stack, visit):
    play(stack, ENDED_FILM, began_ago_s=700)
    page = visit("ops").goes_to("/exports/")
    page.fill("[name=platform]", "roku")
    page.locator(".choice label", has_text="JSON Lines").click()
    page.fill("[name=name]", "Roku, for the desk")
    page.get_by_role("button", name="Start export").click()
    row = page.locator("#lists tr", has_text="Roku, for the desk")
    wait_until(lambda: page.wait_for_timeout(50) or row.get_by_role("link", name="Download").count(), 60)
    with page.expect_download() as download:
        row.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename.endswith(".jsonl")
    page.get_by_role("link", name="Repeat last").click()
    page.wait_for_url(re.compile("format=jsonl"))
    assert page.input_value("[name=platform]") == "roku"
    assert page.locator("[name=format]:checked").get_attribute("value") == "jsonl"


def test_ops_set_a_schedule_see_its_last_run_pause_it_and_resume_it(stack, visit):
    page = visit("ops").goes_to("/exports/?dataset=qos")
    page.fill("[name=name]", "QoS, for the desk")
    page.select_option("[name=every]", "daily")
    page.get_by_role("button", name="Schedule").click()
    row = page.get_by_role("region", name="Schedules").locator("tr", has_text="QoS, for the desk")
    row.get_by_text("none yet").wait_for()
    stack.manage("shell", "-v0", "-c", DUE_NOW)
    wait_until(lambda: page.reload() and re.search(r"\d+ rows? in ", row.inner_text()), 60)
    row.get_by_role("button", name="Pause").click()
    row.get_by_role("button", name="Resume").wait_for()
    assert "paused" in row.inner_text()
    row.get_by_role("button", name="Resume").click()
    row.get_by_role("button", name="Pause").wait_for()
    assert "paused" not in row.inner_text()
    row.get_by_role("button", name="Remove").click()
    page.get_by_text("The form makes one").wait_for()


def test_the_export_form_has_its_height_before_any_script(stack, visit):
    drawn = visit("ops", java_script_enabled=False).goes_to("/exports/").locator("#export-form").bounding_box()
    page = visit("ops").goes_to("/exports/")
    until(page, "document.querySelector('[data-rows]').textContent !== '–'")
    assert page.locator("#export-form").bounding_box() == drawn
    # Words in place of the figures move nothing either.
    page.fill("[name=to]", "2020-01-01")
    page.get_by_text("must end after it begins").wait_for()
    assert page.locator("#export-form").bounding_box() == drawn


def test_support_look_at_other_days_of_a_viewer_and_in_the_viewers_time(stack, visit):
    play(stack, mpid="-8572887793550005555", device_info={"timezone_offset": 5.5})
    visitor = visit("support")
    page = visitor.goes_to("/viewers/?q=5555")
    page.locator("#results a.result").click()
    started = page.locator(".visit-start time")
    in_utc = started.inner_text()
    page.get_by_role("button", name="Viewer’s time, UTC+5:30").click()
    assert started.inner_text() != in_utc
    assert "UTC+5:30" in page.inner_text(".visits thead")
    page.locator(".days summary").click()
    page.fill("[name=from]", "2026-01-20")
    page.fill("[name=to]", "2026-01-10")
    page.get_by_role("button", name="Show these days").click()
    page.get_by_text("comes after the last").wait_for()
    assert "422" in visitor.problems.pop()
    page.fill("[name=from]", "2026-01-05")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("from=2026-01-05&to=2026-01-10"))
    assert "5 Jan – 10 Jan 2026" in page.inner_text("main")
