import pytest

from tests.cast import cast  # noqa: F401
from tests.forwarding.made import make_destination, sandbox_for


@pytest.fixture
def sandbox(settings):
    with sandbox_for(settings) as sandbox:
        yield sandbox


@pytest.fixture
def feed(cast, sandbox):  # noqa: F811
    """Northlight's destination: the sandbox."""
    return make_destination(cast.northlight, sandbox.url)


@pytest.fixture
def long_waits(monkeypatch):
    """A batch that must wait does so for longer than any test takes; `make_everything_due` ends it."""
    monkeypatch.setattr("sessions_app.forwarding.retry.backoff_s", lambda attempts, dice: 300.0)
