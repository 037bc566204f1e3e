"""A sign-in not long ago: what opens other doors (keys, secrets, destinations, roles) asks for the password again.

A browser left open may look for hours; it changes these for a quarter of an hour. A program's token has no password
to ask for and is exempt: it is itself one of these secrets, made after a recent sign-in and revoked at once.
"""

import time
from typing import Any

from django.http import HttpRequest

from sessions_app.viewers.roles import Action

SIGNED_IN_KEY = "signed_in_at"
RECENT_S = 15 * 60
ASKS_AGAIN = frozenset({Action.WRITE_DESTINATIONS, Action.MANAGE_INPUTS, Action.MANAGE_MEMBERS})
READS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
WORDS = "Sign in again: keys, secrets, destinations and roles are changed within 15 minutes of a sign-in only."


def must_sign_in_again(request: HttpRequest, action: Action) -> bool:
    """Whether this person's request to do this comes too long after their sign-in."""
    return action in ASKS_AGAIN and request.method not in READS and not signed_in_lately(request)


def signed_in_lately(request: HttpRequest) -> bool:
    signed_in_at = request.session.get(SIGNED_IN_KEY, 0)
    return bool(time.time() - signed_in_at <= RECENT_S)


def note_sign_in(sender: Any, request: HttpRequest, **_: Any) -> None:
    """A receiver of Django's signal: signing in again keeps the session's words, and so would keep the old moment."""
    request.session[SIGNED_IN_KEY] = int(time.time())
