"""The other end: a media session as the Media SDKs have it, and viewers who play with it.

session      MediaSession: one call per thing a player does, one event each     content   ads, breaks, segments, options
tally        the SDKs' own arithmetic, for the three summaries
transport    batches, doors, retry: to mediadash or to mParticle                dialects  the phones' short keys
catalogue    titles, advertisers, devices, all invented                         viewing   what one viewer does
crowd        many viewers, live or in the past                                  past, live: `manage.py simulate`

Read `session.MediaSession` first; it needs nothing else of this package to be used.
"""
