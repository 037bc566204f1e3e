"""manage.py create_demo: the demo workspace, its four people and its inputs; run it as often as you like."""

import json
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand
from django.db import transaction

from mediadash import crypto
from mediadash.environment import kept_secret
from sessions_app.models import Destination, Input, Membership, Workspace
from sessions_app.models.workspaces import Platform, Role
from sessions_app.viewers.setup import make_input, renew_secret, workspace_named

SLUG = "demo"
NAME = "Northlight TV"
INPUTS = {
    "Northlight web": Platform.WEB,
    "Northlight Android": Platform.ANDROID,
    "Northlight iOS": Platform.IOS,
    "Northlight Roku": Platform.ROKU,
    "Northlight server": Platform.SERVER,
    "mParticle webhook": Platform.WEBHOOK,
}


class Command(BaseCommand):
    help = "Make the demo workspace with a user per role and an input per platform, and print how to use them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true")
        parser.add_argument("--forward-to", metavar="URL", help="also make a destination at this address")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        workspace = workspace_named(SLUG, NAME)
        password = kept_secret("DEMO_PASSWORD", settings.MEDIADASH_HOME / "demo_password", random_bytes=12)
        shown = {
            "workspace": workspace.slug,
            "address": settings.PUBLIC_URL,
            "password": password,
            "users": {role: demo_user(workspace, role, password) for role in Role.values},
            "inputs": demo_inputs(workspace),
        }
        if options["forward_to"]:
            demo_destination(workspace, options["forward_to"])
        self.stdout.write(json.dumps(shown) if options["json"] else json.dumps(shown, indent=2))


def demo_destination(workspace: Workspace, url: str) -> None:
    """The demo forwards to a stand-in for mParticle that takes any key; its port may be another at each start."""
    Destination.objects.update_or_create(
        workspace=workspace,
        name="mParticle (stand-in)",
        defaults={"url": url},
        create_defaults={"url": url, "key": "demo-feed", "secret_encrypted": crypto.encrypt("demo-secret")},
    )


def demo_user(workspace: Workspace, role: str, password: str) -> str:
    """The user of this role, with the demo's password; returns the name to sign in with."""
    name = f"{role}@{SLUG}.example"
    user, is_new = get_user_model().objects.get_or_create(username=name, defaults={"email": name})
    if is_new or not user.check_password(password):
        user.set_password(password)
        user.save()
    Membership.objects.get_or_create(user=user, workspace=workspace, role=role)
    return name


def demo_inputs(workspace: Workspace) -> dict[str, dict[str, str]]:
    """One input per platform, with key and secret."""
    kept = {row.name: row for row in Input.objects.filter(workspace=workspace, name__in=INPUTS)}
    shown = {}
    for name, platform in INPUTS.items():
        row, secret = with_secret(workspace, kept.get(name), name, platform.value)
        shown[platform.value] = {"input_id": str(row.pk), "name": name, "key": row.key, "secret": secret}
    return shown


def with_secret(workspace: Workspace, row: Input | None, name: str, platform: str) -> tuple[Input, str]:
    """The input and its secret. Only the demo keeps every secret readable: it is shown at each start."""
    if row is not None and row.secret_encrypted is not None:
        return row, crypto.decrypt(row.secret_encrypted)
    if row is None:
        made = make_input(workspace, name, platform)
        row, secret = made.input, made.secret
    else:
        secret = renew_secret(row)
    row.secret_encrypted = crypto.encrypt(secret)
    row.save(update_fields=["secret_encrypted"])
    return row, secret
