"""The live board as it is now, in one answer: what /ws/live/ goes on from."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers as s
from rest_framework.response import Response

from sessions_app.api.base import ApiView
from sessions_app.live import board
from sessions_app.live.filters import NAMES, SORTS, filters_of
from sessions_app.viewers.roles import Action

PARAMETERS = [
    *(OpenApiParameter(name, OpenApiTypes.STR, many=True, description="repeat for several") for name in NAMES),
    OpenApiParameter("sort", OpenApiTypes.STR, enum=SORTS),
    OpenApiParameter("limit", OpenApiTypes.INT),
]


class Board(s.Serializer):
    """One board message (docs/live.md)."""

    type = s.CharField()
    seq = s.IntegerField()
    reset = s.BooleanField()
    as_of_ms = s.IntegerField()
    upsert = s.ListField(child=s.DictField(), help_text="ROW of docs/live.md")
    ended = s.ListField(child=s.CharField())
    gone = s.ListField(child=s.CharField())
    figures = s.DictField()
    by_state = s.DictField(child=s.IntegerField())
    titles = s.ListField(child=s.DictField())
    total = s.IntegerField()
    matched = s.IntegerField()
    tightest = s.DictField(allow_null=True, help_text="the filter that excludes most, when nothing matches")


class LiveBoard(ApiView):
    needs = Action.SEE_BOARD

    @extend_schema(operation_id="live_board", parameters=PARAMETERS, responses=Board)
    def get(self, request: Any) -> Response:
        """Live sessions with figures, counts by state and the titles being watched."""
        return Response(board.snapshot(self.workspace.pk, filters_of(dict(request.query_params.lists()))))
