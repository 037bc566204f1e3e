"""Where each page lives. Session pages are in sessions.py; doors, REST API and health stand elsewhere."""

from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from sessions_app.web import (
    exports,
    first_run,
    forwarding,
    live,
    quality,
    suggest,
    titles,
    viewers,
    workspace_settings,
)
from sessions_app.web.sign_in import SignIn, SignInAgain, SignOut

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="live"), name="home"),
    path("sign-in/", SignIn.as_view(), name="sign-in"),
    path("sign-in/again/", SignInAgain.as_view(), name="sign-in-again"),
    path("sign-out/", SignOut.as_view(), name="sign-out"),
    path("live/", live.board, name="live"),
    path("first-run/", first_run.listening, name="first-run"),
    path("first-run/state/", first_run.state, name="first-run-state"),
    path("titles/<path:content_id>/", titles.title, name="title"),
    path("viewers/", viewers.search, name="viewers"),
    path("viewers/suggest/", suggest.suggest, name="suggest"),
    path("viewers/<str:ref>/", viewers.viewer, name="viewer"),
    path("viewers/<str:ref>/reveal/", viewers.reveal, name="viewer-reveal"),
    path("exports/", exports.exports, name="exports"),
    path("exports/progress/", exports.progress, name="exports-progress"),
    path("exports/estimate/", exports.estimate, name="exports-estimate"),
    path("exports/schedules/<int:pk>/", exports.change_schedule, name="export-schedule"),
    path("exports/<int:pk>/", exports.download, name="export-download"),
    path("exports/<int:pk>/cancel/", exports.cancel, name="export-cancel"),
    path("exports/<int:pk>/again/", exports.run_again, name="export-again"),
    path("forwarding/", forwarding.forwarding, name="forwarding"),
    path("forwarding/state/", forwarding.state, name="forwarding-state"),
    path("forwarding/dead-letters/", forwarding.act_on_dead_letters, name="dead-letters-act"),
    path("forwarding/<int:pk>/switch/", forwarding.switch, name="destination-switch"),
    path("quality/", quality.quality, name="quality"),
    path("quality/quarantine/", quality.act_on_quarantine, name="quarantine-act"),
    path("quality/quarantine/<int:pk>/", quality.sample, name="quarantine-sample"),
    path("settings/", workspace_settings.overview, name="settings"),
    path("settings/inputs/", workspace_settings.add_input, name="settings-inputs"),
    path("settings/inputs/<int:pk>/", workspace_settings.change_input, name="settings-input"),
    path("settings/destinations/", workspace_settings.add_destination, name="settings-destinations"),
    path("settings/destinations/<int:pk>/", workspace_settings.change_destination, name="settings-destination"),
    path("settings/members/", workspace_settings.add_member, name="settings-members"),
    path("settings/members/<int:pk>/", workspace_settings.remove_member, name="settings-member"),
    path("", include("sessions_app.web.compare")),
    path("", include("sessions_app.web.replays")),
    path("", include("sessions_app.web.sessions")),
]
