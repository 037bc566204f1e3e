"""Whole walks: the real stack, real Chromium. One stack serves all of them; each test has sessions of its own."""

import json
import shutil

import pytest
from playwright.sync_api import sync_playwright

from sessions_app.forwarding.sandbox import Sandbox
from sessions_app.forwarding.sandbox_server import SandboxServer
from tests.journeys.stories import STALLED_FILM, play, row_of
from tests.journeys.visitor import DESKTOP, Visitor
from tests.proxy import Proxy
from tests.stack import Stack

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip


def pytest_collection_modifyitems(items):
    for item in items:
        if "/journeys/" in str(item.path):
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="no Chromium: install it (as root, make test does)"))


@pytest.fixture(scope="package")
def stack():
    proxy, mparticle = Proxy(), Sandbox()
    with SandboxServer(mparticle) as server:
        running = Stack(origins=(proxy.url,), FORWARDING_ALLOWED_URLS=server.url)
        proxy.target = running.port
        running.proxy, running.mparticle, running.mparticle_url = proxy, mparticle, server.url
        running.until_ready(180).with_keys()
        running.people = json.loads(running.manage("create_demo", "--json"))
        yield running
        running.throw_away()
    proxy.close()


@pytest.fixture(scope="package")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def signed_in(stack, chromium):
    """role → the cookies of somebody signed in with it; signing in once per role keeps the tests quick."""
    kept = {}

    def cookies_of(role):
        if role not in kept:
            context = chromium.new_context(viewport=DESKTOP)
            page = context.new_page()
            page.goto(f"{stack.url}/sign-in/")
            page.fill("input[name=username]", stack.people["users"][role])
            page.fill("input[name=password]", stack.people["password"])
            page.get_by_role("button", name="Sign in").click()
            page.wait_for_url(lambda url: "/sign-in" not in url)
            kept[role] = context.storage_state()
            context.close()
        return kept[role]

    return cookies_of


@pytest.fixture
def visit(stack, chromium, signed_in):
    """Opens a browser as somebody of a role; fails the test when a page reported an error."""
    visitors = []

    def open_as(role="viewer", viewport=DESKTOP, **options):
        context = chromium.new_context(viewport=viewport, storage_state=signed_in(role), **options)
        visitors.append(Visitor(stack, context))
        return visitors[-1]

    yield open_as
    for visitor in visitors:
        visitor.context.close()
    assert not [problem for visitor in visitors for problem in visitor.problems]


@pytest.fixture
def watched(stack, visit):
    """Opens the page of a session of its own for somebody."""

    def open_page(role="support", story=STALLED_FILM, query="", prepared="", **options):
        row = row_of(stack, play(stack, story))
        visitor = visit(role, **options)
        visitor.page.add_init_script(prepared)
        page = visitor.goes_to(f"/sessions/{row['id']}/{query}")
        page.wait_for_selector("#event-grid .event-rows [data-index]")
        return page

    return open_page
