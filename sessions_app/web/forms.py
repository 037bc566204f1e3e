"""What people type on our pages, checked."""

from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError

from sessions_app.forwarding.addresses import PODS
from sessions_app.models.workspaces import Platform, Role


class SignInForm(AuthenticationForm):
    """Email and password. A wrong pair says how many tries are left, known account or not."""

    username = forms.CharField(
        label="Email",
        max_length=254,
        widget=forms.EmailInput(attrs={"class": "input", "autocomplete": "username", "autofocus": True}),
    )
    password = forms.CharField(
        label="Password",
        strip=False,
        widget=forms.PasswordInput(attrs={"class": "input", "autocomplete": "current-password"}),
    )

    def clean_username(self) -> str:
        return str(self.cleaned_data["username"]).strip().lower()

    def get_invalid_login_error(self) -> ValidationError:
        self.fields["password"].widget.attrs |= {"aria-invalid": "true", "aria-describedby": "sign-error"}
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


def text(placeholder: str = "", **attrs: str) -> forms.TextInput:
    return forms.TextInput(attrs={"class": "input", "placeholder": placeholder, "autocomplete": "off", **attrs})


def choice() -> forms.Select:
    return forms.Select(attrs={"class": "input"})


class InputForm(forms.Form):
    """A new input: what it is called, which client sends to it, and the key it has from mParticle, if it has one."""

    name = forms.CharField(max_length=200, widget=text("Web player"))
    platform = forms.ChoiceField(choices=Platform.choices, widget=choice())
    key = forms.CharField(label="mParticle key, if it has one", required=False, max_length=64, widget=text("us1-…"))
    secret = forms.CharField(
        label="Its secret",
        required=False,
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(attrs={"class": "input", "autocomplete": "new-password"}),
    )


class DestinationForm(forms.Form):
    """An mParticle feed to pass events on to: one of its pods, or an address the operator allowed."""

    name = forms.CharField(max_length=200, widget=text("mParticle US1"))
    url = forms.ChoiceField(label="Server", widget=choice())
    key = forms.CharField(max_length=128, widget=text("us1-…"))
    secret = forms.CharField(
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(attrs={"class": "input", "autocomplete": "new-password"}),
    )
    send_computed_summary = forms.BooleanField(label="Also send our computed summary", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        allowed = [*PODS, *settings.FORWARDING_ALLOWED_URLS]
        self.fields["url"].choices = [(url, url) for url in allowed]  # type: ignore[attr-defined]


class MemberForm(forms.Form):
    """Who gets which role."""

    email = forms.EmailField(widget=text("name@team.example", type="email"))
    role = forms.ChoiceField(choices=Role.choices, widget=choice())

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).strip().lower()
