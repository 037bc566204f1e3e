"""manage.py create_input: an input with a key and a secret to send events with."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError

from sessions_app.models.workspaces import Platform
from sessions_app.viewers.setup import BroughtKeyError, make_input, workspace_named


class Command(BaseCommand):
    help = "Make an input; prints its key and secret once. The workspace is made when missing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--workspace", required=True, help="the workspace's slug")
        parser.add_argument("--name", required=True)
        parser.add_argument("--platform", choices=Platform.values, default=Platform.WEB.value)
        parser.add_argument("--key", default="", help="a key that apps have from mParticle already")
        parser.add_argument("--secret", default="", help="the secret that belongs to it")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            brought = {"key": options["key"], "secret": options["secret"]}
            made = make_input(workspace_named(options["workspace"]), options["name"], options["platform"], **brought)
        except BroughtKeyError as refusal:
            raise CommandError(str(refusal)) from None
        except IntegrityError:
            raise CommandError(f"This workspace has an input called {options['name']!r} already.") from None
        shown = {"input_id": str(made.input.pk), "key": made.input.key, "secret": made.secret}
        lines = "\n".join(f"{name}: {value}" for name, value in shown.items())
        self.stdout.write(json.dumps(shown) if options["json"] else lines)
