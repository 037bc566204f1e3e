"""The rules behind "what happened", one small function each; the table at the end is all of them.

A rule looks at the timeline and yields what it found. No rule knows another; adding one is adding a function to
`RULES_TOLD`. `about` is what the caller knows of comparable sessions.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from sessions_app.timeline import events
from sessions_app.timeline.lanes import Item
from sessions_app.timeline.pieces import Reader, rebuffers
from sessions_app.timeline.sentences import Finding, days, megabits, platform_title, position, seconds, times
from sessions_app.timeline.summary import outcome, startup

CAUSE_WINDOW_MS = 5_000
LONG_SEEK_MS = 30_000
STORM_SEEKS, STORM_MS = 5, 60_000
BURST_FRAMES, BURST_FRAMES_A_SECOND = 20, 1
LONG_PAUSE_MS = 600_000
SILENCE_MS = 30_000
BITRATE_DROP = 0.5


Told = Iterator[Finding]


# -- the start


def _slow_startup(reader: Reader, about: Mapping[str, Any]) -> Told:
    (startup_ms, _), usual_ms = startup(reader.timeline.state), about.get("startup_p75_ms")
    if startup_ms is None:
        return
    at_ms = reader.timeline.state.playback_at_ms or reader.timeline.state.started_at_ms
    if usual_ms is not None and startup_ms > usual_ms:
        whose = " ".join(word for word in (platform_title(about.get("platform")), "sessions") if word)
        yield Finding("slow_startup", at_ms, f"Started in {seconds(startup_ms)}, slower than 3 in 4 {whose}.", 2)
    elif startup_ms > reader.timeline.rules.slow_startup_ms:
        yield Finding("slow_startup", at_ms, f"Started in {seconds(startup_ms)}, which is slow.", 2)


def _exit_before_start(reader: Reader, about: Mapping[str, Any]) -> Told:
    state = reader.timeline.state
    if not outcome(state)["exit_before_start"]:
        return
    waited = seconds(state.last_at_ms - state.started_at_ms)
    if state.ended_reason == "session_end":
        sentence = f"Left after {waited}, before anything played."
    else:  # when they left nobody knows
        sentence = f"Nothing ever played; last heard of {waited} after it began."
    yield Finding("exit_before_start", state.last_at_ms, sentence, 3)


# -- errors


def _errors(reader: Reader, about: Mapping[str, Any]) -> Told:
    """Each kind of error once, with how often it came; the last with what came of it."""
    state, errors = reader.timeline.state, reader.lanes["errors"]
    if not errors:
        return
    alike: dict[str, list[Item]] = {}
    for error in errors[:-1]:
        alike.setdefault(_named(error), []).append(error)
    for name, same in alike.items():
        how_often = "" if len(same) == 1 else f" {times(len(same))}"
        yield Finding("error", same[0]["at_ms"], f"{name}{how_often}.", 2)
    last, told = errors[-1], outcome(state)
    so_far = " yet" if state.live else " at all"
    if told["start_failure"]:
        yield Finding("start_failure", last["at_ms"], f"{_named(last)}; nothing played{so_far}.", 3)
    elif told["playback_failure"]:
        since = "nothing has played since" if state.live else "nothing played after it"
        yield Finding("playback_failure", last["at_ms"], f"{_named(last)}; {since}.", 3)
    else:
        began = state.playback_at_ms is None or last["at_ms"] < state.playback_at_ms
        came_of_it = "playback began after it" if began else "it recovered"
        yield Finding("error", last["at_ms"], f"{_named(last)}; {came_of_it}.", 2)


def _named(error: Item) -> str:
    return f"{error['name']} ({error['message']})" if error.get("message") else str(error["name"])


# -- quality


def _rebuffering(reader: Reader, about: Mapping[str, Any]) -> Told:
    stalls = rebuffers(reader)
    if not stalls:
        return
    lengths = {stall["start_ms"]: (stall["end_ms"] or reader.until_ms) - stall["start_ms"] for stall in stalls}
    longest_ms = max(lengths, key=lambda at_ms: (lengths[at_ms], -at_ms))
    cause = _cause_of_stall(reader, longest_ms)
    total = seconds(sum(lengths.values()))
    if len(stalls) == 1:
        sentence = f"Buffered once, for {total}{cause}."
    else:
        longest = seconds(lengths[longest_ms])
        sentence = f"Buffered {times(len(stalls))}, {total} in total; the longest {longest}{cause}."
    yield Finding("rebuffering", longest_ms, sentence, 2)


def _cause_of_stall(reader: Reader, at_ms: int) -> str:
    """What came right before: a rise of the bitrate, a seek, the end of an ad."""
    reports = [report for report in reader.lanes["qos"] if report["bitrate_bps"] and report["at_ms"] <= at_ms]
    for before, after in pairwise(reports):
        if after["at_ms"] >= at_ms - CAUSE_WINDOW_MS and after["bitrate_bps"] > before["bitrate_bps"]:
            return f", right after the bitrate rose to {megabits(after['bitrate_bps'])}"
    for lane, words in (("seek", "a seek"), ("ad", "an ad")):
        if any(item["end_ms"] and 0 <= at_ms - item["end_ms"] <= CAUSE_WINDOW_MS for item in reader.lanes[lane]):
            return f", right after {words}"
    return ""


def _bitrate_drop(reader: Reader, about: Mapping[str, Any]) -> Told:
    reports = [report for report in reader.lanes["qos"] if report["bitrate_bps"]]
    falls = [(before, after) for before, after in pairwise(reports) if after["bitrate_bps"] < before["bitrate_bps"]]
    worst = min(falls, key=lambda fall: fall[1]["bitrate_bps"] / fall[0]["bitrate_bps"], default=None)
    if worst and worst[1]["bitrate_bps"] <= worst[0]["bitrate_bps"] * BITRATE_DROP:
        fell = f"from {megabits(worst[0]['bitrate_bps'])} to {megabits(worst[1]['bitrate_bps'])}"
        yield Finding("bitrate_drop", worst[1]["at_ms"], f"The bitrate fell {fell}.")


def _dropped_frames(reader: Reader, about: Mapping[str, Any]) -> Told:
    """Many frames between two reports, at a pace one sees."""
    counts, bursts = reader.timeline.state.dropped_falls, []
    for before, after in pairwise(reader.lanes["qos"]):
        lost = after["dropped_frames"] if counts and after["dropped_delta"] is not None else after["dropped_delta"]
        within_ms = after["at_ms"] - before["at_ms"]
        if lost and lost >= BURST_FRAMES and lost * 1000 >= within_ms * BURST_FRAMES_A_SECOND:
            bursts.append((lost, within_ms, after["at_ms"]))
    if bursts:
        lost, within_ms, at_ms = max(bursts, key=lambda burst: (burst[0], -burst[2]))
        within = f"within {seconds(within_ms)}" if within_ms else "at once"
        yield Finding("dropped_frames", at_ms, f"Dropped {lost} frames {within}.", 2)


# -- ads


def _ads(reader: Reader, about: Mapping[str, Any]) -> Told:
    ads = reader.lanes["ad"]
    clicked = [ad for ad in ads if ad["clicks"]]
    skipped = [ad for ad in ads if ad["result"] == "skipped"]
    if clicked:
        who = clicked[0]["ad_content_advertiser"] or clicked[0]["ad_content_title"]
        named = f" ({who})" if who and len(clicked) == 1 else ""
        also = f" and skipped {len(skipped)} of {len(ads)}" if skipped else ""
        noun = "ad" if len(clicked) == 1 else "ads"
        yield Finding("ad_clicked", clicked[0]["clicks"][0], f"Clicked {len(clicked)} {noun}{named}{also}.")
    elif skipped:
        noun = "ad" if len(ads) == 1 else "ads"
        yield Finding("ad_skipped", skipped[0]["end_ms"], f"Skipped {len(skipped)} of {len(ads)} {noun}.")


def _exit_in_ad(reader: Reader, about: Mapping[str, Any]) -> Told:
    state, ads = reader.timeline.state, reader.lanes["ad"]
    if not state.live and ads and ads[-1]["result"] == "ended_early" and ads[-1]["end_ms"] == state.ended_at_ms:
        played = seconds(ads[-1]["end_ms"] - ads[-1]["start_ms"])
        left = "Left" if state.ended_reason == "session_end" else "Last heard of"
        yield Finding("exit_in_ad", ads[-1]["end_ms"], f"{left} during an ad, {played} into “{_title(ads[-1])}”.", 2)
    cut = [ad for ad in ads if ad["result"] == "ended_early" and ad["end_ms"] != state.ended_at_ms]
    if cut:
        count = "1 ad" if len(cut) == 1 else f"{len(cut)} ads"
        yield Finding("ad_not_completed", cut[0]["start_ms"], f"{count} never reported an end.")


def _title(ad: Item) -> str:
    return str(ad["ad_content_title"] or ad["ad_content_id"] or "untitled")


def _repeated_ad(reader: Reader, about: Mapping[str, Any]) -> Told:
    seen: dict[tuple[Any, Any], list[Item]] = {}
    for ad in reader.lanes["ad"]:
        seen.setdefault((ad["ad_break_id"], ad["ad_content_id"]), []).append(ad)
    for place, ads in seen.items():
        if len(ads) > 1 and None not in place:
            yield Finding("repeated_ad", ads[1]["start_ms"], f"“{_title(ads[0])}” ran {times(len(ads))} in one break.")


# -- moving about


def _seeks(reader: Reader, about: Mapping[str, Any]) -> Told:
    seeks = reader.lanes["seek"]
    stormy: list[Item] = []
    for first, last in zip(seeks, seeks[STORM_SEEKS - 1 :], strict=False):
        if last["start_ms"] - first["start_ms"] <= STORM_MS:
            stormy = [seek for seek in seeks if 0 <= seek["start_ms"] - first["start_ms"] <= STORM_MS]
            yield Finding("seek_storm", first["start_ms"], f"Sought {len(stormy)} times within a minute.", 2)
            break
    calm = [seek for seek in seeks if seek not in stormy]
    known = [seek for seek in calm if seek["from_ms"] is not None and seek["to_ms"] is not None]
    far = max(known, key=lambda seek: abs(seek["to_ms"] - seek["from_ms"]), default=None)
    if far is not None and abs(far["to_ms"] - far["from_ms"]) > LONG_SEEK_MS:
        moved_ms = far["to_ms"] - far["from_ms"]
        way = "ahead" if moved_ms > 0 else "back"
        yield Finding("long_seek", far["start_ms"], f"Jumped {way} {position(abs(moved_ms))}.")


def _playhead_jumps(reader: Reader, about: Mapping[str, Any]) -> Told:
    count = reader.timeline.state.jump_count
    if not count:
        return
    landings = {seek["end_ms"] for seek in reader.lanes["seek"]}
    jumps = [point for point in reader.timeline.playhead if point[2] == "j" and point[0] not in landings]
    at_ms = jumps[0][0] if jumps else reader.timeline.state.started_at_ms
    noun = times(count)
    yield Finding("playhead_jump", at_ms, f"The playhead jumped {noun} without a seek.")


# -- silence and the end


def _silence(reader: Reader, about: Mapping[str, Any]) -> Told:
    gaps = [
        (gap["start_ms"], (gap["end_ms"] or reader.until_ms) - gap["start_ms"]) for gap in reader.spans("no_signal")
    ]
    longest = max(gaps, key=lambda gap: (gap[1], -gap[0]), default=None)
    if longest and longest[1] >= SILENCE_MS:
        yield Finding("no_signal", longest[0], f"No events for {seconds(longest[1])}.", 2)


def _long_pause(reader: Reader, about: Mapping[str, Any]) -> Told:
    state = reader.timeline.state
    if state.ended_reason == "timed_out_paused":
        yield Finding("paused_away", state.last_at_ms, "Paused and never came back; closed by the timeout.")
        return
    pauses = [
        (span["start_ms"], (span["end_ms"] or reader.until_ms) - span["start_ms"]) for span in reader.spans("paused")
    ]
    longest = max(pauses, key=lambda pause: (pause[1], -pause[0]), default=None)
    if longest and longest[1] >= LONG_PAUSE_MS:
        yield Finding("long_pause", longest[0], f"Paused for {seconds(longest[1])}.")


def _no_session_end(reader: Reader, about: Mapping[str, Any]) -> Told:
    state = reader.timeline.state
    if state.ended_reason == "timed_out":
        sentence = "Went silent without Media Session End: the app was closed or killed, or lost its connection."
        yield Finding("no_session_end", state.last_at_ms, sentence, 2)
    elif state.ended_reason == "assumed_finished":
        known = "the content had ended" if state.content_ended else "the rest was not heard of"
        yield Finding("no_session_end", state.last_at_ms, f"Media Session End never came; {known}.")


def _left_early(reader: Reader, about: Mapping[str, Any]) -> Told:
    state = reader.timeline.state
    at_end_ms, duration_ms = state.playhead_position_ms, state.content_duration_ms
    if state.ended_reason != "session_end" or state.reached_end or not duration_ms or not state.has_started:
        return
    if at_end_ms is not None and at_end_ms <= duration_ms:
        percent = round(at_end_ms / duration_ms * 100)
        yield Finding("left_early", state.last_at_ms, f"Left at {percent} % of the content.")


# -- the feed


def _late_data(reader: Reader, about: Mapping[str, Any]) -> Told:
    groups = reader.lanes["late"]
    if groups:
        worst = max(groups, key=lambda group: (group["max_delay_ms"], group["count"]))
        count = sum(group["count"] for group in groups)
        noun = "event" if count == 1 else "events"
        yield Finding(
            "late_data", worst["start_ms"], f"{count} {noun} arrived up to {seconds(worst['max_delay_ms'])} late."
        )


def _clock(reader: Reader, about: Mapping[str, Any]) -> Told:
    state = reader.timeline.state
    if state.corrected_count:
        moved = next(event for event in reader.timeline.events if event.clock_corrected)
        ahead_ms = -(state.ahead_offset_ms or 0)
        wrong = f"was {days(ahead_ms)} ahead" if ahead_ms > 0 else "was never set"
        sentence = f"The device's clock {wrong}; its events stand where they arrived."
        yield Finding("clock_wrong", moved.at_ms, sentence, 2)


def _feed(reader: Reader, about: Mapping[str, Any]) -> Told:
    state = reader.timeline.state
    if state.is_active and state.session_start_at_ms is None:
        yield Finding("missing_start", state.started_at_ms, "Media Session Start never arrived.")
    if state.orphan_count:
        noun = "end came" if state.orphan_count == 1 else "ends came"
        yield Finding("orphan_ends", state.started_at_ms, f"{state.orphan_count} {noun} without a start.")
    if not state.is_active:
        sentence = "The client sent only its summaries, as Android and iOS do unless told otherwise."
        yield Finding("summaries_only", state.started_at_ms, sentence)


def _units(reader: Reader, about: Mapping[str, Any]) -> Told:
    """Seconds where milliseconds are meant: a film of some thousand ms, a playhead that crawls."""
    state = reader.timeline.state
    duration_ms = state.content_duration_ms
    doubtful = ["duration"] if duration_ms and duration_ms < 20_000 < state.watched_ms else []
    reports = reader.timeline.playhead
    if reports and state.totals["playing"] >= 20_000:
        moved_ms = max(point[1] for point in reports) - min(point[1] for point in reports)
        if 0 < moved_ms * 200 < state.totals["playing"]:
            doubtful.append("playhead")
    if doubtful:
        verb = "looks" if len(doubtful) == 1 else "look"
        what = " and ".join(doubtful)
        yield Finding("unit_doubtful", state.started_at_ms, f"The {what} {verb} like seconds, not milliseconds.")


def _unknown_names(reader: Reader, about: Mapping[str, Any]) -> Told:
    known = {name.lower().replace(" ", "") for name in events.NAMES}
    for moment in reader.lanes["custom"]:
        if moment["name"] not in events.NAMES and moment["name"].lower().replace(" ", "").replace("_", "") in known:
            yield Finding("unknown_name", moment["at_ms"], f"“{moment['name']}” is not spelt as the SDKs spell it.")
            return


RULES_TOLD: tuple[Callable[[Reader, Mapping[str, Any]], Told], ...] = (
    _slow_startup,
    _exit_before_start,
    _errors,
    _rebuffering,
    _bitrate_drop,
    _dropped_frames,
    _ads,
    _exit_in_ad,
    _repeated_ad,
    _seeks,
    _playhead_jumps,
    _silence,
    _long_pause,
    _no_session_end,
    _left_early,
    _late_data,
    _clock,
    _feed,
    _units,
    _unknown_names,
)
