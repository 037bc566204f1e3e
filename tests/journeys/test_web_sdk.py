"""mParticle's own Web SDK and Media SDK, unchanged from npm, in a real browser: only their hosts point at us."""

import functools
import http.server
import threading
import uuid
from pathlib import Path

import pytest

from tests.journeys.visitor import until
from tests.stack import wait_until

NODE_MODULES = Path(__file__).resolve().parents[2] / "node_modules"
SDK = NODE_MODULES / "@mparticle" / "web-sdk" / "dist" / "mparticle.js"
MEDIA_SDK = NODE_MODULES / "@mparticle" / "web-media-sdk" / "dist" / "mparticle-media.common.js"

# What a customer changes: one address at a time, as our first page says, or their own host name for all of them.
# Plain http has to be allowed; the configuration is asked for by https alone, and the SDK goes on without it.
HOSTS = {
    "addresses": """v3SecureServiceUrl: host + "/v3/JS/", identityUrl: host + "/identity/v1/",
        configUrl: host + "/tags/JS/v2/", forceHttps: false""",
    "a domain": "domain: host, forceHttps: false",
}
# The snippet every customer's page has: configuration first, then the SDK, then the player's calls.
PAGE = """<!doctype html><meta charset="utf-8"><title>A customer's page</title>
<script>
  const host = "{host}";
  window.mParticle = {{ config: {{ {hosts} }},
    ready(run) {{ this.config.rq = this.config.rq || []; this.config.rq.push(run); }} }};
  const module = {{ exports: {{}} }}, exports = module.exports;
</script>
<script src="/mparticle-media.common.js"></script>
<script>window.MediaSession = module.exports.default || module.exports;</script>
<script src="/mparticle.js"></script>
<script>mParticle.init("{key}", window.mParticle.config);</script>
"""

BEGIN = """async (content_id) => {
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));
  const session = new MediaSession(mParticle, content_id, "Quiet Engines", 600000, "Video", "OnDemand", true);
  window.played = session;
  session.logMediaSessionStart();
  session.logPlay({ currentPlayheadPosition: 0 });
  await pause(300);
  session.logSegmentStart({ title: "Cold open", index: 0, duration: 90000 });
  session.logAdBreakStart({ id: "break-1", title: "Mid-roll", duration: 30000 });
  session.logAdStart({ id: "ad-1", title: "Tea", duration: 15000, advertiser: "Leaf", campaign: "Autumn" });
  await pause(300);
  session.logAdEnd();
  session.logAdStart({ id: "ad-2", title: "Boots", duration: 15000, advertiser: "Sole", campaign: "Winter" });
}"""
END = """async () => {
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));
  const session = window.played;
  session.logAdSkip();
  session.logAdBreakEnd();
  session.logSegmentEnd();
  await pause(200);
  session.logPause({ currentPlayheadPosition: 1000 });
  session.logMediaContentEnd();
  session.logMediaSessionEnd();
}"""
# What the page logs and the summaries the SDK adds.
EVENTS = [
    "Media Session Start", "Play", "Segment Start", "Ad Break Start", "Ad Start", "Ad End", "Ad Session Summary",
    "Ad Start", "Ad Skip", "Ad Session Summary", "Ad Break End", "Segment End", "Segment Session Summary", "Pause",
    "Media Content End", "Media Session End", "Media Session Summary",
]  # fmt: skip


@pytest.fixture(params=HOSTS)
def customers_page(request, stack, tmp_path):
    """A web server of a customer's own, on another origin than ours."""
    stack.with_keys("web")
    (tmp_path / "mparticle.js").write_bytes(SDK.read_bytes())
    (tmp_path / "mparticle-media.common.js").write_bytes(MEDIA_SDK.read_bytes())
    host = stack.url.removeprefix("http://")
    (tmp_path / "index.html").write_text(PAGE.format(host=host, key=stack.key, hosts=HOSTS[request.param]))
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=tmp_path)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    handler.func.log_message = lambda *arguments: None
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/index.html"
    server.shutdown()


def sessions_of(stack, content_id):
    return stack.get_json(f"/api/v1/sessions/?content_id={content_id}")["results"]


def test_a_page_with_the_real_sdk_plays_a_session_that_is_seen_live_and_arrives_complete(
    stack, chromium, visit, customers_page
):
    context, content_id = chromium.new_context(), f"film-{uuid.uuid4().hex[:6]}"
    player = context.new_page()
    player.goto(customers_page)
    player.evaluate(BEGIN, content_id)
    row = wait_until(lambda: next(iter(sessions_of(stack, content_id)), None), 20, "the session is stored")
    watching = visit("viewer").goes_to(f"/sessions/{row['id']}/")
    until(watching, "document.querySelector('#connection')?.innerText.includes('Live')")
    player.evaluate(END)
    until(watching, f"document.querySelector('#event-grid').getAttribute('aria-rowcount') === '{len(EVENTS) + 1}'")
    context.close()
    session = f"/api/v1/sessions/{row['id']}"
    events = stack.get_json(f"{session}/events/")["events"]
    assert sorted(event["name"] for event in events) == sorted(EVENTS)
    assert stack.get_json(f"{session}/")["ended_reason"] == "session_end"
    timeline = stack.get_json(f"{session}/timeline/")
    assert [ad["result"] for ad in timeline["ad"]] == ["completed", "skipped"]
    assert [segment["segment_title"] for segment in timeline["segment"]] == ["Cold open"]
    summary = stack.get_json(f"{session}/summary/")
    assert summary["client"]["media_session_ad_total"] == 2
