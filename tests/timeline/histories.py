"""Generated histories: whatever the wire can produce, in an order worth folding.

`histories()` tells sessions with plausible steps in between and nonsense mixed in: repeated and orphaned events,
equal times, clocks ahead or never set, late arrivals, attributes of every JSON type under every known key.
"""

import random

from hypothesis import strategies as st

from sessions_app.timeline import events
from sessions_app.timeline.events import Event

from .story import T0

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
    "seek_position": [0, 30_000, 90_000, 3_599_999],
    "qos_bitrate": [0, 800_000, 3_200_000, 8_000_000],
    "qos_fps": [0, 18, 25, 60],
    "qos_startup_time": [0, 1_800, 9_000],
    "qos_dropped_frames": [0, 3, 64, 300],
    "ad_content_id": ["ad-1", "ad-2"],
    "ad_content_duration": [15_000],
    "ad_break_id": ["break-1", "break-2"],
    "segment_index": [0, 1, 3],
    "segment_title": ["Cold open", "Credits"],
    "content_id": ["film"],
    "content_title": ["Meltwater"],
    "media_time_spent": [0, 17_951, 10**7],
    "media_content_time_spent": [0, 9_000],
    "media_total_ad_time_spent": [0, 15_000],
    "media_session_start_time": [T0],
    "media_session_ad_objects": [["ad-1"], []],
}
TYPED = st.sampled_from(
    [{name: _sets.choice(choices) for name, choices in CHOICES.items() if _sets.random() < 0.5} for _ in range(300)]
)
ODD = st.dictionaries(st.sampled_from(sorted(CHOICES)), ODD_VALUES, max_size=4)
NAMES = st.one_of(
    st.sampled_from(sorted(events.NAMES)),
    st.sampled_from([events.PLAY, events.PAUSE, events.BUFFER_START, events.BUFFER_END, events.AD_START]),
    st.sampled_from(["Subtitles Changed", "Playback Error", "Error"]),
)
STEPS_MS = st.one_of(
    st.just(0), st.integers(0, 300), st.integers(0, 60_000), st.just(10_000), st.integers(0, 5_000_000)
)
DELAYS_MS = st.one_of(st.integers(0, 2_000), st.integers(0, 60_000), st.integers(0, 7 * DAY_MS))
CLOCKS_MS = st.one_of(
    st.just(0), st.just(0), st.just(0), st.just(365 * DAY_MS), st.just(-T0), st.integers(-T0, 10**13), st.just(4_000)
)


HAPPENINGS = st.tuples(
    NAMES,
    STEPS_MS,
    DELAYS_MS,
    TYPED,
    st.one_of(st.just({}), st.just({}), st.just({}), ODD),
    st.integers(0, 5),
    st.integers(0, 3),
    st.integers(0, 2**32),
)


@st.composite
def histories(draw, max_size: int = 25):
    """The events of one session, each with its own key, in no particular order."""
    clock_ms = draw(CLOCKS_MS)
    at_ms, told = T0, []
    happenings = draw(st.lists(HAPPENINGS, min_size=1, max_size=max_size))
    for number, (name, step_ms, delay_ms, typed, odd, chance, index, salt) in enumerate(happenings):
        at_ms += step_ms
        told.append(
            Event(
                key=f"{salt:08x}{number:024x}",
                name=name,
                at_ms=at_ms + (clock_ms if chance else 0),
                batch_at_ms=at_ms + (5_000 if chance == 1 else 0),
                index_in_batch=index,
                received_at_ms=at_ms + delay_ms,
                attributes={**typed, **odd},
            )
        )
    return told


@st.composite
def arrivals(draw, max_size: int = 25):
    """A history, and the batches one delivery of it came in: shuffled, some events twice."""
    told = draw(histories(max_size))
    again = draw(st.lists(st.sampled_from(told), max_size=5))
    order = draw(st.permutations([*told, *again]))
    cuts = sorted(draw(st.lists(st.integers(0, len(order)), max_size=6)))
    batches = [order[start:end] for start, end in zip([0, *cuts], [*cuts, len(order)], strict=True)]
    return told, [batch for batch in batches if batch]


@st.composite
def moments(draw, told):
    """A moment on our clock, during or after a history."""
    latest = max(event.received_at_ms for event in told)
    return latest + draw(st.one_of(st.just(0), st.integers(0, 60_000), st.integers(0, 2 * DAY_MS)))
