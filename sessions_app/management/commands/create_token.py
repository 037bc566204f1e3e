"""manage.py create_token: a bearer token for the REST API."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from sessions_app.models.workspaces import Role
from sessions_app.viewers.setup import make_token, workspace_named


class Command(BaseCommand):
    help = "Make a token of one role in one workspace; prints it once. The workspace is made when missing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--workspace", required=True, help="the workspace's slug")
        parser.add_argument("--role", required=True, choices=Role.values)
        parser.add_argument("--name", default="")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        _, text = make_token(workspace_named(options["workspace"]), options["role"], options["name"])
        self.stdout.write(json.dumps({"token": text}) if options["json"] else text)
