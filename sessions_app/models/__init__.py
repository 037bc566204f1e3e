"""What is kept in Postgres, one module per concern.

workspaces     who may see what, and the keys events come in with
sessions       raw batches, media sessions, their events: the truth everything else is rebuilt from
accounting     received = stored + duplicate + quarantined + refused, and what is in quarantine
viewers        identities seen on sessions, the audit of looking at them, erasures
summaries      settled numbers with revisions, the settle work list, rollups
forwarding     destinations, the outbox, every attempt
exports        files made for people, and their schedules
replays        stored sessions played again as live
"""

from sessions_app.models.accounting import IngestCount, Quarantined, RefusedRequest
from sessions_app.models.exports import Export, ExportSchedule
from sessions_app.models.forwarding import Attempt, Delivery, Destination
from sessions_app.models.replays import Replay
from sessions_app.models.sessions import MediaEvent, MediaSession, RawBatch
from sessions_app.models.summaries import (
    AdSummary,
    DayRollup,
    MinuteRollup,
    RollupShare,
    SegmentSummary,
    SessionSummary,
    SettleDue,
)
from sessions_app.models.viewers import AuditEntry, Erasure, Identity, SessionIdentity, Tombstone, ViewerEvent
from sessions_app.models.workspaces import AccessToken, Input, Membership, Workspace

__all__ = [
    "AccessToken",
    "AdSummary",
    "Attempt",
    "AuditEntry",
    "DayRollup",
    "Delivery",
    "Destination",
    "Erasure",
    "Export",
    "ExportSchedule",
    "Identity",
    "IngestCount",
    "Input",
    "MediaEvent",
    "MediaSession",
    "Membership",
    "MinuteRollup",
    "Quarantined",
    "RawBatch",
    "RefusedRequest",
    "Replay",
    "RollupShare",
    "SegmentSummary",
    "SessionIdentity",
    "SessionSummary",
    "SettleDue",
    "Tombstone",
    "ViewerEvent",
    "Workspace",
]
