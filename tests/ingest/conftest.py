"""The doors in this process on a real Postgres; the runtime ends with each test, so that no connection outlives it."""

import pytest_asyncio
from asgiref.sync import sync_to_async
from django.db import connections

from sessions_app.ingest import runtime
from tests.ingest.client import Doors


@pytest_asyncio.fixture
async def doors(transactional_db):
    yield Doors()
    runtime.stop()
    await sync_to_async(connections.close_all)()
