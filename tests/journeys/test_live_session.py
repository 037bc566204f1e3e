"""A session's page shows what is posted while it is open, without a hole and without a double, whatever is cut."""

import uuid

from tests.journeys.stories import play, row_of
from tests.journeys.visitor import until
from tests.stack import batch_of, media_event, wait_until

CUTS = 20


def listed(page):
    """Names in the event list, top to bottom: the list only draws what is in sight, so it is read while scrolling."""
    return page.evaluate(
        """async () => {
          const grid = document.querySelector("#event-grid");
          const seen = new Map();
          const frame = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
          const total = () => Number(grid.getAttribute("aria-rowcount")) - 1;
          for (let top = 0; seen.size < total() && top <= grid.scrollHeight; top += 200) {
            grid.scrollTop = top;
            await frame();
            for (const row of grid.querySelectorAll(".event-rows [role=row]")) {
              seen.set(Number(row.getAttribute("aria-rowindex")), row.querySelector(".event-name").innerText.trim());
            }
          }
          return [...seen].sort(([a], [b]) => a - b).map(([, name]) => name);
        }""",
    )


def rows_shown(page):
    return page.eval_on_selector("#event-grid", "grid => Number(grid.getAttribute('aria-rowcount')) - 1")


def test_an_event_posted_while_the_page_is_open_appears_without_a_reload(stack, visit):
    session = play(stack)
    page = visit("viewer").goes_to(f"/sessions/{row_of(stack, session)['id']}/")
    until(page, "document.querySelector('#connection')?.innerText.includes('Live')")
    before = rows_shown(page)
    stack.post_events(batch_of(media_event(session, "Subtitles Changed", language="nb")))
    wait_until(lambda: rows_shown(page) > before, 10, "the new event is there")
    assert listed(page)[-1] == "Subtitles Changed"


def test_posting_the_same_again_changes_nothing_on_the_page(stack, visit):
    session = play(stack)
    page = visit("viewer").goes_to(f"/sessions/{row_of(stack, session)['id']}/")
    until(page, "document.querySelector('#connection')?.innerText.includes('Live')")
    twice = batch_of(media_event(session, "Beat 1"))
    for _ in range(2):
        assert stack.post_events(twice)[0] == 202
    stack.post_events(batch_of(media_event(session, "Beat 2")))
    wait_until(lambda: "Beat 2" in listed(page), 10, "the later event is there")
    assert listed(page).count("Beat 1") == 1


def test_twenty_cuts_during_a_session_leave_no_hole_and_no_double(stack, visit):
    session = f"cut-{uuid.uuid4()}"
    expected = []

    def beat():
        name = f"Beat {len(expected) + 1}"
        expected.append(name)
        assert stack.post_events(batch_of(media_event(session, name)))[0] == 202

    beat()
    visitor = visit("viewer")
    visitor.page.goto(f"{stack.proxy.url}/sessions/{row_of(stack, session)['id']}/")
    page = visitor.page
    until(page, "document.querySelector('#connection')?.innerText.includes('Live')")
    sockets = []

    def note(socket):
        sockets.append(socket)

    page.on("websocket", note)
    for _ in range(CUTS):
        beat()
        opened = len(sockets)
        stack.proxy.cut()
        beat()
        wait_until(lambda opened=opened: (page.wait_for_timeout(50), len(sockets) > opened)[1], 30, "it came back")
        beat()
    wait_until(lambda: (page.wait_for_timeout(50), rows_shown(page) >= len(expected))[1], 30, "everyone is there")
    assert listed(page) == expected
    # The browser itself reports each cut; those are not problems of the page.
    visitor.problems = [problem for problem in visitor.problems if "WebSocket" not in problem and "ERR_" not in problem]
