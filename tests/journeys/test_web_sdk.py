"""mParticle's own Web SDK and Media SDK, unchanged from npm, in a real browser: only their hosts point at us."""

import functools
import http.server
import threading
from pathlib import Path

import pytest

from tests.stack import wait_until

NODE_MODULES = Path(__file__).resolve().parents[2] / "node_modules"
SDK = NODE_MODULES / "@mparticle" / "web-sdk" / "dist" / "mparticle.js"
MEDIA_SDK = NODE_MODULES / "@mparticle" / "web-media-sdk" / "dist" / "mparticle-media.common.js"

# The snippet every customer's page has: configuration first, then the SDK, then the player's calls.
PAGE = """<!doctype html><meta charset="utf-8"><title>A customer's page</title>
<script>
  const host = "{host}";
  window.mParticle = {{ config: {{
    isDevelopmentMode: true, forceHttps: false, requestConfig: false, logLevel: "verbose",
    flags: {{ eventsV3: "100", eventBatchingIntervalMillis: "300" }},
    v1SecureServiceUrl: host + "/webevents/v1/JS/", v2SecureServiceUrl: host + "/webevents/v2/JS/",
    v3SecureServiceUrl: host + "/webevents/v3/JS/", identityUrl: host + "/identity/v1/",
    aliasUrl: host + "/webevents/v1/identity/", configUrl: host + "/tags/JS/v2/",
  }}, ready(run) {{ this.config.rq = this.config.rq || []; this.config.rq.push(run); }} }};
  const module = {{ exports: {{}} }}, exports = module.exports;
</script>
<script src="/mparticle-media.common.js"></script>
<script>window.MediaSession = module.exports.default || module.exports;</script>
<script src="/mparticle.js"></script>
<script>mParticle.init("{key}", window.mParticle.config);</script>
"""

STORY = """async () => {
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));
  const session = new MediaSession(mParticle, "film-7", "Quiet Engines", 600000, "Video", "OnDemand", true, true);
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
  await pause(200);
  session.logAdSkip();
  session.logAdBreakEnd();
  session.logSegmentEnd();
  await pause(200);
  session.logPause({ currentPlayheadPosition: 1000 });
  session.logMediaContentEnd();
  session.logMediaSessionEnd();
  await pause(1200);
  return session.mediaSessionAttributes?.media_session_id ?? session._sessionId ?? session.sessionId ?? null;
}"""


@pytest.fixture
def customers_page(stack, tmp_path):
    """A web server of a customer's own, on another origin than ours."""
    stack.with_keys("web")
    (tmp_path / "mparticle.js").write_bytes(SDK.read_bytes())
    (tmp_path / "mparticle-media.common.js").write_bytes(MEDIA_SDK.read_bytes())
    (tmp_path / "index.html").write_text(PAGE.format(host=stack.url.removeprefix("http://"), key=stack.key))
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=tmp_path)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    handler.func.log_message = lambda *arguments: None
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/index.html"
    server.shutdown()


def sessions_of(stack, content_id):
    return stack.get_json(f"/api/v1/sessions/?content_id={content_id}")["results"]


def test_a_page_with_the_real_sdk_plays_a_session_that_arrives_complete(stack, chromium, customers_page):
    context = chromium.new_context()
    page = context.new_page()
    page.goto(customers_page)
    page.evaluate(STORY)
    row = wait_until(lambda: next(iter(sessions_of(stack, "film-7")), None), 10, "the session is stored")
    wait_until(
        lambda: stack.get_json(f"/api/v1/sessions/{row['id']}/")["ended_reason"] == "session_end",
        10,
        "it has ended",
    )
    timeline = stack.get_json(f"/api/v1/sessions/{row['id']}/timeline/")
    assert [ad["result"] for ad in timeline["ad"]] == ["completed", "skipped"]
    assert [segment["segment_title"] for segment in timeline["segment"]] == ["Cold open"]
    names = [event["name"] for event in stack.get_json(f"/api/v1/sessions/{row['id']}/events/")["events"]]
    assert len(names) == len(set(names)) + names.count("Ad Start") - 1 + names.count("Ad Session Summary") - 1
    summary = stack.get_json(f"/api/v1/sessions/{row['id']}/summary/")
    assert summary["client"]["media_session_ad_total"] == 2
    context.close()
