"""Signing in and out. Five wrong tries for one account and address, then a wait (settings, AXES_*)."""

from typing import Any

from django.conf import settings
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sessions_app.web.forms import SignInForm


class SignIn(LoginView):
    """Email and password; the same words for an unknown account and a wrong password."""

    template_name = "registration/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True


class SignInAgain(SignIn):
    """The password once more, for somebody who is signed in: after it keys and secrets may be changed for a while."""

    redirect_authenticated_user = False
    extra_context = {"is_again": True}

    def get_initial(self) -> dict[str, Any]:
        return {**super().get_initial(), "username": self.request.user.get_username()}


class SignOut(LogoutView):
    """By POST only: a link on another site must not sign anybody out."""

    http_method_names = ["post", "options"]


def wait_minutes() -> int:
    return int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)


def locked_out(
    request: HttpRequest, response: HttpResponse | None = None, credentials: dict[str, Any] | None = None
) -> HttpResponse:
    """The sign-in page again, saying how long to wait."""
    email = str((credentials or {}).get("username") or request.POST.get("username", ""))
    context = {"form": SignInForm(request, initial={"username": email}), "locked_minutes": wait_minutes()}
    answer = render(request, "registration/sign_in.html", context, status=429)
    answer["Retry-After"] = str(wait_minutes() * 60)
    return answer
