import assert from "node:assert/strict";
import { test } from "node:test";

import { TimelineModel } from "../../static/js/timeline/model.js";
import { T0, event, timeline } from "./samples.js";

test("events stand in the order they happened, whatever order they came in", () => {
  const model = new TimelineModel(timeline(), [event(1, 10), event(2, 30)]);
  assert.equal(model.addEvents([event(3, 20)]), true);
  assert.deepEqual(model.events.map(({ seq }) => seq), [1, 3, 2]);
});

test("an event that is here already is not taken in twice", () => {
  const model = new TimelineModel(timeline(), [event(1, 10)]);
  model.addEvents([event(1, 10), event(2, 11)]);
  assert.equal(model.events.length, 2);
});

test("a live picture ends now, an ended one where the session ended", () => {
  assert.equal(new TimelineModel(timeline()).end_ms, T0 + 120_000);
  const over = timeline({ live: false, ended_at_ms: T0 + 110_000 });
  assert.equal(new TimelineModel(over).end_ms, T0 + 110_000);
});

test("the state at a moment says everything the lanes show there", () => {
  const model = new TimelineModel(timeline(), [event(1, 10), event(2, 60)]);
  const moment = model.stateAt(T0 + 50_000);
  assert.equal(moment.band?.state, "ad");
  assert.equal(moment.ad_break?.ad_break_title, "Mid-roll");
  assert.equal(moment.qos?.bitrate_bps, 3_200_000);
  assert.equal(moment.event?.seq, 1);
  assert.equal(moment.next?.seq, 2);
});

test("a click means the state change beside a heartbeat, not the heartbeat", () => {
  const model = new TimelineModel(timeline(), [event(1, 10, { kind: "playhead" }), event(2, 10.2, { kind: "pause" })]);
  assert.equal(model.nearestEvent(T0 + 10_050, 500)?.seq, 2);
});

test("a click on nothing means the event in force", () => {
  const model = new TimelineModel(timeline(), [event(1, 10), event(2, 60)]);
  assert.equal(model.nearestEvent(T0 + 40_000, 500)?.seq, 1);
  assert.equal(model.nearestEvent(T0 + 1000, 500)?.seq, 1);
});
