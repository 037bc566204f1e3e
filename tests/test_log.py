"""What is written to the log about an error: where it happened, never what the variables held."""

import json
import logging
import sys

import pytest
import structlog
from django.conf import settings


def fails():
    password = "-".join(["swordfish", "4711"])
    raise RuntimeError(f"as told, with {len(password)} letters")


def formatted(formatter):
    try:
        fails()
    except RuntimeError:
        record = logging.LogRecord("django.request", logging.ERROR, __file__, 1, "it broke", (), sys.exc_info())
    return formatter.format(record)


def formatter_for(log_format):
    renderers = settings.LOG_RENDERERS[log_format]
    remove = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    return structlog.stdlib.ProcessorFormatter(processors=[remove, *renderers])


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_a_traceback_has_no_variables_and_few_lines(log_format):
    written = formatted(formatter_for(log_format))
    assert "RuntimeError: as told, with 14 letters" in written
    assert "swordfish-4711" not in written
    assert len(written.replace("\\n", "\n").splitlines()) < 15
    if log_format == "json":
        assert "Traceback" in json.loads(written)["exception"]
