"""What clients say: every dialect of every SDK ends here, in `timeline.events.Event`s of one vocabulary.

vocabulary   the words: event names, attributes and their types, units by platform, identities
document     bytes → JSON, strictly          unpack     gzip, bounded
parse        long keys: Events API, bulk, web SDK, webhook, a bare event
native       short keys: Android, iOS, Roku, the web SDK before 2.22
event        one event → Reported            attributes  its attributes in our words
viewer       whose batch it is               pieces      parts of a body, byte for byte
batch        what all of it ends in          render      back to the Events API, for forwarding
signature    x-mp-signature                  identity    answers to identify, login, logout, modify

Pure: standard library and msgspec. Read `parse.parse` first. docs/wire.md says what each door accepts and why.
"""
