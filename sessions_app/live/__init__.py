"""4 Show it now: from the commit to the browser. docs/live.md tells the way, the messages and what may fail.

publish → hub → watched (one session) or feed (the board) → sockets. frames has the JSON shapes everybody uses.
"""
