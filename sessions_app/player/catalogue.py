"""What is watched, what is advertised, on which devices: all of it invented."""

from dataclasses import dataclass, field
from random import Random
from typing import Any

from sessions_app.player.content import Ad

MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class Title:
    """One thing to watch or hear. cue_points: where its ad breaks are; chapters: names of its segments."""

    content_id: str
    title: str
    content_type: str = "Video"
    stream_type: str = "OnDemand"
    duration_ms: int | None = None
    show: str = ""
    season: int | None = None
    episode: int | None = None
    genre: str = ""
    network: str = "Northlight"
    chapters: tuple[str, ...] = ()
    cue_points_ms: tuple[int, ...] = ()
    weight: int = 10

    @property
    def is_live(self) -> bool:
        return self.duration_ms is None

    def attributes(self) -> dict[str, Any]:
        attributes = {
            "content_show": self.show,
            "content_season": self.season,
            "content_episode": self.episode,
            "content_genre": self.genre,
            "content_network": self.network,
        }
        return {key: value for key, value in attributes.items() if value}


@dataclass(frozen=True, slots=True)
class Device:
    """A kind of device, the app on it and the input it reports to."""

    platform: str
    input_name: str
    player_name: str
    sdk_version: str
    info: dict[str, Any] = field(hash=False)
    app: str
    resolution: str
    weight: int

    def application_info(self) -> dict[str, str]:
        return {
            "application_name": self.app,
            "application_version": "4.2.1",
            "package": "com.example.northlight",
        }


def _episodes(show: str, slug: str, season: int, *, names: tuple[str, ...], minutes: int, weight: int) -> list[Title]:
    return [
        Title(
            content_id=f"{slug}-s{season:02}e{number:02}",
            title=name,
            duration_ms=minutes * MINUTE_MS + number * 7_300,
            show=show,
            season=season,
            episode=number,
            genre="Drama" if minutes > 30 else "Comedy",
            chapters=("Recap", "Act one", "Act two", "Act three", "Credits"),
            cue_points_ms=tuple(at * MINUTE_MS for at in range(6, minutes - 2, 7)),
            weight=max(1, weight - number),
        )
        for number, name in enumerate(names, 1)
    ]


TITLES: tuple[Title, ...] = (
    *_episodes("The Salt Road", "salt-road", 2, minutes=44, weight=16,
               names=("Low Water", "The Ferryman's Ledger", "Nine Bells", "What the Tide Kept")),
    *_episodes("Harbour Lights", "harbour-lights", 1, minutes=47, weight=10,
               names=("Pilot Boat", "Fog Signal", "Slack Tide")),
    *_episodes("Second Helping", "second-helping", 3, minutes=22, weight=12,
               names=("Too Many Cooks", "The Soup Incident", "Cold Plates")),
    Title(
        "film-glass-meridian", "The Glass Meridian", duration_ms=112 * MINUTE_MS, genre="Science fiction", weight=14,
        chapters=("Departure", "The Quiet Belt", "Signal", "Meridian", "Home"),
        cue_points_ms=tuple(at * MINUTE_MS for at in (14, 31, 52, 74, 96)),
    ),
    Title(
        "film-paper-orchard", "Paper Orchard", duration_ms=96 * MINUTE_MS, genre="Family", weight=8,
        chapters=("Spring", "Summer", "Autumn", "Winter"),
        cue_points_ms=tuple(at * MINUTE_MS for at in (18, 40, 63, 82)),
    ),
    Title(
        "clip-lynx-return", "The Lynx Comes Back", duration_ms=4 * MINUTE_MS + 20_000, show="Fieldnotes",
        genre="Nature", chapters=("Tracks", "The den"), cue_points_ms=(2 * MINUTE_MS,), weight=14,
    ),
    Title("clip-ten-knots", "Ten Knots in Ten Minutes", duration_ms=10 * MINUTE_MS, show="Deckhand", genre="How-to",
          chapters=("Bowline", "Cleat", "Sheet bend"), cue_points_ms=(4 * MINUTE_MS,), weight=8),
    Title("live-northlight-one", "Northlight One", stream_type="LiveStream", genre="General", weight=26,
          show="Evening Programme"),
    Title("live-cup-final", "Coastal Cup Final: Veldmoor v Astra", stream_type="LiveStream", genre="Sport",
          show="Coastal Cup", network="Northlight Sport", weight=34),
    Title("live-newsroom", "Newsroom 24", stream_type="Linear", genre="News", show="Newsroom 24", weight=14),
    Title("radio-harbour-fm", "Harbour FM", content_type="Audio", stream_type="LiveStream", genre="Radio",
          show="The Late Watch", network="Harbour FM", weight=12),
    Title("pod-deep-ledger-31", "The Warehouse on Quay Nine", content_type="Audio", stream_type="Podcast",
          duration_ms=38 * MINUTE_MS, show="Deep Ledger", season=4, episode=31, genre="True crime",
          network="Harbour FM", chapters=("Cold open", "The manifest", "Quay Nine"),
          cue_points_ms=(9 * MINUTE_MS, 24 * MINUTE_MS), weight=8),
    Title("book-lighthouse-3", "The Lighthouse Accounts, part 3", content_type="Audio", stream_type="Audiobook",
          duration_ms=71 * MINUTE_MS, show="The Lighthouse Accounts", genre="Fiction", network="Harbour FM",
          chapters=("Chapter 9", "Chapter 10", "Chapter 11"), weight=4),
)  # fmt: skip

DEVICES: tuple[Device, ...] = (
    Device("web", "Web player", "Northlight Web 7", "2.71.2",
           {"platform": "web", "device": "Chrome on macOS", "screen_width": 1728, "screen_height": 1117},
           "Northlight Web", "1080p", 22),
    Device("web", "Web player", "Northlight Web 7", "2.71.2",
           {"platform": "web", "device": "Firefox on Windows", "screen_width": 1920, "screen_height": 1080},
           "Northlight Web", "1080p", 14),
    Device("web", "Web player", "Northlight Web 7", "2.68.0",
           {"platform": "web", "device": "Safari on iPad", "screen_width": 1180, "screen_height": 820},
           "Northlight Web", "720p", 8),
    Device("ios", "iOS app", "Northlight for iPhone", "9.4.0",
           {"platform": "iOS", "device_manufacturer": "Apple", "device_model": "iPhone 16", "os_version": "19.1",
            "locale_country": "NL"},
           "Northlight", "1080p", 18),
    Device("ios", "iOS app", "Northlight for iPad", "9.4.0",
           {"platform": "iOS", "device_manufacturer": "Apple", "device_model": "iPad Air", "os_version": "18.6"},
           "Northlight", "1080p", 6),
    Device("android", "Android app", "Northlight for Android", "5.79.0",
           {"platform": "Android", "device_manufacturer": "Google", "device_model": "Pixel 10", "os_version": "36",
            "build_version_release": "16"},
           "Northlight", "1080p", 14),
    Device("android", "Android app", "Northlight for Android", "5.74.2",
           {"platform": "Android", "device_manufacturer": "Samsung", "device_model": "Galaxy A56", "os_version": "35",
            "build_version_release": "15"},
           "Northlight", "720p", 8),
    Device("roku", "Roku", "Northlight Channel", "2.3.1",
           {"platform": "Roku", "device_manufacturer": "Roku", "device_model": "Ultra", "os_version": "14.5"},
           "Northlight Channel", "2160p", 18),
    Device("roku", "Roku", "Northlight Channel", "2.3.1",
           {"platform": "Roku", "device_manufacturer": "Roku", "device_model": "Streaming Stick", "os_version": "14.0"},
           "Northlight Channel", "1080p", 10),
    Device("server", "Set-top boxes", "Northlight Box", "",
           {"platform": "smart_tv", "device_manufacturer": "Orbit", "device_model": "Box 3", "os_version": "2.8"},
           "Northlight Box", "2160p", 8),
)  # fmt: skip

_ADVERTISERS = (
    ("Momento Coffee", "Slow Mornings", ("First cup", "Rain on the roof", "The long table")),
    ("Brightwell Energy", "Switch to Sun", ("Rooftop", "The meter runs back")),
    ("Kestrel Cars", "Kestrel E2 launch", ("Night drive", "Silent start", "City loop")),
    ("Fennick & Daughters", "Spring boots", ("Puddles", "Made to last")),
    ("Almanac Bank", "Round it up", ("Small change", "The jar")),
    ("Tern Airlines", "Somewhere warm", ("Window seat", "Departure board")),
)
_AD_SECONDS = (10, 15, 15, 20, 30)
_GIVEN = ("ada", "ben", "cleo", "dov", "femi", "greta", "hugo", "ines", "jun", "kaja", "lars", "mina", "noor", "sven")
_FAMILY = (
    "alder",
    "brook",
    "dunmore",
    "egmont",
    "farrow",
    "grieg",
    "holm",
    "ives",
    "jansen",
    "keller",
    "lund",
    "marsh",
)


def any_title(rng: Random) -> Title:
    return rng.choices(TITLES, [title.weight for title in TITLES])[0]


def any_device(rng: Random) -> Device:
    return rng.choices(DEVICES, [device.weight for device in DEVICES])[0]


def ad_pod(rng: Random, placement: str) -> list[Ad]:
    """One to three ads for one break, now and then the same one twice: the field knows that complaint."""
    ads = []
    for position in range(rng.choices((1, 2, 3), (4, 5, 2))[0]):
        advertiser, campaign, creatives = rng.choice(_ADVERTISERS)
        creative = rng.choice(creatives)
        slug = f"{advertiser.split()[0]}-{creative}".lower().replace(" ", "-")
        ads.append(
            Ad(
                id=f"ad-{slug}",
                title=f"{advertiser}: {creative}",
                duration=_AD_SECONDS[len(slug) % len(_AD_SECONDS)] * 1000,
                advertiser=advertiser,
                campaign=campaign,
                creative=creative,
                placement=placement,
                position=position,
                site_id="northlight",
            )
        )
    return ads


def identities(rng: Random) -> dict[str, str]:
    """Who is signed in: nobody, a customer, or a customer with an address."""
    if rng.random() < 0.3:
        return {}
    given, family, number = rng.choice(_GIVEN), rng.choice(_FAMILY), rng.randrange(100, 1000)
    known = {"customer_id": f"nl-{number}{rng.randrange(1000):03}"}
    if rng.random() < 0.7:
        known["email"] = f"{given}.{family}{number}@viewers.example"
    return known
