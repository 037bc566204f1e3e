"""Every refusal of the API as RFC 9457 `application/problem+json`: what was wrong, and where.

`errors` lists each fault with a JSON pointer into the body, or the name of the query parameter.
"""

import logging
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

MEDIA_TYPE = "application/problem+json"
log = logging.getLogger(__name__)


class Problem(exceptions.APIException):
    """A refusal with a status and words of its own."""

    def __init__(self, status: int, detail: str, code: str = "invalid") -> None:
        super().__init__(detail, code)
        self.status_code = status
        self.default_detail = HTTPStatus(status).phrase


class BadParameter(exceptions.ValidationError):
    """A query parameter that cannot be meant."""

    def __init__(self, name: str, words: str) -> None:
        super().__init__({name: [words]})


def handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's EXCEPTION_HANDLER; None lets Django's 500 answer, which is JSON under /api too."""
    refusal = _as_refusal(exc)
    if refusal is None:
        return None
    set_rollback()
    answer = Response(body_of(refusal, context["request"].path), status=refusal.status_code, content_type=MEDIA_TYPE)
    if refusal.status_code in (401, 403):
        log.warning("refused", extra={"status": refusal.status_code, "path": context["request"].path})
    for header, value in _headers_of(refusal):
        answer[header] = value
    return answer


def body_of(refusal: exceptions.APIException, instance: str) -> dict[str, Any]:
    errors = list(_faults(refusal.detail)) if isinstance(refusal, exceptions.ValidationError) else []
    return {
        "type": "about:blank",
        "title": str(refusal.default_detail).rstrip("."),
        "status": refusal.status_code,
        "detail": errors[0]["message"] if errors else str(refusal.detail),
        "instance": instance,
        "errors": errors,
    }


def _as_refusal(exc: Exception) -> exceptions.APIException | None:
    if isinstance(exc, exceptions.APIException):
        return exc
    if isinstance(exc, Http404):
        return exceptions.NotFound()
    if isinstance(exc, DjangoPermissionDenied):
        return exceptions.PermissionDenied()
    if isinstance(exc, RecursionError):
        return exceptions.ParseError("The JSON is nested too deeply.")
    return None


def _headers_of(refusal: exceptions.APIException) -> list[tuple[str, str]]:
    headers = []
    if auth_header := getattr(refusal, "auth_header", None):
        headers.append(("WWW-Authenticate", auth_header))
    wait = getattr(refusal, "wait", None)
    if refusal.status_code in (429, 503):
        headers.append(("Retry-After", str(max(1, int(wait or 1)))))
    return headers


def _faults(detail: Any, pointer: str = "") -> Any:
    """DRF's nested error detail as a flat list of {pointer, code, message}."""
    if isinstance(detail, dict):
        for key, value in detail.items():
            yield from _faults(value, pointer if key == "non_field_errors" else f"{pointer}/{key}")
    elif isinstance(detail, list):
        for number, value in enumerate(detail):
            nested = isinstance(value, (dict, list))
            yield from _faults(value, f"{pointer}/{number}" if nested else pointer)
    else:
        yield {"pointer": pointer, "code": str(getattr(detail, "code", "invalid")), "message": str(detail)}
