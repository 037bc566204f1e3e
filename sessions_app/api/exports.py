"""Exports: a CSV that streams at once, files asked for and fetched later, estimates, schedules."""

from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.http import FileResponse, Http404, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers as s
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from sessions_app.api.base import ApiView, Listing, Rows, found
from sessions_app.api.problems import Problem
from sessions_app.exports import build, schedule, stream
from sessions_app.exports.columns import DATASETS, FORMATS
from sessions_app.exports.estimate import estimate
from sessions_app.exports.query import OptionError, Wanted, count, wanted
from sessions_app.models import Export, ExportSchedule
from sessions_app.viewers.audit import record
from sessions_app.viewers.roles import Action

CSV_TYPE = "text/csv; charset=utf-8"


class Period(s.Serializer):
    """Which rows: by the moment the session (or event) began, in epoch ms."""

    from_ms = s.IntegerField(required=False, min_value=-(2**53), max_value=2**53)
    to_ms = s.IntegerField(required=False, min_value=-(2**53), max_value=2**53)
    content_id = s.CharField(required=False, max_length=500, trim_whitespace=False)
    platform = s.CharField(required=False, max_length=500)
    input_id = s.IntegerField(required=False, min_value=0, max_value=2**53)


class ExportOptions(Period):
    columns = s.ListField(child=s.CharField(max_length=100), required=False, max_length=200)


class ExportRequest(s.Serializer):
    dataset = s.ChoiceField(choices=sorted(DATASETS))
    format = s.ChoiceField(choices=FORMATS)
    options = ExportOptions(required=False, default=dict)
    name = s.CharField(max_length=200, required=False, allow_blank=True, default="")


class Estimate(s.Serializer):
    rows = s.IntegerField()
    error = s.FloatField(help_text="the share by which rows may be off")
    bytes = s.IntegerField()
    seconds = s.IntegerField()
    blocked = s.CharField(allow_null=True, help_text="why there will be no file")


class ExportShape(s.Serializer):
    id = s.CharField()
    name = s.CharField()
    dataset = s.CharField()
    format = s.CharField()
    options = s.DictField()
    status = s.CharField(help_text="queued running done failed cancelled expired")
    rows_done = s.IntegerField()
    rows_total = s.IntegerField(allow_null=True)
    bytes = s.IntegerField(allow_null=True)
    error = s.CharField(help_text="what went wrong and what to do")
    requested_by = s.CharField()
    requested_at = s.DateTimeField()
    started_at = s.DateTimeField(allow_null=True)
    finished_at = s.DateTimeField(allow_null=True)
    expires_at = s.DateTimeField(allow_null=True)


class ScheduleRequest(ExportRequest):
    every = s.ChoiceField(choices=schedule.EVERY)


class ScheduleShape(s.Serializer):
    id = s.CharField()
    name = s.CharField()
    dataset = s.CharField()
    format = s.CharField()
    options = s.DictField()
    every = s.CharField()
    is_on = s.BooleanField()
    created_by = s.CharField()
    next_at = s.DateTimeField()


class ScheduleSwitch(s.Serializer):
    is_on = s.BooleanField()


class ColumnShape(s.Serializer):
    name = s.CharField()
    kind = s.CharField()
    words = s.CharField()


class DatasetShape(s.Serializer):
    name = s.CharField()
    words = s.CharField()
    columns = ColumnShape(many=True)


class SummariesCsv(ApiView):
    needs = Action.EXPORT

    @extend_schema(
        operation_id="exports_summaries_csv",
        parameters=[Period],
        responses={(200, "text/csv"): OpenApiTypes.STR},
    )
    def get(self, request: Any) -> StreamingHttpResponse:
        """Settled sessions as CSV, at once. Text that looks like a formula begins with an apostrophe."""
        asked = _checked(self.workspace.pk, "summaries", self.query(Period))
        with connection.cursor() as cursor:
            cursor.execute(count(asked, stream.MOST_ROWS + 1).as_string(None))
            if cursor.fetchone()[0] > stream.MOST_ROWS:
                raise Problem(413, f"More than {stream.MOST_ROWS:,} rows. Shorten the period or ask for a file.")
        record(self.workspace, self.actor, "export", "summaries.csv", self.now())
        answer = StreamingHttpResponse(stream.csv(asked), content_type=CSV_TYPE)
        answer["Content-Disposition"] = 'attachment; filename="mediadash-summaries.csv"'
        return answer


class DatasetList(ApiView):
    needs = Action.EXPORT

    @extend_schema(operation_id="exports_datasets", responses=DatasetShape(many=True))
    def get(self, request: Any) -> Response:
        """What can be exported: datasets and their columns."""
        return Response(DatasetShape(DATASETS.values(), many=True).data)


class ExportList(Listing):
    needs = Action.EXPORT
    serializer_class = ExportShape

    @extend_schema(operation_id="exports_list")
    def get(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """Files asked for, newest first."""
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Export]:
        return Export.objects.filter(workspace=self.workspace)

    def rows(self, page: Rows) -> Rows:
        return list(ExportShape(page, many=True).data)

    @extend_schema(operation_id="exports_create", request=ExportRequest, responses={201: ExportShape})
    @transaction.atomic
    def post(self, request: Any) -> Response:
        """Ask for a file; a worker makes it within seconds."""
        asked = self.body(ExportRequest)
        try:
            made = build.ask(
                self.workspace,
                asked["dataset"],
                asked["format"],
                dict(asked["options"]),
                name=asked["name"],
                by=self.actor.name,
            )
        except OptionError as refusal:
            raise _invalid(refusal) from None
        except build.ExportBlockedError as refusal:
            raise Problem(409, str(refusal)) from None
        record(self.workspace, self.actor, "export", f"export {made.pk}", self.now())
        return Response(ExportShape(made).data, status=201)


class ExportEstimate(ApiView):
    needs = Action.EXPORT

    @extend_schema(operation_id="exports_estimate", request=ExportRequest, responses=Estimate)
    def post(self, request: Any) -> Response:
        """Rows, size and time of a file before it is made."""
        asked = self.body(ExportRequest)
        checked = _checked(self.workspace.pk, asked["dataset"], dict(asked["options"]))
        return Response(estimate(checked, asked["format"]))


class ExportView(ApiView):
    needs = Action.EXPORT

    def export(self, pk: int) -> Export:
        return found(Export.objects.all(), workspace=self.workspace, pk=pk)


class ExportDetail(ExportView):
    @extend_schema(operation_id="exports_retrieve", responses=ExportShape)
    def get(self, request: Any, pk: int) -> Response:
        """How far a file is."""
        return Response(ExportShape(self.export(pk)).data)


class ExportFile(ExportView):
    @extend_schema(
        operation_id="exports_file",
        responses={(200, "application/octet-stream"): OpenApiResponse(OpenApiTypes.BINARY)},
    )
    def get(self, request: Any, pk: int) -> FileResponse:
        """The file itself, while it is kept."""
        row = self.export(pk)
        if row.status != "done" or not build.path_of(row).is_file():
            raise Http404
        record(self.workspace, self.actor, "download", f"export {row.pk}", self.now())
        return FileResponse(
            build.path_of(row).open("rb"),
            as_attachment=True,
            filename=build.download_name(row),
            content_type="application/octet-stream",
        )


class ExportCancel(ExportView):
    @extend_schema(operation_id="exports_cancel", request=None, responses=ExportShape)
    def post(self, request: Any, pk: int) -> Response:
        """Stop a file that is not finished."""
        row = self.export(pk)
        if not build.cancel(row):
            raise Problem(409, f"This export is {row.status}.")
        row.refresh_from_db()
        return Response(ExportShape(row).data)


class ScheduleList(Listing):
    needs = Action.EXPORT
    serializer_class = ScheduleShape

    @extend_schema(operation_id="schedules_list")
    def get(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """Exports made again and again."""
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[ExportSchedule]:
        return ExportSchedule.objects.filter(workspace=self.workspace)

    def rows(self, page: Rows) -> Rows:
        return list(ScheduleShape(page, many=True).data)

    @extend_schema(operation_id="schedules_create", request=ScheduleRequest, responses={201: ScheduleShape})
    @transaction.atomic
    def post(self, request: Any) -> Response:
        """Each file covers the hour, day or week that has just ended, in the workspace's time zone."""
        asked = self.body(ScheduleRequest)
        try:
            made = schedule.plan(
                self.workspace,
                asked["dataset"],
                asked["format"],
                dict(asked["options"]),
                name=asked["name"],
                every=asked["every"],
                by=self.actor.name,
                now=self.now(),
            )
        except OptionError as refusal:
            raise _invalid(refusal) from None
        record(self.workspace, self.actor, "make_schedule", f"schedule {made.pk}", self.now())
        return Response(ScheduleShape(made).data, status=201)


class ScheduleDetail(ApiView):
    needs = Action.EXPORT

    def schedule(self, pk: int) -> ExportSchedule:
        return found(ExportSchedule.objects.all(), workspace=self.workspace, pk=pk)

    @extend_schema(operation_id="schedules_update", request=ScheduleSwitch, responses=ScheduleShape)
    @transaction.atomic
    def patch(self, request: Any, pk: int) -> Response:
        """Switch it on or off."""
        row = self.schedule(pk)
        asked = self.body(ScheduleSwitch, partial=True)
        if "is_on" not in asked:
            return Response(ScheduleShape(row).data)
        row.is_on = asked["is_on"]
        if row.is_on:
            # What was missed while it was off is not made up for.
            row.next_at = schedule.next_start(row.every, schedule.zone_of(self.workspace), self.now())
        row.save(update_fields=["is_on", "next_at"])
        action = "start_schedule" if row.is_on else "stop_schedule"
        record(self.workspace, self.actor, action, f"schedule {pk}", self.now())
        return Response(ScheduleShape(row).data)

    @extend_schema(operation_id="schedules_destroy", responses={204: None})
    @transaction.atomic
    def delete(self, request: Any, pk: int) -> Response:
        """Take it away; files made by it stay as long as any."""
        self.schedule(pk).delete()
        record(self.workspace, self.actor, "remove_schedule", f"schedule {pk}", self.now())
        return Response(status=204)


def _checked(workspace_id: int, dataset: str, options: dict[str, Any]) -> Wanted:
    try:
        return wanted(workspace_id, dataset, options)
    except OptionError as refusal:
        raise _invalid(refusal) from None


def _invalid(refusal: OptionError) -> ValidationError:
    return ValidationError({refusal.field: [str(refusal)]})
