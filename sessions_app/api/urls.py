"""The REST API's paths. Each view says which action it needs; the role matrix answers."""

from typing import Any

from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.utils import extend_schema, extend_schema_view
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from sessions_app.api import board, exports, forwarding, inputs, numbers, people, quality, rollups, sessions, viewers

# The description of the API holds no data: everybody may read it.
OPEN: dict[str, Any] = {"authentication_classes": [], "permission_classes": []}


def named(view: Any, operation_id: str, **options: Any) -> Any:
    """A view used for two paths, under a name of its own in the description."""
    made: Any = type(view.__name__, (view,), options)
    return extend_schema_view(post=extend_schema(operation_id=operation_id))(made).as_view()


v1: list[URLPattern | URLResolver] = [
    path("me/", people.WhoAmI.as_view()),
    path("workspaces/", people.WorkspaceList.as_view()),
    path("workspace/", people.CurrentWorkspaceView.as_view()),
    path("members/", people.MemberList.as_view()),
    path("members/<int:pk>/", people.MemberDetail.as_view()),
    path("tokens/", people.TokenList.as_view()),
    path("tokens/<int:pk>/", people.TokenDetail.as_view()),
    path("audit/", people.AuditList.as_view()),
    path("live/", board.LiveBoard.as_view()),
    path("rollups/", rollups.RollupsView.as_view()),
    path("sessions/", sessions.SessionList.as_view(), name="api-sessions"),
    path("sessions/<int:pk>/", sessions.SessionDetail.as_view(), name="api-session"),
    path("sessions/<int:pk>/timeline/", sessions.SessionTimeline.as_view(), name="api-timeline"),
    path("sessions/<int:pk>/events/", sessions.SessionEvents.as_view(), name="api-events"),
    path("sessions/<int:pk>/events/<int:seq>/", sessions.SessionEvent.as_view()),
    path("sessions/<int:pk>/events/<int:seq>/raw/", sessions.SessionEventRaw.as_view()),
    path("sessions/<int:pk>/summary/", numbers.SessionSummaryView.as_view(), name="api-summary"),
    path("sessions/<int:pk>/explain/<str:metric>/", numbers.SessionExplain.as_view(), name="api-explain"),
    path("inputs/", inputs.InputList.as_view()),
    path("inputs/<int:pk>/", inputs.InputDetail.as_view()),
    path("inputs/<int:pk>/secret/", inputs.InputSecret.as_view()),
    path("destinations/", forwarding.DestinationList.as_view()),
    path("destinations/<int:pk>/", forwarding.DestinationDetail.as_view()),
    path("destinations/<int:pk>/pause/", named(forwarding.DestinationSwitch, "destinations_pause", pauses=True)),
    path("destinations/<int:pk>/resume/", named(forwarding.DestinationSwitch, "destinations_resume", pauses=False)),
    path("deliveries/", forwarding.DeliveryList.as_view()),
    path("deliveries/retry/", named(forwarding.LettersView, "deliveries_retry", retries=True)),
    path("deliveries/discard/", named(forwarding.LettersView, "deliveries_discard", retries=False)),
    path("deliveries/<int:pk>/", forwarding.DeliveryOne.as_view()),
    path("quality/", quality.QualityView.as_view()),
    path("quarantine/", quality.QuarantineList.as_view()),
    path("quarantine/<int:pk>/raw/", quality.QuarantineRaw.as_view()),
    path("quarantine/<int:pk>/replay/", quality.QuarantineReplay.as_view()),
    path("quarantine/<int:pk>/discard/", quality.QuarantineDiscard.as_view()),
    path("viewers/", viewers.ViewerSearch.as_view()),
    path("viewers/<str:ref>/", viewers.ViewerCard.as_view()),
    path("viewers/<str:ref>/sessions/", viewers.ViewerSessions.as_view()),
    path("viewers/<str:ref>/reveal/", viewers.ViewerReveal.as_view()),
    path("erasures/", viewers.ErasureList.as_view()),
    path("erasures/<int:pk>/approve/", named(viewers.ErasureDecision, "erasures_approve", approves=True)),
    path("erasures/<int:pk>/cancel/", named(viewers.ErasureDecision, "erasures_cancel", approves=False)),
    path("exports/", exports.ExportList.as_view()),
    path("exports/summaries.csv", exports.SummariesCsv.as_view(), name="summaries-csv"),
    path("exports/datasets/", exports.DatasetList.as_view()),
    path("exports/estimate/", exports.ExportEstimate.as_view()),
    path("exports/schedules/", exports.ScheduleList.as_view()),
    path("exports/schedules/<int:pk>/", exports.ScheduleDetail.as_view()),
    path("exports/<int:pk>/", exports.ExportDetail.as_view()),
    path("exports/<int:pk>/file/", exports.ExportFile.as_view()),
    path("exports/<int:pk>/cancel/", exports.ExportCancel.as_view()),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("v1/", include(v1)),
    path("schema/", SpectacularAPIView.as_view(**OPEN), name="schema"),
    path("docs/", SpectacularSwaggerView.as_view(**OPEN), name="api-docs"),
]
