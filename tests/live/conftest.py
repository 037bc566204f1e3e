"""Browsers on websockets and the doors in this process, on a real Postgres and a real Valkey."""

import pytest_asyncio
from asgiref.sync import sync_to_async
from django.db import connections

from sessions_app.ingest import runtime
from sessions_app.live import db
from sessions_app.live.hub import hub
from tests.cast import make_cast
from tests.ingest.client import Doors
from tests.live.browser import Browser


@pytest_asyncio.fixture
async def cast(transactional_db):
    return await sync_to_async(make_cast)()


@pytest_asyncio.fixture
async def live(cast):
    """Everything live of one test; ended with it, so that nothing outlives the test's tables."""
    browsers = []

    def browser(path, user=None, **options):
        opened = Browser(path, user, **options)
        browsers.append(opened)
        return opened

    yield browser
    for opened in browsers:
        await opened.leave()
    await hub().stop()
    await db.close()
    runtime.stop()
    await sync_to_async(connections.close_all)()


@pytest_asyncio.fixture
async def doors(live):
    return Doors()
