"""The other end: a media session as the Media SDKs have it, and viewers who play with it.

session      MediaSession: one call per thing a player does, one event each     content   ads, breaks, segments, options
tally        the SDKs' own arithmetic, for the three summaries
transport    batches, doors, retry: to mediadash or to mParticle                dialects  the phones' short keys
catalogue    titles, advertisers, devices, all invented                         viewing   what one viewer does
seat         one viewer with a device, a connection and a clock                 crowd     many: `manage.py simulate`

Read `session.MediaSession` first; it needs nothing else of this package to be used.
"""
