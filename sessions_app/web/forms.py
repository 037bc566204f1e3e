"""What people type on our pages, checked."""

from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError


class SignInForm(AuthenticationForm):
    """Email and password. A wrong pair says how many tries are left, known account or not."""

    username = forms.CharField(
        label="Email",
        max_length=254,
        widget=forms.EmailInput(attrs={"class": "inp", "autocomplete": "username", "autofocus": True}),
    )
    password = forms.CharField(
        label="Password",
        strip=False,
        widget=forms.PasswordInput(attrs={"class": "inp", "autocomplete": "current-password"}),
    )

    def clean_username(self) -> str:
        return str(self.cleaned_data["username"]).strip().lower()

    def get_invalid_login_error(self) -> ValidationError:
        minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
        left = max(0, settings.AXES_FAILURE_LIMIT - self._failures())
        tries = "1 try" if left == 1 else f"{left} tries"
        return ValidationError(
            f"That email and password do not match. {tries} left before a {minutes}-minute wait.",
            code="invalid_login",
        )

    def _failures(self) -> int:
        credentials: dict[str, Any] = {"username": self.cleaned_data.get("username")}
        return int(AxesProxyHandler.get_failures(self.request, credentials))
