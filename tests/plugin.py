"""Loaded by pytest before Django reads its settings (pyproject.toml, addopts): the servers must be there by then."""

from tests.servers import start_servers

start_servers()
