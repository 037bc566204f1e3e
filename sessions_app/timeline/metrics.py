"""The catalogue of numbers: what each is called, how it is made, and where its definition comes from.

The API's explanations, the pages' hints and docs/metrics.md say the same words; a test holds them together.
"""

from typing import NamedTuple


class Metric(NamedTuple):
    """Units: ms, count, ratio (0-1), bps, yes/no, percent (a list of marks), epoch_ms, text."""

    label: str
    formula: str
    unit: str
    source: str


METRICS: dict[str, Metric] = {
    "media_time_spent_ms": Metric("Session length", "last event − first event", "ms", "mParticle"),
    "content_time_ms": Metric("Content time spent", "Σ playing", "ms", "Adobe content time spent"),
    "media_content_time_spent_ms": Metric(
        "Content time as the SDK counts it",
        "Σ from Play to the next Pause, Media Content End or Media Session End; ads, stalls and seeks inside count",
        "ms",
        "mParticle media_content_time_spent",
    ),
    "watched_time_ms": Metric(
        "Watched time", "first Play to the end − paused − no signal", "ms", "CTA-2066 playback duration"
    ),
    "startup_time_ms": Metric(
        "Startup time",
        "the client's first qos_startup_time; else Media Session Start to the first evidence of playback",
        "ms",
        "CTA-2066, mParticle qos_startup_time",
    ),
    "startup_source": Metric("Startup time from", "client, or derived from the events", "text", "mediadash"),
    "exit_before_start": Metric("Exit before start", "ended with no playback and no error", "yes/no", "Conviva EBVS"),
    "start_failure": Metric("Start failure", "an error and no playback at all", "yes/no", "CTA-2066"),
    "playback_failure": Metric(
        "Playback failure", "an error after playback began, and no playback after it", "yes/no", "CTA-2066"
    ),
    "rebuffer_count": Metric(
        "Rebufferings", "buffering spans after startup, not those within 200 ms after a seek", "count", "CTA-2066"
    ),
    "rebuffer_ms": Metric("Rebuffering time", "Σ of the spans rebuffer_count counts", "ms", "CTA-2066"),
    "rebuffer_ratio": Metric("Rebuffer ratio", "rebuffer_ms ÷ watched_time_ms", "ratio", "CTA-2066, Mux"),
    "seek_count": Metric("Seeks", "Seek Start to Seek End, Play or Media Session End", "count", "Bitmovin, Mux"),
    "seek_ms": Metric("Seeking time", "Σ seeking", "ms", "Bitmovin, Mux"),
    "seek_forward_ms": Metric("Sought forward", "Σ of content skipped by seeks ahead", "ms", "Bitmovin, Mux"),
    "seek_backward_ms": Metric("Sought backward", "Σ of content gone back by seeks", "ms", "Bitmovin, Mux"),
    "pause_count": Metric("Pauses", "Pause while not paused", "count", "Adobe"),
    "paused_ms": Metric("Paused time", "Σ paused", "ms", "Adobe"),
    "average_bitrate_bps": Metric(
        "Average bitrate", "qos_bitrate, weighted by the time it was playing", "bps", "CTA-2066, New Relic"
    ),
    "peak_bitrate_bps": Metric("Peak bitrate", "the largest qos_bitrate", "bps", "CTA-2066"),
    "bitrate_shift_count": Metric("Bitrate shifts", "changes of qos_bitrate", "count", "New Relic"),
    "dropped_frames": Metric(
        "Dropped frames",
        "a total that never falls: last − first qos_dropped_frames; otherwise their sum",
        "count",
        "CTA-2066, mParticle",
    ),
    "unique_content_ms": Metric(
        "Unique content", "union of the playhead's intervals while playing", "ms", "Snowplow, Adobe"
    ),
    "coverage": Metric("Coverage", "unique_content_ms ÷ content duration", "ratio", "Snowplow, Adobe"),
    "reached_end": Metric(
        "Reached the end",
        "Media Content End, or a playhead reported at the complete limit (90 % of the duration unless set) or later",
        "yes/no",
        "mParticle, Tautulli",
    ),
    "progress_marks": Metric(
        "Progress", "those of 10, 25, 50, 75, 95 % of the duration that the playhead played through", "percent", "Adobe"
    ),
    "ad_break_count": Metric("Ad breaks", "Ad Break Starts", "count", "mParticle"),
    "ad_count": Metric("Ads", "Ad Starts", "count", "mParticle"),
    "ad_completed_count": Metric("Ads completed", "ads ended by Ad End", "count", "mParticle"),
    "ad_skipped_count": Metric("Ads skipped", "ads ended by Ad Skip", "count", "mParticle"),
    "ad_time_ms": Metric("Ad time", "Σ ad", "ms", "mParticle, Conviva"),
    "ad_time_ratio": Metric("Ad time ratio", "ad_time_ms ÷ watched_time_ms, at most 1", "ratio", "Conviva"),
    "segment_count": Metric("Segments", "Segment Starts", "count", "mParticle"),
    "segment_completed_count": Metric("Segments completed", "segments ended by Segment End", "count", "mParticle"),
    "segment_skipped_count": Metric("Segments skipped", "segments ended by Segment Skip", "count", "mParticle"),
    "custom_event_count": Metric("Custom events", "events of any name the SDKs do not have", "count", "mediadash"),
    "error_count": Metric("Errors", "custom events in the workspace's list of errors", "count", "mediadash"),
    "event_count": Metric("Events", "all events, each once", "count", "mediadash"),
    "late_event_count": Metric(
        "Late events", "received over 10 s (unless set) after they happened", "count", "mediadash"
    ),
    "duplicate_count": Metric("Duplicates", "copies of events already stored, dropped", "count", "mediadash"),
}
