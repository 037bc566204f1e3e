/** What the board says: the same table of examples holds the server to it (tests/web/test_board_words.py). */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import {
  attention, change, deviceIcon, figureWords, lostWords, marks, playheadWords, sorted, titleUnder, waitingWords,
} from "../../static/js/live/board_words.js";
import { platformTitle } from "../../static/js/lib/platforms.js";

const examples = JSON.parse(readFileSync(new URL("../web/board_words.json", import.meta.url), "utf8"));

for (const { health, marks: said } of examples.marks) {
  test(`marks of ${JSON.stringify(health)}`, () => {
    assert.deepEqual(marks(health).map(({ icon, words }) => [icon, words]), said);
  });
}

for (const { row, said } of examples.playheads) {
  test(`playhead of ${JSON.stringify(row)}`, () => assert.deepEqual(playheadWords(row), said));
}

for (const [device, icon] of examples.devices) {
  test(`${device} is drawn as a ${icon}`, () => assert.equal(deviceIcon(device), icon));
}

for (const [platform, title] of examples.platforms) {
  test(`${platform} is spelled ${title}`, () => assert.equal(platformTitle(platform), title));
}

for (const [series, said] of examples.changes) {
  test(`${JSON.stringify(series)} moved ${said}`, () => assert.equal(change(series), said));
}

for (const { row, score } of examples.attention) {
  test(`attention ${score}`, () => assert.equal(attention(row), score));
}

for (const { title, said } of examples.titles) {
  test(`title says ${said}`, () => assert.equal(titleUnder(title).under, said));
}

test("figures say value, unit and the line below", () => {
  const said = figureWords(examples.figures.values);
  for (const [key, words] of Object.entries(examples.figures.said)) {
    assert.deepEqual([said[key].value, said[key].unit, said[key].hint], words, key);
  }
});

test("sorting by title ignores case, and never changes what it was given", () => {
  const rows = [{ content_title: "b", started_at_ms: 2 }, { content_title: "A", started_at_ms: 1 }];
  const given = /** @type {any} */ (rows);
  assert.deepEqual(sorted(given, "title").map(({ content_title }) => content_title), ["A", "b"]);
  assert.equal(rows[0].content_title, "b");
});

test("a board that was cut off says what it shows and for how long", () => {
  assert.equal(lostWords("live", "14:12:40", 0), null);
  assert.deepEqual(lostWords("off", "14:12:40", 131_000), [
    "Disconnected for 2 min.", "The server is not answering. Nothing below has changed since 14:12:40.",
  ]);
  assert.match(lostWords("polling", "14:12:40", 9000)?.[1] ?? "", /2 s old/);
});

test("what waits is said in singular and plural", () => {
  assert.match(waitingWords(0, 1), /^1 change is waiting/);
  assert.match(waitingWords(1, 2), /^1 new session and 2 changes are waiting/);
});
