"""Error answers outside the doors: JSON for programs, a plain page for people, never a stack trace."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import TemplateDoesNotExist
from django.template.loader import render_to_string
from django.utils.html import format_html

WORDS = {
    400: ("BAD_REQUEST", "Bad request", "This request could not be understood."),
    403: ("FORBIDDEN", "Not allowed", "Your role in this workspace does not allow this."),
    404: ("NOT_FOUND", "Not found", "There is nothing at this address."),
    405: ("METHOD_NOT_ALLOWED", "Method not allowed", "This address does not take this method."),
    429: ("RATE_LIMITED", "Too many requests", "Wait a little and try again."),
    500: ("INTERNAL", "Something failed", "The request failed on our side and was written to the log."),
    503: ("UNAVAILABLE", "Not available", "The service cannot answer just now. Try again in a moment."),
}


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_answer(request, 400)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_answer(request, 403)


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_answer(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    return error_answer(request, 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return error_answer(request, 403, "The form was too old or came from another site. Reload the page and try again.")


def no_workspace(request: HttpRequest) -> HttpResponse:
    return error_answer(
        request, 403, "You are not a member of this workspace. Ask an administrator of your team to add you."
    )


def role_missing(request: HttpRequest, roles: list[str]) -> HttpResponse:
    """Says which role opens the page."""
    return error_answer(
        request,
        403,
        f"This page needs the {' or '.join(roles)} role in this workspace. Ask an administrator.",
    )


def error_answer(request: HttpRequest, status: int, detail: str = "") -> HttpResponse:
    """The same refusal as RFC 9457 under /api, as a page for browsers, in mParticle's form for everybody else."""
    code, title, words = WORDS[status]
    detail = detail or words
    if request.path.startswith("/api/"):
        return problem(status, title, detail, request.path)
    if "text/html" in request.headers.get("Accept", ""):
        return error_page(request, status, title, detail)
    return JsonResponse({"errors": [{"code": code, "message": detail}]}, status=status)


def problem(status: int, title: str, detail: str, instance: str) -> HttpResponse:
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": instance,
        "errors": [],
    }
    return JsonResponse(body, status=status, content_type="application/problem+json")


def error_page(request: HttpRequest, status: int, title: str, detail: str) -> HttpResponse:
    context = {"status": status, "title": title, "detail": detail}
    try:
        # A failing page must not need what may have failed: no context processors, so no database, on a 500.
        template = "errors/bare.html" if status >= 500 else "errors/error.html"
        page = render_to_string(template, context, request=None if status >= 500 else request)
    except TemplateDoesNotExist:
        page = format_html(
            "<!doctype html><html lang=en><title>{}</title><h1>{}</h1><p>{}</p></html>", title, title, detail
        )
    return HttpResponse(page, status=status)
