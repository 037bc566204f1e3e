/**
 * What the parts of the session page may ask of the page. A type of its own: the page imports its parts, and hashed
 * file names cannot go in a circle.
 *
 * @typedef {{
 *   timeline: import("../timeline/media_timeline.js").MediaTimeline,
 *   feed: import("../live/session_feed.js").SessionFeed,
 *   link: import("../live/session_link.js").SessionLink | null,
 *   explain: import("./explain_dialog.js").ExplainDialog,
 *   readonly model: import("../timeline/model.js").TimelineModel,
 *   facts: { is_now: boolean, as_of_ms: number | null, known_at_ms: number | null },
 *   address: string,
 *   pane: string,
 *   readonly selected: import("../timeline/types.js").EventJson | null,
 *   showPane(): void,
 *   copyLink(): void,
 *   step(by: number): void,
 *   stepFinding(by: number): void,
 *   select(event: import("../timeline/types.js").EventJson | null): void,
 * }} Page
 */

export {};
