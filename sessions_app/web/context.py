"""What base.html needs on every page: one's workspaces, the menu, and what is wrong right now."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from sessions_app.models import Destination, Workspace
from sessions_app.viewers.roles import Action, may


@dataclass(frozen=True)
class Place:
    """One entry of the main menu."""

    url_name: str
    label: str
    icon: str
    action: Action
    # Pages that belong under it.
    holds: frozenset[str] = frozenset()


PLACES = (
    Place("live", "Live", "live", Action.SEE_BOARD, frozenset({"session", "title", "compare", "replays", "first-run"})),
    Place("viewers", "Viewers", "user", Action.SEARCH_VIEWERS, frozenset({"viewer"})),
    Place("exports", "Exports", "download", Action.EXPORT),
    Place("forwarding", "Forwarding", "send", Action.SEE_FORWARDING),
    Place("quality", "Quality", "inbox", Action.SEE_QUARANTINE_COUNTS),
)


def initials(name: str) -> str:
    """Two letters for the account button: K M of "k.moe@…"."""
    words = [word for word in name.partition("@")[0].replace(".", " ").replace("-", " ").split() if word]
    return "".join(word[0] for word in words[:2]).upper() or "?"


def open_circuits(workspace: Workspace) -> int:
    """Destinations that take nothing at the moment."""
    return Destination.objects.filter(workspace=workspace, is_on=True, circuit="open").count()


def shell(request: HttpRequest) -> dict[str, Any]:
    """Lazy where it asks the database, so that pages without the shell ask nothing."""
    user, workspace = getattr(request, "user", None), getattr(request, "workspace", None)
    if user is None or not user.is_authenticated:
        return {"places": []}
    here = getattr(request.resolver_match, "url_name", None) if request.resolver_match else None
    held: set[str] = getattr(request, "roles", set())
    return {
        "workspace": workspace,
        "workspaces": [item for item, _ in getattr(request, "workspaces", [])],
        "roles": held,
        "initials": initials(user.get_username()),
        "places": [
            {"place": place, "is_here": here == place.url_name or here in place.holds}
            for place in PLACES
            if may(held, place.action)
        ],
        "can_manage": may(held, Action.MANAGE_INPUTS),
        "can_search_viewers": may(held, Action.SEARCH_VIEWERS),
        "open_circuits": SimpleLazyObject(lambda: open_circuits(workspace)) if workspace else 0,
    }
