"""The doors in this process on a real Postgres; the runtime ends with each test, so that no connection outlives it."""

from unittest import mock

import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async
from django.db import connection, connections
from django.test import TransactionTestCase

from sessions_app.ingest import runtime
from tests.ingest.client import Doors

# Everything these tests commit; those that refer before those they refer to.
WRITTEN = (
    "attempt", "delivery", "destination", "settledue", "sessionidentity", "identity", "mediaevent", "viewerevent",
    "rawbatch", "mediasession", "ingestcount", "quarantined", "refusedrequest", "tombstone", "input", "workspace",
)  # fmt: skip


@pytest.fixture(scope="package", autouse=True)
def _delete_what_was_written():
    """Django's flush truncates every table there is, which takes a second; these few rows take milliseconds."""

    def clean(_):
        with connection.cursor() as cursor:
            for name in WRITTEN:
                cursor.execute(f"DELETE FROM sessions_app_{name}")

    with mock.patch.object(TransactionTestCase, "_fixture_teardown", clean):
        yield


@pytest_asyncio.fixture
async def doors(transactional_db):
    yield Doors()
    runtime.stop()
    await sync_to_async(connections.close_all)()
