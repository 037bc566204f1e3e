"""mediadash, in the order an event travels.

wire/        1 what clients say: every dialect becomes `timeline.events.Event`          pure
timeline/    2 what happened: the fold, its spans, numbers, findings                     pure
ingest/      3 store once: the doors (ASGI), group commit, quarantine
live/        4 show it now: hints, frames, websockets, the board
summaries/   5 settle the numbers: revisions, rollups
forwarding/  6 pass it on to mParticle: outbox, client, retry rules
exports/     7 hand it out: columns, files, schedules
viewers/     who watched: identities, lookup, masking, audit, erasure
player/      the other end: a MediaSession like the SDKs', and viewers simulated with it
api/  web/   the doors for people and programs: REST and pages
models/      what is kept in Postgres        keys.py  short keys        tasks.py  what Celery is told to do

Who may import whom is a table in tests/test_layers.py.
"""
