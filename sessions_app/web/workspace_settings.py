"""Settings of a workspace: its inputs with keys shown once, destinations, members. For its administrators."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from mediadash import crypto
from sessions_app.models import Destination, Input, Membership, Workspace
from sessions_app.viewers.audit import Actor, record
from sessions_app.viewers.roles import Action
from sessions_app.viewers.setup import BroughtKeyError, make_input, renew_secret
from sessions_app.web.access import page, workspace_of
from sessions_app.web.forms import DestinationForm, InputForm, MemberForm


@page(Action.MANAGE_INPUTS)
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    return _overview(request)


@page(Action.MANAGE_INPUTS)
@require_POST
def add_input(request: HttpRequest) -> HttpResponse:
    """A new key. Its secret is in this answer and nowhere else ever after."""
    workspace, form = workspace_of(request), InputForm(request.POST)
    if not form.is_valid():
        return _overview(request, status=422, input_form=form)
    try:
        with transaction.atomic():
            made = make_input(workspace, **form.cleaned_data)
            _note(request, "make_input", f"input {made.input.pk}")
    except BroughtKeyError as refusal:
        form.add_error(refusal.field, str(refusal))
        return _overview(request, status=422, input_form=form)
    except IntegrityError:
        form.add_error("name", "An input of this name exists already.")
        return _overview(request, status=422, input_form=form)
    return _overview(request, made={"input": made.input, "secret": made.secret, "is_new": True})


@page(Action.MANAGE_INPUTS)
@require_POST
def change_input(request: HttpRequest, pk: int) -> HttpResponse:
    """A new secret, or no more events by this key."""
    feed = get_object_or_404(Input, pk=pk, workspace=workspace_of(request), revoked_at=None)
    if request.POST.get("do") == "renew":
        with transaction.atomic():
            secret = renew_secret(feed)
            _note(request, "renew_secret", f"input {pk}")
        return _overview(request, made={"input": feed, "secret": secret, "is_new": False})
    if request.POST.get("do") == "revoke":
        with transaction.atomic():
            feed.revoked_at = timezone.now()
            feed.save(update_fields=["revoked_at"])
            _note(request, "revoke_input", f"input {pk}")
        messages.info(request, f"{feed.name} takes no more events.")
    return redirect("settings")


@page(Action.WRITE_DESTINATIONS)
@require_POST
def add_destination(request: HttpRequest) -> HttpResponse:
    workspace, form = workspace_of(request), DestinationForm(request.POST)
    if form.is_valid() and _saved(request, form, workspace):
        messages.info(request, f"{form.cleaned_data['name']} gets every event from now on.")
        return redirect("settings")
    return _overview(request, status=422, destination_form=form)


def _saved(request: HttpRequest, form: DestinationForm, workspace: Workspace) -> bool:
    values = form.cleaned_data
    try:
        with transaction.atomic():
            made = Destination.objects.create(
                workspace=workspace,
                name=values["name"],
                url=values["url"],
                key=values["key"],
                secret_encrypted=crypto.encrypt(values["secret"]),
                send_computed_summary=values["send_computed_summary"],
            )
            _note(request, "make_destination", f"destination {made.pk}")
    except IntegrityError:
        form.add_error("name", "A destination of this name exists already.")
        return False
    return True


@page(Action.WRITE_DESTINATIONS)
@require_POST
def change_destination(request: HttpRequest, pk: int) -> HttpResponse:
    """A new secret (never read back), or nothing sent there any more."""
    destination = get_object_or_404(Destination, pk=pk, workspace=workspace_of(request))
    wish = request.POST.get("do")
    if wish == "secret" and request.POST.get("secret"):
        with transaction.atomic():
            destination.set_credentials(destination.key, request.POST["secret"])
            destination.save()
            _note(request, "change_destination", f"destination {pk}")
        messages.info(request, f"{destination.name} has a new secret.")
    if wish in ("remove", "start"):
        with transaction.atomic():
            destination.is_on = wish == "start"
            destination.save(update_fields=["is_on"])
            word = "switch_on" if destination.is_on else "switch_off"
            _note(request, f"{word}_destination", f"destination {pk}")
        words = "gets every event from now on." if destination.is_on else "is sent nothing any more."
        messages.info(request, f"{destination.name} {words}")
    return redirect("settings")


@page(Action.MANAGE_MEMBERS)
@require_POST
def add_member(request: HttpRequest) -> HttpResponse:
    """Gives a role to someone who has an account already; accounts are made in the admin."""
    workspace, form = workspace_of(request), MemberForm(request.POST)
    if form.is_valid():
        user = get_user_model().objects.filter(username=form.cleaned_data["email"], is_active=True).first()
        if user is not None:
            with transaction.atomic():
                Membership.objects.get_or_create(user=user, workspace=workspace, role=form.cleaned_data["role"])
                _note(request, "give_role", f"user {user.pk}", form.cleaned_data["role"])
            messages.info(request, f"{form.cleaned_data['email']} is {form.cleaned_data['role']} now.")
            return redirect("settings")
        form.add_error("email", "Nobody with this email has an account. Make it in the admin first.")
    return _overview(request, status=422, member_form=form)


@page(Action.MANAGE_MEMBERS)
@require_POST
def remove_member(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes one role away. One's own admin role stays: somebody must be able to undo mistakes."""
    membership = get_object_or_404(Membership, pk=pk, workspace=workspace_of(request))
    if membership.user_id == request.user.pk and membership.role == "admin":
        messages.error(request, "You can’t take your own admin role away. Ask another administrator.")
    else:
        with transaction.atomic():
            membership.delete()
            _note(request, "take_role", f"user {membership.user_id}", membership.role)
        messages.info(request, "The role was taken away.")
    return redirect("settings")


def _note(request: HttpRequest, deed: str, subject: str, reason: str = "") -> None:
    """An entry of the audit, to be written in the transaction of what it tells of."""
    record(workspace_of(request), Actor.of(request.user), deed, subject, timezone.now(), reason=reason)


def _overview(request: HttpRequest, status: int = 200, **more: Any) -> HttpResponse:
    workspace = workspace_of(request)
    members = Membership.objects.filter(workspace=workspace).select_related("user").order_by("user__username", "role")
    context = {
        "inputs": Input.objects.filter(workspace=workspace).order_by("revoked_at", "id"),
        "destinations": Destination.objects.filter(workspace=workspace).order_by("-is_on", "id"),
        "members": members,
        "input_form": InputForm(),
        "destination_form": DestinationForm(),
        "member_form": MemberForm(),
        **more,
    }
    return render(request, "settings/overview.html", context, status=status)
