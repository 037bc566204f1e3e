"""Generated histories: whatever the wire can produce, in an order worth folding.

`histories()` tells sessions with plausible steps in between and nonsense mixed in: repeated and orphaned events,
starts that never came, equal times, clocks ahead or never set, batches late by days, ad keys left over on later
events as Roku leaves them, attributes of every JSON type under every key that means something. `arrivals()` adds how
they came: shuffled, cut into batches, some sent again.

`HYPOTHESIS_PROFILE` chooses how many: `ci` (2,000 cases of each promise, unless said) or `deep` (10,000).
"""

import itertools
import os
import random

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from sessions_app.timeline import events
from sessions_app.timeline.events import Event

from .story import T0

CASES = {"quick": 200, "ci": 2_000, "deep": 10_000}
PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "ci")
for name, cases in CASES.items():
    settings.register_profile(name, max_examples=cases, deadline=None, suppress_health_check=list(HealthCheck))
settings.load_profile(PROFILE)
# For what costs much a case and follows from other promises: a quarter of them.
A_QUARTER = settings(max_examples=CASES[PROFILE] // 4)

DAY_MS = 86_400_000
ODD_VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**30), 10**30),
    st.floats(),
    st.text(max_size=6),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=2), st.none(), max_size=1),
)
# Drawing every attribute of every event would take most of the time; a few hundred sets made once serve as well.
_sets = random.Random(23)
CHOICES = {
    "playhead_position": [0, 1000, 9_000, 10_000, 20_000, 30_000, 60_000, 61_000, 120_000, 3_600_000],
    "content_duration": [0, 60_000, 3_600_000],
    "content_id": ["film", "another"],
    "content_title": ["Meltwater"],
    "content_type": ["Video", "Audio"],
    "content_season": [2, "2"],
    "stream_type": ["OnDemand", "LiveStream"],
    "seek_position": [0, 30_000, 90_000, 3_599_999],
    "buffer_duration": [0, 2_000],
    "buffer_percent": [0, 0.5],
    "qos_bitrate": [0, 800_000, 3_200_000, 8_000_000],
    "qos_fps": [0, 18, 25, 60],
    "qos_startup_time": [0, 1_800, 9_000],
    "qos_dropped_frames": [0, 3, 64, 300],
    "ad_content_id": ["ad-1", "ad-2"],
    "ad_content_title": ["Aurora"],
    "ad_content_position": [0, 1, 800],
    "ad_content_duration": [15_000],
    "ad_break_id": ["break-1", "break-2"],
    "segment_index": [0, 1, 3],
    "segment_title": ["Cold open", "Credits"],
    "error_message": ["HLS-404"],
    "media_time_spent": [0, 17_951, 10**7],
    "media_content_time_spent": [0, 9_000],
    "media_total_ad_time_spent": [0, 15_000],
    "media_segment_time_spent": [0, 9_000],
    "media_ad_time_spent_rate": [0, 12.5, "nan", "inf", None],
    "media_session_start_time": [T0],
    "media_session_end_time": [T0, T0 + 60_000],
    "media_content_complete": [True, False],
    "media_session_ad_total": [0, 2],
    "media_session_segment_total": [0, 2],
    "media_session_ad_objects": [["ad-1"], []],
    "ad_content_start_time": [T0, "2026-11-23T02:13:51+0000"],
    "ad_content_end_time": [T0 + 15_000],
    "ad_completed": [True, False],
    "ad_skipped": [True, False],
    "segment_start_time": [T0],
    "segment_completed": [True],
}
TYPED = st.sampled_from(
    [{name: _sets.choice(choices) for name, choices in CHOICES.items() if _sets.random() < 0.4} for _ in range(300)]
)
ODD = st.dictionaries(st.sampled_from(sorted(CHOICES)), ODD_VALUES, max_size=4)
NAMES = st.one_of(
    st.sampled_from(sorted(events.NAMES)),
    st.sampled_from([events.PLAY, events.PAUSE, events.BUFFER_START, events.BUFFER_END, events.AD_START]),
    st.sampled_from(["Subtitles Changed", "Playback Error", "Error", "play", "Milestone"]),
)
STEPS_MS = st.one_of(
    st.just(0), st.integers(0, 300), st.integers(0, 60_000), st.just(10_000), st.integers(0, 5_000_000)
)
DELAYS_MS = st.one_of(st.integers(0, 2_000), st.integers(0, 60_000), st.integers(0, 7 * DAY_MS))
CLOCKS_MS = st.one_of(
    st.just(0), st.just(0), st.just(0), st.just(365 * DAY_MS), st.just(-T0), st.integers(-T0, 10**13), st.just(4_000)
)


def _typed(names, step_ms, **attributes):
    return [(name, step_ms, attributes) for name in names]


# What sessions are made of when nothing is wrong; single events of any kind stand between them.
PASSAGES = [
    _typed([events.MEDIA_SESSION_START], 0, content_duration=3_600_000, content_id="film"),
    _typed([events.PLAY], 900),
    _typed([events.PAUSE, events.PLAY], 20_000),
    _typed([events.BUFFER_START, events.BUFFER_END], 3_000),
    _typed([events.SEEK_START, events.BUFFER_START, events.SEEK_END, events.BUFFER_END], 700),
    _typed([events.SEEK_START], 5_000) + _typed([events.SEEK_END], 900, seek_position=90_000),
    _typed([events.SEEK_START, events.SEEK_END], 0) + _typed([events.PLAY], 3_000, playhead_position=1_900_000),
    _typed(
        [events.AD_BREAK_START, events.AD_START, events.PAUSE, events.PLAY, events.AD_END, events.AD_BREAK_END], 4_000
    ),
    _typed([events.AD_START, events.AD_CLICK, events.AD_SKIP], 5_000, ad_content_id="ad-1"),
    _typed([events.SEGMENT_START, events.SEGMENT_END], 60_000, segment_title="Credits"),
    _typed([events.UPDATE_QOS] * 2, 15_000, qos_bitrate=3_200_000, qos_dropped_frames=3, qos_fps=25),
    _typed([events.UPDATE_QOS], 15_000, qos_bitrate=8_000_000, qos_dropped_frames=64, qos_startup_time=1_800),
    _typed([events.UPDATE_PLAYHEAD_POSITION] * 6, 10_000),
    [(events.UPDATE_PLAYHEAD_POSITION, 10_000, {"playhead_position": beat * 10_000}) for beat in range(7)],
    _typed(["Playback Error", events.BUFFER_START], 1_000) + _typed([events.BUFFER_END], 9_000),
    _typed([events.MEDIA_CONTENT_END, events.MEDIA_SESSION_END, events.MEDIA_SESSION_SUMMARY], 400),
]
SINGLE = st.tuples(NAMES, STEPS_MS, TYPED).map(lambda happening: [happening])
ODD_SINGLE = st.tuples(NAMES, STEPS_MS, ODD).map(lambda happening: [happening])
PLAIN_PASSAGE = st.one_of(st.sampled_from(PASSAGES), SINGLE)
PASSAGE = st.one_of(st.sampled_from(PASSAGES), st.sampled_from(PASSAGES), SINGLE, ODD_SINGLE)


@st.composite
def histories(draw, most: int = 12, plain: bool = False):
    """The events of one session, each with its own key, in no particular order. Plain ones have no odd values."""
    size = draw(st.integers(1, most))
    passages = draw(st.lists(PLAIN_PASSAGE if plain else PASSAGE, min_size=size, max_size=size))
    delays = draw(st.lists(DELAYS_MS, min_size=3, max_size=3))
    clock_ms, chance = draw(CLOCKS_MS), random.Random(draw(st.integers(0, 2**16)))
    lost = chance.choice([0, 0, 0.15])
    together_ms = chance.choice([1, 1, 1, 60_000])  # clocks that tell only the minute
    in_runs, leaves_keys = chance.random() < 0.5, chance.random() < 0.2
    at_ms, delay_ms, left_over, told = T0, delays[0], {}, []
    for number, (name, step_ms, attributes) in enumerate(itertools.chain.from_iterable(passages)):
        at_ms += step_ms
        if told and chance.random() < lost:
            continue
        if not in_runs or chance.random() < 0.2:
            delay_ms = chance.choice(delays)
        if leaves_keys:
            left_over |= {key: value for key, value in attributes.items() if key.startswith(("ad_", "segment_"))}
        shown_ms = at_ms // together_ms * together_ms
        told.append(
            Event(
                key=f"{chance.getrandbits(32):08x}{number:024x}",
                name=name,
                at_ms=shown_ms + (clock_ms if chance.random() < 0.8 else 0),
                batch_at_ms=shown_ms + chance.choice([0, 0, 5_000]),
                index_in_batch=chance.randrange(4),
                received_at_ms=at_ms + delay_ms,
                attributes={**left_over, **attributes},
            )
        )
    return told


@st.composite
def arrivals(draw, most: int = 12):
    """A history, and the batches of one delivery: shuffled, some events sent again later, in batches of their own."""
    told = draw(histories(most))
    order = list(draw(st.permutations(told)))
    for event in draw(st.lists(st.sampled_from(told), max_size=5)):
        later_ms = draw(st.sampled_from([0, 1, 90_000]))
        copy = event._replace(
            received_at_ms=event.received_at_ms + later_ms,
            batch_at_ms=event.batch_at_ms + 60_000 * bool(later_ms),
            index_in_batch=event.index_in_batch if not later_ms else draw(st.integers(0, 3)),
        )
        original = next(place for place, known in enumerate(order) if known.key == event.key)
        order.insert(draw(st.integers(original + 1, len(order))), copy)
    cuts = sorted(draw(st.lists(st.integers(0, len(order)), max_size=6)))
    batches = [order[start:end] for start, end in zip([0, *cuts], [*cuts, len(order)], strict=True)]
    return told, [batch for batch in batches if batch]


@st.composite
def moments(draw, told):
    """A moment on our clock, during or after a history."""
    latest = max(event.received_at_ms for event in told)
    return latest + draw(st.one_of(st.just(0), st.integers(0, 60_000), st.integers(0, 2 * DAY_MS)))
