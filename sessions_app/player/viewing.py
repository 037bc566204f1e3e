"""What one viewer does with one title, from opening it to leaving: a generator that yields seconds to wait.

Nothing here knows the time or waits: `crowd` does, in real time or in the past. Everything is drawn from the viewer's
own random numbers, so a seed gives the same crowd again.
"""

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from random import Random

from sessions_app.player import catalogue
from sessions_app.player.catalogue import Device, Title
from sessions_app.player.content import AdBreak, Options, QoS, Segment
from sessions_app.player.session import MediaSession

Waits = Generator[float]
LADDER = (400_000, 900_000, 1_800_000, 3_200_000, 5_800_000, 9_600_000)
_ERRORS = (
    "Segment 404 after 3 retries",
    "Decoder reset: unexpected keyframe",
    "Licence server timed out",
    "Manifest refresh failed",
)


class LeftError(Exception):
    """The viewer is gone. politely: the player could still say so."""

    def __init__(self, politely: bool) -> None:
        super().__init__()
        self.politely = politely


@dataclass(frozen=True, slots=True)
class Network:
    """How a connection treats a viewer. rungs: where on the bitrate ladder it lives; stalls: chance per pulse."""

    name: str
    rungs: tuple[int, ...]
    stalls: float
    startup_s: tuple[float, float]
    weight: int


NETWORKS = (
    Network("fibre", (3, 4, 5), 0.002, (0.4, 1.1), 50),
    Network("cable", (2, 3, 4), 0.008, (0.7, 1.9), 28),
    Network("mobile", (1, 2, 3), 0.025, (1.2, 3.5), 14),
    Network("train", (0, 1, 2), 0.07, (2.0, 9.0), 8),
)


class Viewing:
    """One viewer in front of one title."""

    def __init__(
        self, session: MediaSession, title: Title, device: Device, *, network: Network, rng: Random, pulse_s: float
    ) -> None:
        self.session = session
        self.title = title
        self.device = device
        self.network = network
        self.rng = rng
        self.pulse_s = pulse_s
        self.position_ms = self._first_position()
        self.rung = rng.choice(network.rungs)
        self.dropped_frames = 0
        self.startup_ms: int | None = None
        self.chapter = -1
        # False for viewers of the past: nothing would end their sessions for hours.
        self.may_go_silently = True
        # A viewer has so much patience: a few stay for a minute, most for some, a few to the end.
        self.patience_s = rng.lognormvariate(5.4, 0.9)

    def events(self) -> Waits:
        """Everything from start to leaving."""
        try:
            yield from self._start()
            yield from self._watch()
            yield from self._finish()
        except LeftError as left:
            if left.politely:
                yield 0.2
                self._end_segment(skipped=False)
                self.session.log_media_session_end(self._here())

    def _here(self) -> Options:
        return Options(current_playhead_position=self.position_ms)

    def _left(self, politely: float) -> LeftError:
        """Leaving, with this chance that the player still says so.

        Only Roku's heartbeats show that a silent viewer is gone: elsewhere few are silent here, and none at a live
        stream, whose session nothing would end for hours.
        """
        silent = (1 - politely) * (1 if self.device.platform == "roku" else 0 if self.title.is_live else 0.15)
        return LeftError(politely=self.rng.random() >= silent or not self.may_go_silently)

    def _first_position(self) -> int:
        if self.title.duration_ms is None:
            # A live stream's playhead counts from the channel's midnight.
            return self.rng.randrange(60, 18_000) * 1000
        if self.rng.random() < 0.45:
            return 0
        return int(self.title.duration_ms * self.rng.choice((0.12, 0.3, 0.5, 0.72, 0.9)))

    def _start(self) -> Waits:
        self.session.log_media_session_start(self._here())
        if self.rng.random() < 0.03:
            yield self.rng.uniform(3, 9)
            raise self._left(0.5)
        if self.rng.random() < 0.7 and self.title.stream_type not in ("Linear", "Audiobook"):
            yield self.rng.uniform(0.2, 0.8)
            yield from self._ad_break("pre-roll")
        startup_s = self.rng.uniform(*self.network.startup_s)
        yield startup_s
        if self.rng.random() < 0.012:
            self.session.log_error(self.rng.choice(_ERRORS), self._here())
            yield 1.5
            raise LeftError(politely=True)
        self.startup_ms = int(startup_s * 1000)
        self.session.log_play(self._here())
        self._qos()
        self._turn_chapter()

    def _watch(self) -> Waits:
        """Play up to each ad break in turn, then to the end."""
        for cue_ms in self._cues():
            if cue_ms <= self.position_ms:
                continue
            yield from self._play_to(cue_ms)
            # A seek may have jumped over the break: then it is not shown.
            if self.position_ms < cue_ms + 5_000:
                yield from self._ad_break("mid-roll")
        if self.title.duration_ms is not None:
            yield from self._play_to(self.title.duration_ms)

    def _cues(self) -> Iterator[int]:
        if self.title.duration_ms is not None:
            yield from self.title.cue_points_ms
            return
        at_ms = self.position_ms
        while True:
            at_ms += self.rng.randrange(100, 300) * 1000
            yield at_ms

    def _finish(self) -> Waits:
        self._end_segment(skipped=False)
        self.session.log_media_content_end(self._here())
        yield self.rng.uniform(0.3, 4)
        self.session.log_media_session_end(self._here())

    def _play_to(self, target_ms: int) -> Waits:
        while self.position_ms < target_ms:
            step_s = min(self.pulse_s * self.rng.uniform(0.8, 1.2), (target_ms - self.position_ms) / 1000)
            if self.device.platform == "roku":
                # The one SDK with heartbeats: they come at a steady pace.
                step_s = min(self.pulse_s, (target_ms - self.position_ms) / 1000)
            yield step_s
            self.position_ms += int(step_s * 1000 + 0.5)
            self.patience_s -= step_s
            if self.position_ms < target_ms:
                yield from self._pulse()
            self._turn_chapter()

    def _pulse(self) -> Waits:
        """What happens at one moment of playing: mostly a sign of life, sometimes a small story."""
        if self.patience_s < 0:
            raise self._left(0.72)
        drawn = self.rng.random()
        for chance, story in self._stories():
            if drawn < chance:
                yield from story()
                return
            drawn -= chance
        if self.device.platform == "roku" and self.rng.random() < 0.85:
            self.session.log_playhead_position(self.position_ms)
        else:
            self._qos()

    def _stories(self) -> tuple[tuple[float, Callable[[], Waits]], ...]:
        """What may happen instead of nothing, each with its chance at any pulse."""
        can_seek = not self.title.is_live
        return (
            (self.network.stalls, self._stall),
            (0.022, self._pause),
            (0.014 if can_seek else 0, self._seek),
            (0.12 if can_seek and self.chapter == 0 else 0, self._skip_chapter),
            (0.002, self._stumble),
            (0.006, self._tap),
        )

    def _qos(self) -> None:
        if self.rng.random() < 0.15:
            # One rung at a time, as players do; only a stall throws them to the bottom.
            lowest, highest = self.network.rungs[0], self.network.rungs[-1]
            self.rung = min(highest, max(lowest, self.rung + self.rng.choice((-1, 1, 1))))
        if self.rng.random() < 0.12:
            self.dropped_frames += self.rng.choice((1, 2, 3, 5, 8, 40))
        video = self.title.content_type == "Video"
        self.session.log_qos(
            QoS(
                startup_time=self.startup_ms,
                dropped_frames=self.dropped_frames if video else None,
                bitrate=LADDER[self.rung] if video else 128_000,
                fps=self.rng.choice((25, 25, 50)) if video else None,
            ),
            self._here(),
        )

    def _stall(self) -> Waits:
        stalled_s = self.rng.uniform(0.6, 3) if self.rng.random() < 0.7 else self.rng.uniform(4, 14)
        self.session.log_buffer_start(0, 0.05, self.position_ms, self._here())
        yield stalled_s
        if stalled_s > 6 and self.rng.random() < 0.35:
            raise self._left(0.5)
        self.session.log_buffer_end(int(stalled_s * 1000), 1, self.position_ms, self._here())
        self.rung = self.network.rungs[0]
        self._qos()

    def _pause(self) -> Waits:
        self.session.log_pause(self._here())
        yield self.rng.uniform(2, 12) if self.rng.random() < 0.7 else self.rng.uniform(20, 90)
        if self.rng.random() < 0.08:
            raise self._left(0)
        self.session.log_play(self._here())

    def _seek(self) -> Waits:
        """One jump, or a few in a row by somebody who looks for a scene."""
        duration_ms = self.title.duration_ms or self.position_ms
        for _ in range(1 if self.rng.random() < 0.75 else self.rng.randrange(3, 6)):
            self.session.log_seek_start(self.position_ms, self._here())
            yield self.rng.uniform(0.2, 1.4)
            jump_ms = self.rng.choice((-30_000, -10_000, 10_000, 30_000, 30_000, 180_000))
            self.position_ms = max(0, min(duration_ms - 20_000, self.position_ms + jump_ms))
            self.session.log_seek_end(self.position_ms, self._here())
            yield self.rng.uniform(0.4, 1.5)

    def _skip_chapter(self) -> Waits:
        """Nobody needs the recap twice."""
        length_ms = (self.title.duration_ms or 0) // len(self.title.chapters)
        self._end_segment(skipped=True)
        self.session.log_seek_start(self.position_ms, self._here())
        yield self.rng.uniform(0.3, 0.9)
        self.position_ms = length_ms
        self.session.log_seek_end(self.position_ms, self._here())

    def _tap(self) -> Waits:
        taps = ("Subtitles On", "Quality Menu Opened", "Fullscreen", "Share Tapped")
        self.session.log_custom_event(self.rng.choice(taps), self._here())
        yield 0.1

    def _stumble(self) -> Waits:
        self.session.log_error(self.rng.choice(_ERRORS), self._here())
        yield self.rng.uniform(0.5, 2)
        if self.rng.random() < 0.25:
            raise self._left(0.5)

    def _ad_break(self, placement: str) -> Waits:
        ads = catalogue.ad_pod(self.rng, placement)
        ad_break = AdBreak(
            id=f"{placement}-{self.position_ms // 1000}",
            title=placement.capitalize(),
            duration=sum(ad.duration or 0 for ad in ads),
        )
        self.session.log_ad_break_start(ad_break, self._here())
        for ad in ads:
            self.session.log_ad_start(ad, self._here())
            yield from self._show_ad((ad.duration or 0) / 1000)
        self.session.log_ad_break_end(self._here())

    def _show_ad(self, length_s: float) -> Waits:
        drawn = self.rng.random()
        if drawn < 0.035:
            yield length_s * self.rng.uniform(0.2, 0.7)
            raise self._left(0.6)
        if drawn < 0.17 and length_s > 6:
            yield self.rng.uniform(5, 6)
            self.session.log_ad_skip(self._here())
            return
        if drawn < 0.22:
            yield length_s * 0.4
            self.session.log_ad_click(options=self._here())
            yield length_s * 0.6
        else:
            yield length_s
        self.session.log_ad_end(self._here())

    def _turn_chapter(self) -> None:
        """Segments follow the playhead; one left by a seek was skipped."""
        if self.title.duration_ms is None or not self.title.chapters:
            return
        length_ms = self.title.duration_ms // len(self.title.chapters)
        chapter = min(self.position_ms // length_ms, len(self.title.chapters) - 1)
        if chapter != self.chapter:
            self._end_segment(skipped=chapter != self.chapter + 1)
            self.chapter = chapter
            self.session.log_segment_start(Segment(self.title.chapters[chapter], chapter, length_ms), self._here())

    def _end_segment(self, skipped: bool) -> None:
        if self.chapter < 0:
            return
        self.chapter = -1
        if skipped:
            self.session.log_segment_skip(self._here())
        else:
            self.session.log_segment_end(self._here())
