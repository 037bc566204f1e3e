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
