"""The cast of the tests: one workspace, a person per role, and somebody who has no business there.

Alice is admin, Sam is support, Olga is ops and Vera a viewer of "Northlight". Eve holds every role of another
workspace and none of this one.
"""

from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from sessions_app.models import Input, Membership, Workspace
from sessions_app.models.workspaces import Role
from sessions_app.viewers.setup import MadeInput, make_input, make_token

PASSWORD = "correct horse battery staple"
ROLE_OF = {"alice": Role.ADMIN, "sam": Role.SUPPORT, "olga": Role.OPS, "vera": Role.VIEWER}


@dataclass
class Cast:
    """Everybody by name; `northlight` is theirs, `elsewhere` is Eve's."""

    northlight: Workspace
    elsewhere: Workspace
    alice: Any
    sam: Any
    olga: Any
    vera: Any
    eve: Any
    web: Input
    web_secret: str

    def of_role(self, role: str) -> Any:
        return {"admin": self.alice, "support": self.sam, "ops": self.olga, "viewer": self.vera}[role]


def person(name: str) -> Any:
    user = get_user_model()(username=f"{name}@northlight.example", email=f"{name}@northlight.example")
    user.set_unusable_password()
    user.save()
    return user


def make_cast() -> Cast:
    northlight = Workspace.objects.create(name="Northlight", slug="northlight")
    elsewhere = Workspace.objects.create(name="Elsewhere", slug="elsewhere")
    people = {name: person(name) for name in (*ROLE_OF, "eve")}
    for name, role in ROLE_OF.items():
        Membership.objects.create(user=people[name], workspace=northlight, role=role)
    for role in Role.values:
        Membership.objects.create(user=people["eve"], workspace=elsewhere, role=role)
    web: MadeInput = make_input(northlight, "Northlight web", "web")
    return Cast(northlight, elsewhere, **people, web=web.input, web_secret=web.secret)


def signed_in(user: Any) -> Client:
    """A browser in which this person is signed in."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def bearer(workspace: Workspace, role: str) -> dict[str, str]:
    """Headers of a program with a token of this role."""
    return {"Authorization": f"Bearer {make_token(workspace, role)[1]}"}


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()
