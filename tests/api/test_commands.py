"""The commands that outside scripts rely on."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from mediadash import crypto
from sessions_app.models import AccessToken, Input, Membership
from sessions_app.viewers.setup import sha256

pytestmark = pytest.mark.django_db


def run(name, *args):
    out = io.StringIO()
    call_command(name, *args, stdout=out)
    return json.loads(out.getvalue())


def test_create_input_makes_the_workspace_and_shows_the_secret_once():
    made = run("create_input", "--workspace", "new", "--name", "Web", "--platform", "web", "--json")
    row = Input.objects.get(pk=made["input_id"])
    assert (row.workspace.slug, row.key, row.platform) == ("new", made["key"], "web")
    assert bytes(row.secret_sha256) == sha256(made["secret"])
    assert row.secret_encrypted is None


def test_a_signing_platforms_secret_is_kept_encrypted():
    made = run("create_input", "--workspace", "new", "--name", "TV", "--platform", "roku", "--json")
    row = Input.objects.get(pk=made["input_id"])
    assert made["secret"].encode() not in bytes(row.secret_encrypted)
    assert crypto.decrypt(row.secret_encrypted) == made["secret"]


def test_an_input_may_bring_its_key_and_secret():
    brought = ("--key", "us1-compiled-into-apps", "--secret", "as compiled into the app")
    made = run("create_input", "--workspace", "new", "--name", "TV", "--platform", "roku", *brought, "--json")
    assert (made["key"], made["secret"]) == (brought[1], brought[3])
    with pytest.raises(CommandError, match="has this key already"):
        run("create_input", "--workspace", "new", "--name", "TV 2", "--platform", "roku", *brought, "--json")


def test_create_token_keeps_only_the_hash():
    made = run("create_token", "--workspace", "new", "--role", "ops", "--json")
    assert bytes(AccessToken.objects.get().token_sha256) == sha256(made["token"])


def test_the_demo_can_be_made_twice_and_shows_the_same(tmp_path, settings):
    settings.MEDIADASH_HOME = tmp_path
    first = run("create_demo", "--json")
    assert run("create_demo", "--json") == first
    assert set(first["users"]) == {"viewer", "support", "ops", "admin"}
    assert Membership.objects.count() == 4
    assert len(first["inputs"]) == Input.objects.count() == 6
