"""Forwarding and data quality: what stands, what failed, what can be done about it and by whom."""

import datetime as dt
import html
import json

import pytest

from sessions_app.models import AuditEntry, Delivery, Input, Quarantined
from sessions_app.web.dead_letters import reason_words
from sessions_app.web.quality_numbers import waiting
from tests.cast import signed_in
from tests.web.made import counted, dead_letter, destination, now, playing, quarantined, queries, stored_event


@pytest.fixture
def feed(cast):
    return destination(cast.northlight)


def group_key(answer):
    return answer.text.split('name="group" value="')[1].split('"')[0]


def test_dead_letters_stand_in_groups_with_their_reason(cast, feed):
    for lane in range(3):
        dead_letter(feed, "ad_skipped must be a string", lane=lane)
    dead_letter(feed, "timeout after 10 s", status=None, lane=9)
    answer = signed_in(cast.vera).get("/forwarding/")
    assert answer.text.count('data-key="') == 2
    assert "will fail again" in signed_in(cast.vera).get("/forwarding/", {"group": data_key(answer)}).text


def test_a_reason_is_said_in_words(cast, feed):
    dead_letter(feed, 'answered 400: {"errors": [{"code": "BAD_REQUEST", "message": "ad_skipped must be a string"}]}')
    page = signed_in(cast.olga).get("/forwarding/").text
    assert "400: ad_skipped must be a string" in page
    assert "Refused with 400: ad_skipped must be a string." in page
    assert "BAD_REQUEST" not in page.split("<pre")[0]


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("answered 503: Service Unavailable", "Service Unavailable"),
        ("answered 500", ""),
        ('answered 400: {"errors": [{"message": "cut sh', "cut sh"),
        ("timeout after 10 s", "timeout after 10 s"),
        ("", ""),
    ],
)
def test_what_a_destination_said_is_all_that_is_left_of_a_reason(reason, words):
    assert reason_words(reason) == words


def letter_of(*names):
    """A batch with such events, as it was sent."""
    return json.dumps({"events": [{"data": {"event_name": name}} for name in names]}).encode()


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (letter_of("Ad Skip"), "Ad Skip"),
        (b"[" + letter_of("Ad Skip") + b"]", "Ad Skip"),
        (letter_of("Play", "Pause", "Play"), "Play and 1 more kind"),
        (letter_of("Play", "Pause", "Seek Start", "Seek End"), "Play and 3 more kinds"),
        (letter_of(*["Play"] * 2_000), "Batch"),
        (b"{", "Batch"),
        (None, "Batch"),
    ],
)
def test_a_group_says_what_its_letters_are_about(cast, feed, body, words):
    dead_letter(feed, "timeout", body=body)
    assert f'<td class="strong">{words}</td>' in signed_in(cast.vera).get("/forwarding/").text


def test_every_letter_of_a_group_can_be_looked_at(cast, feed):
    letters = [dead_letter(feed, "refused", lane=lane, body=letter_of(f"Kind {lane}")) for lane in range(3)]
    dead_letter(feed, "another reason", status=500, lane=9)
    browser = signed_in(cast.vera)
    key = data_key(browser.get("/forwarding/"))
    newest = browser.get("/forwarding/", {"group": key}).text
    assert_shows(newest, "1 of 3", "Kind 2 →", "Next letter")
    assert "Previous letter" not in newest
    middle = browser.get(href(newest, "Next letter")).text
    assert_shows(middle, "2 of 3", "Kind 1 →", "Previous letter")
    oldest = browser.get(href(middle, "Next letter")).text
    assert_shows(oldest, "3 of 3", "Kind 0 →", "Previous letter")
    assert "Next letter" not in oldest
    Delivery.objects.filter(pk=letters[0].pk).update(status="due")
    assert "1 of 2" in browser.get("/forwarding/", {"group": key, "letter": letters[0].pk}).text


def assert_shows(page, *words):
    assert not [word for word in words if word not in page]


def href(page, label):
    """Where the link of this name leads."""
    return html.unescape(page.split(f'" aria-label="{label}"')[0].rpartition('href="')[2]).partition("#")[0]


def test_an_input_shows_its_last_thirty_minutes_and_how_long_events_were_on_their_way(cast):
    for ago, stored in ((0, 99), (1, 7), (30, 4), (31, 99)):
        counted(cast.web, stored=stored, minute=now().replace(second=0, microsecond=0) - dt.timedelta(minutes=ago))
    at_ms = int(now().timestamp() * 1000)
    story = playing(cast.web, "on its way")
    for seq, delay_ms in enumerate((400, 900, 60_000)):
        stored_event(story, seq, at_ms - delay_ms, at_ms)
    page = signed_in(cast.vera).get("/forwarding/").text
    assert f'data-values="4,{"0," * 28}7"' in page
    assert "at least 0, at most 7" in page
    assert '<td class="right">900 ms</td>' in page


def data_key(answer):
    return next(
        part.split('"')[0] for part in answer.text.split('data-key="')[1:] if part.split('"')[0].split(":")[1] == "400"
    )


def test_the_sample_is_marked_and_names_nobody(cast, feed):
    dead_letter(feed, "ad_skipped must be a string", body=b'{"mpid":"77889900","events":[{"ad_skipped":false}]}')
    answer = signed_in(cast.olga).get("/forwarding/")
    assert 'payload-line marked">' in answer.text
    assert "77889900" not in answer.text


def test_a_group_is_retried_as_a_whole_and_recorded(cast, feed):
    for lane in range(3):
        dead_letter(feed, "503", status=503, lane=lane)
    browser = signed_in(cast.olga)
    browser.post("/forwarding/dead-letters/", {"do": "retry", "group": group_key(browser.get("/forwarding/"))})
    assert Delivery.objects.filter(status="due").count() == 3
    assert AuditEntry.objects.get().action == "retry dead letters"


@pytest.mark.parametrize(("typed", "status"), [("6", "dropped"), ("5", "dead"), ("", "dead")])
def test_discarding_asks_for_the_count(cast, feed, typed, status):
    for lane in range(2):
        dead_letter(feed, "400", lane=lane)
    browser = signed_in(cast.olga)
    key = group_key(browser.get("/forwarding/"))
    browser.post("/forwarding/dead-letters/", {"do": "discard", "group": key, "count": typed})
    assert set(Delivery.objects.values_list("status", flat=True)) == {status}


@pytest.mark.parametrize("path", ["/forwarding/dead-letters/", "/quality/quarantine/"])
@pytest.mark.parametrize("who", ["vera", "sam"])
def test_looking_is_not_doing(cast, feed, path, who):
    assert signed_in(getattr(cast, who)).post(path, {"do": "retry"}).status_code == 403


def test_a_destination_is_paused_and_resumed(cast, feed):
    browser = signed_in(cast.olga)
    browser.post(f"/forwarding/{feed.pk}/switch/", {"do": "pause"})
    assert "events wait" in browser.get("/forwarding/").text
    browser.post(f"/forwarding/{feed.pk}/switch/", {"do": "resume"})
    feed.refresh_from_db()
    assert feed.held_reason == ""
    assert signed_in(cast.eve).post(f"/forwarding/{feed.pk}/switch/", {"do": "pause"}).status_code == 404


def test_the_standings_can_be_asked_for_alone(cast, feed):
    answer = signed_in(cast.vera).get("/forwarding/state/").json()
    assert "mParticle US1" in answer["destinations"]
    assert len(answer["charts"][str(feed.pk)]["sent"]) == 60


def test_a_destination_that_takes_nothing_says_since_when_and_what_waits(cast):
    ill = destination(cast.northlight, circuit="open", last_error="answered 503: Service Unavailable")
    failed = dead_letter(ill, "answered 503", status=503)
    state = signed_in(cast.vera).get("/forwarding/state/").json()
    table, chart = state["destinations"], state["charts"][str(ill.pk)]
    assert_shows(table, f"503: Service Unavailable, {failed.finished_at:%H:%M:}")
    assert chart["open_since_ms"] == int(failed.attempt_rows.get().at.timestamp() * 1000)
    assert 'strong text-error">' not in table
    Delivery.objects.filter(pk=failed.pk).update(status="due")
    assert_shows(signed_in(cast.vera).get("/forwarding/state/").json()["destinations"], 'strong text-error">1<')


def test_an_open_circuit_shows_in_the_menu(cast):
    destination(cast.northlight, circuit="open")
    assert '<span class="count bad">' in signed_in(cast.vera).get("/quality/").text


def test_the_accounts_add_up_or_say_that_they_do_not(cast):
    counted(cast.web, received=10, stored=6, duplicate=2, quarantined=1, refused=1)
    browser = signed_in(cast.vera)
    assert "nothing lost" in browser.get("/quality/").text
    cast.web.ingestcount_set.update(received=11)
    assert "1 unaccounted for" in browser.get("/quality/").text


def test_quarantine_shows_the_reason_but_not_the_bytes(cast):
    held = quarantined(cast.web)
    answer = signed_in(cast.sam).get("/quality/")
    assert "The time is not a number." in answer.text
    assert "4711" not in answer.text
    assert "Show the bytes" not in signed_in(cast.vera).get("/quality/").text
    assert signed_in(cast.vera).post(f"/quality/quarantine/{held.pk}/", {"reason": "SUP-1"}).status_code == 404


def test_support_reads_the_bytes_for_a_reason_that_is_kept(cast):
    held = quarantined(cast.web)
    browser = signed_in(cast.sam)
    assert browser.post(f"/quality/quarantine/{held.pk}/", {"reason": " "}).status_code == 422
    assert not AuditEntry.objects.exists()
    assert "4711" in browser.post(f"/quality/quarantine/{held.pk}/", {"reason": "SUP-4821"}).text
    assert AuditEntry.objects.get().reason == "SUP-4821"


def test_every_event_of_a_quarantined_group_can_be_looked_at(cast):
    for number in range(3):
        quarantined(cast.web, raw=b"%d" % number, message=f"Wrong, number {number}.")
    quarantined(cast.web, code="CONFLICT")
    browser = signed_in(cast.sam)
    first = browser.get("/quality/", {"group": Quarantined.objects.filter(code="INVALID_TIMESTAMP").last().pk}).text
    assert_shows(first, "1 of 3", "Wrong, number 2.")
    second = browser.get(href(first, "Next one")).text
    assert_shows(second, "2 of 3", "Wrong, number 1.")
    assert second.count('<tr class="current">') == 1
    held = Quarantined.objects.get(message="Wrong, number 1.")
    read = browser.post(f"/quality/quarantine/{held.pk}/", {"reason": "SUP-4821"}).text
    assert_shows(read, "2 of 3", "Copy payload")
    assert "3 of 3" in browser.get(href(read, "Next one")).text


def test_discarded_input_is_gone_from_the_list(cast):
    held = quarantined(cast.web)
    quarantined(cast.web, raw=b"{}")
    browser = signed_in(cast.olga)
    browser.post("/quality/quarantine/", {"do": "discard", "group": str(held.pk), "count": "2"})
    assert Quarantined.objects.filter(discarded_at=None).count() == 0
    assert "Nothing is in quarantine" in browser.get("/quality/").text


@pytest.mark.django_db(transaction=True)
def test_a_replay_says_how_each_ended(cast):
    at_ms = int(now().timestamp() * 1000)
    data = {"event_name": "Play", "custom_event_type": "media", "timestamp_unixtime_ms": at_ms}
    fixed = json.dumps({"events": [{"event_type": "custom_event", "data": data}]}).encode()
    held = quarantined(cast.web, raw=fixed)
    quarantined(cast.web, raw=b"{}")
    browser = signed_in(cast.olga)
    answer = browser.post("/quality/quarantine/", {"do": "replay", "group": str(held.pk)}, follow=True)
    assert "Replayed: 1 still in quarantine, 1 stored." in answer.text
    Input.objects.filter(pk=cast.web.pk).update(revoked_at=now())
    left = waiting(cast.northlight).first()
    answer = browser.post("/quality/quarantine/", {"do": "replay", "group": str(left.pk)}, follow=True)
    assert "1 not tried, their input is revoked" in answer.text


@pytest.mark.parametrize("path", ["/forwarding/", "/quality/"])
def test_more_rows_cost_no_more_queries(cast, feed, path):
    browser = signed_in(cast.olga)
    dead_letter(feed, "the first", lane=99)
    quarantined(cast.web)
    before = queries(browser, path)
    for lane in range(10):
        dead_letter(destination(cast.northlight, f"feed {lane}"), f"reason {lane}", lane=lane)
        quarantined(cast.web, code=f"CODE_{lane}")
    assert queries(browser, path) == before
