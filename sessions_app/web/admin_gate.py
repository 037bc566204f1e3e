"""The way into the admin site is the one sign-in page, with its limits; who is signed in and may not is told so.

Who changes something there long after signing in comes by here too, and is asked for the password again.
"""

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from sessions_app.viewers.recent import signed_in_lately
from sessions_app.web.errors import error_answer


@require_safe
def admin_login(request: HttpRequest) -> HttpResponse:
    there = request.GET.get("next") or reverse("admin:index")
    if admin.site.has_permission(request) and not signed_in_lately(request):
        return redirect_to_login(there, reverse("sign-in-again"))
    if request.user.is_authenticated:
        return error_answer(request, 403, "The admin site is for administrators of a workspace.")
    return redirect_to_login(there)
