"""manage.py simulate: whose inputs it uses, and what it refuses."""

import pytest
from django.core.management import CommandError, call_command

from sessions_app.management.commands import simulate
from sessions_app.models import Input
from sessions_app.player.transport import EventsApi, NativeSdk, WebSdk
from sessions_app.viewers.setup import sha256, workspace_named

pytestmark = pytest.mark.django_db


def doors(workspace):
    return simulate._doors("http://door", workspace)


def test_each_kind_of_device_has_an_input_of_its_own():
    made = doors(workspace_named("w"))
    assert {type(door) for door in made.values()} == {WebSdk, EventsApi, NativeSdk}
    assert dict(Input.objects.values_list("name", "platform")) == {
        "Web player": "web", "iOS app": "ios", "Android app": "android", "Roku": "roku", "Set-top boxes": "server",
    }  # fmt: skip


def test_a_second_start_uses_the_same_inputs():
    workspace = workspace_named("w")
    keys = {name: door.key for name, door in doors(workspace).items()}
    again = doors(workspace)
    assert {name: door.key for name, door in again.items()} == keys
    for name, door in again.items():
        if not isinstance(door, WebSdk):
            assert bytes(Input.objects.get(name=name).secret_sha256) == sha256(door.secret)


@pytest.mark.parametrize("arguments", [["--sessions", "0"], ["--rate", "0"]])
def test_a_crowd_of_nobody_is_refused(arguments):
    with pytest.raises(CommandError):
        call_command("simulate", *arguments)


def test_a_server_that_is_away_is_said_and_survived(monkeypatch, capsys):

    monkeypatch.setattr("sessions_app.player.transport.FIRST_WAIT_S", 0.001)
    call_command(
        "simulate", "--sessions", "2", "--rate", "50", "--minutes", "0.01", "--key", "k", "--base-url", "http://127.0.0.1:9",
        "--seed", "s",
    )  # fmt: skip
    assert "not delivered" in capsys.readouterr().out
