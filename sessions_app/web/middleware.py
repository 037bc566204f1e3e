"""What every page request passes: cross-origin headers, the current workspace, the idle limit of a session."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


class CrossOriginHeaders:
    """Keeps our pages and answers out of other sites' documents."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response


class CurrentWorkspace:
    """Sets `request.workspace` and `request.roles` from the session's choice and the user's memberships."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)
