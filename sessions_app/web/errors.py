"""Error answers outside the doors: JSON for programs, a plain page for people, never a stack trace."""

from django.http import HttpRequest, HttpResponse, JsonResponse


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return JsonResponse({"errors": [{"code": "FORBIDDEN", "message": "The form was too old. Reload the page."}]}, status=403)
