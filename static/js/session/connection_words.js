/** What the header and the floating bar say about the connection. Pure. */

import { clock } from "../lib/durations.js";

/** @typedef {import("../lib/connection.js").Connection} Connection */

/** Measured delays are worth showing this long after the last event. */
const FRESH_MS = 15_000;

/**
 * @param {{ live: boolean, last_at_ms: number, behind_ms: number | null, heard_ago_ms: number }} standing
 */
export function caughtUpWords({ live, last_at_ms, behind_ms, heard_ago_ms }) {
  if (!live) return `session ended ${clock(last_at_ms)}`;
  const caught = `caught up to ${clock(last_at_ms)}`;
  if (behind_ms === null || heard_ago_ms > FRESH_MS) return caught;
  return `${caught} · ${(Math.max(0, behind_ms) / 1000).toFixed(1)} s behind`;
}

/**
 * @param {Connection} connection @param {number} tries @param {number} last_at_ms
 * @returns {[headline: string, words: string] | null}
 */
export function barWords(connection, tries, last_at_ms) {
  const upTo = clock(last_at_ms);
  if (connection === "reconnecting") {
    return [`Reconnecting, try ${Math.max(1, tries)}.`, `Showing data up to ${upTo}; what follows is filled in on return.`];
  }
  if (connection === "polling") return ["Asking every two seconds.", "The live connection cannot be had; data may be up to 2 s old."];
  if (connection === "off") return ["Disconnected.", `Nothing below has changed since ${upTo}.`];
  return null;
}

/** Why the server closed for good. @param {number} code */
export function refusedWords(code) {
  if (code === 4401) return ["You are signed out.", "Sign in again to follow this session."];
  if (code === 4404) return ["This session is gone.", "It may have been erased."];
  return ["You may no longer watch this session.", "Ask an administrator of the workspace."];
}
