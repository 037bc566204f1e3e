"""Stored sessions played again as live ones, through our own door, into a workspace where nothing is forwarded.

sandbox   the workspace and the input replays go into
orders    asking for a replay, stopping it, and who plays which (the row is the work order)
play      what a worker does each second: post what is due

What a replayed event looks like is `player.replay`'s.
"""
