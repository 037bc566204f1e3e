"""One place in the crowd: a person, a device, a title and a connection, and what they upload when.

A seat has its own clock, which `crowd` sets: the same seat plays live or in the past. Some devices have a wrong clock,
some people sign in halfway, some connections hold batches back or deliver them twice.
"""

from collections.abc import Callable, Generator, Mapping
from random import Random
from uuid import UUID

from sessions_app.player import catalogue
from sessions_app.player.catalogue import Device, Title
from sessions_app.player.session import Event, MediaSession
from sessions_app.player.transport import Door, Request, Uploader
from sessions_app.player.viewing import NETWORKS, LeftError, Viewing

# How often each SDK uploads here. Phones really wait minutes; a demo nobody waits for.
FLUSH_S = {"web": 1.0, "roku": 2.0, "server": 1.5, "ios": 3.0, "android": 4.0}
_WRONG_CLOCK_MS = (3_600_000, -7_200_000, 95_000)


class Person:
    """Somebody who comes back: the same ids whenever the same number is drawn."""

    def __init__(self, seed: str, number: int) -> None:
        rng = Random(f"{seed}:person:{number}")  # noqa: S311  a demo's dice
        self.mpid = str(rng.randrange(10**17, 2**63) * rng.choice((1, 1, 1, -1)))
        self.anonymous_mpid = str(rng.randrange(10**17, 2**63))
        self.identities = catalogue.identities(rng)
        self.devices = [(catalogue.any_device(rng), _uuid(rng)) for _ in range(rng.choices((1, 2, 3), (6, 3, 1))[0])]


class Seat:
    """A viewer from start to leaving. `step` moves on, `flush` gives what is due for upload."""

    def __init__(
        self, seed: str, number: int, *, people: int, doors: Mapping[str, Door], pulse_s: float, starts_at_ms: int
    ) -> None:
        # The start is part of the seed: the same seed on another day makes other sessions, not the same ids again.
        self.rng = rng = Random(f"{seed}:{number}:{starts_at_ms}")  # noqa: S311
        self.clock_ms = starts_at_ms
        person = Person(seed, rng.randrange(people))
        device, device_id = rng.choice(person.devices)
        title = catalogue.any_title(rng)
        self._network = rng.choices(NETWORKS, [network.weight for network in NETWORKS])[0]
        self._skew_ms = rng.choice(_WRONG_CLOCK_MS) if rng.random() < 0.012 else 0
        self._door = doors[device.input_name]
        self._person = person
        self._signs_in_after = rng.randrange(2, 30) if person.identities and rng.random() < 0.06 else 0
        self._uploads = 0
        self._waiting: list[Event] = []
        self._uploader = Uploader(
            mpid=person.mpid,
            device_id=device_id,
            user_identities=person.identities,
            user_attributes={"plan": rng.choice(("free", "standard", "premium"))},
            device_info=device.info,
            application_info=device.application_info(),
            sdk_version=device.sdk_version,
        )
        session = self._session(title, device)
        self.media_session_id = session.media_session_id
        self.flush_s = FLUSH_S[device.platform]
        self.viewing = Viewing(session, title, device, network=self._network, rng=rng, pulse_s=pulse_s)
        self._steps: Generator[float] = self.viewing.events()

    def _session(self, title: Title, device: Device) -> MediaSession:
        return MediaSession.build(
            title.content_id,
            title.title,
            title.content_type,
            title.stream_type,
            title.duration_ms,
            log=self._waiting.append,
            custom_attributes={
                **title.attributes(),
                "player_name": device.player_name,
                "player_initial_resolution": device.resolution,
                "connection": self._network.name,
            },
            now=lambda: self.clock_ms + self._skew_ms,
            new_id=_ids(self.rng, device.platform),
        )

    def step(self) -> float | None:
        """What happens at this moment; seconds until something happens again, None when the viewer is gone."""
        return next(self._steps, None)

    def leave(self) -> None:
        """Go now, and say so."""
        try:
            self._steps.throw(LeftError(politely=True))
            for _ in self._steps:
                pass
        except (LeftError, StopIteration):
            # Had not come yet, or was gone already.
            return

    def offline_s(self) -> float:
        """For how long the connection now swallows uploads: mostly not at all."""
        if self._network.name == "train" and self.rng.random() < 0.04:
            return self.rng.uniform(12, 75)
        return 0

    def flush(self) -> list[Request]:
        """Requests for all events so far; a repeated request is a network that lost the answer."""
        if not self._waiting:
            return []
        events = self._waiting[:]
        self._waiting.clear()
        self._uploads += 1
        batch = self._who().batch(events, self.clock_ms + self._skew_ms, _uuid(self.rng))
        request = self._door.request(batch)
        return [request, request] if self.rng.random() < 0.01 else [request]

    def _who(self) -> Uploader:
        if self._uploads <= self._signs_in_after:
            return Uploader(
                mpid=self._person.anonymous_mpid,
                device_id=self._uploader.device_id,
                device_info=self._uploader.device_info,
                application_info=self._uploader.application_info,
                sdk_version=self._uploader.sdk_version,
            )
        return self._uploader


def _uuid(rng: Random) -> str:
    return str(UUID(int=rng.getrandbits(128), version=4))


def _ids(rng: Random, platform: str) -> Callable[[], str]:
    """Ids as each SDK writes them: iOS in capitals."""
    return (lambda: _uuid(rng).upper()) if platform == "ios" else (lambda: _uuid(rng))
