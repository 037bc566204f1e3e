"""The words clients use, and what each of them is called here.

Every spelling of every SDK that means something has its line in this file: names of events, keys of attributes and
what their values are, platforms, identities. `attributes` applies it; `native` has the short keys of the phones.
"""

from sessions_app.timeline import events


def _keys(text: str) -> frozenset[str]:
    return frozenset(text.split())


# The SDKs for web and phones spell two of Roku's names differently; Roku's are ours.
EVENT_ALIASES = {
    "Media Ad Summary": events.AD_SESSION_SUMMARY,
    "Media Segment Summary": events.SEGMENT_SESSION_SUMMARY,
}

# Event types of the Events API that are not ours to keep. `custom_event` is the one that is.
CUSTOM_EVENT = "custom_event"
OTHER_EVENT_TYPES = _keys(
    """
    session_start session_end screen_view crash_report opt_out first_run pre_attribution push_registration
    application_state_transition push_message push_received network_performance breadcrumb profile
    push_reaction commerce_event user_attribute_change user_identity_change uninstall unknown media
    media_event
    """
)

# What "media" is called as a custom event type: the word in any case, or the number of the web SDK before 2.22.
MEDIA = "media"
MEDIA_NUMBER = 9

# Keys that meant today's keys in old SDKs.
ATTRIBUTE_ALIASES = {"ad_break": "ad_break_id"}
# The web documentation once used this key for stream_type and later for a codec: the value tells which.
STREAM_FORMAT = "stream_format"

# Attributes by what their values are. Everything not listed is the application's own and kept as sent.
TEXTS = _keys(
    """
    content_id content_title content_show content_season content_episode content_asset_id player_name
    ad_break_id ad_break_title ad_content_id ad_content_title ad_content_advertiser ad_content_campaign
    ad_content_creative ad_content_placement ad_content_site_id segment_title error_message
    """
)
# Milliseconds, on every client: what an application sets is ms by contract.
DURATIONS = _keys(
    """
    content_duration playhead_position seek_position buffer_duration buffer_position qos_startup_time
    ad_break_duration ad_break_playback_time ad_content_duration segment_duration
    """
)
COUNTS = _keys(
    """
    qos_bitrate qos_dropped_frames ad_content_position segment_index media_session_segment_total
    media_session_ad_total
    """
)
FRACTIONS = frozenset(("buffer_percent", "qos_fps", "media_ad_time_spent_rate"))
FLAGS = _keys(
    """
    media_content_complete ad_completed ad_skipped segment_completed segment_skipped
    """
)
# Epoch milliseconds; iOS writes some of them as RFC 3339.
MOMENTS = _keys(
    """
    media_session_start_time media_session_end_time ad_content_start_time ad_content_end_time
    segment_start_time segment_end_time
    """
)
# Durations a client's own summary reports: milliseconds or seconds, see SECONDS_PLATFORMS.
TIMES_SPENT = _keys(
    """
    media_time_spent media_content_time_spent media_total_ad_time_spent media_segment_time_spent
    """
)
AD_OBJECTS = "media_session_ad_objects"

CONTENT_TYPES = {"video": "Video", "audio": "Audio"}
STREAM_TYPES = {
    "livestream": "LiveStream",
    "ondemand": "OnDemand",
    "linear": "Linear",
    "podcast": "Podcast",
    "audiobook": "Audiobook",
}

# The start and end beside a time spent: they tell its unit when the platform does not.
SPANS_OF_SUMMARIES = (
    ("media_time_spent", "media_session_start_time", "media_session_end_time"),
    ("media_segment_time_spent", "segment_start_time", "segment_end_time"),
)
# Whose summaries are in seconds. Fire TV runs the Android SDK, tvOS the Apple one.
SECONDS_PLATFORMS = frozenset(("android", "ios", "tvos", "firetv"))
MILLISECONDS_PLATFORMS = frozenset(("web", "mobileweb", "roku", "desktop", "xbox", "smarttv"))

# User identities: what else they are called, and their numbers on the phones' wire.
IDENTITY_ALIASES = {
    "customerid": "customer_id",
    **{f"other{n}": f"other_id_{n}" for n in range(2, 11)},
    "facebookcustomaudienceid": "facebook_custom_audience_id",
}
IDENTITY_NUMBERS = {
    0: "other",
    1: "customer_id",
    2: "facebook",
    3: "twitter",
    4: "google",
    5: "microsoft",
    6: "yahoo",
    7: "email",
    8: "alias",
    9: "facebook_custom_audience_id",
    **{8 + n: f"other_id_{n}" for n in range(2, 11)},
    19: "mobile_number",
    20: "phone_number_2",
    21: "phone_number_3",
}
