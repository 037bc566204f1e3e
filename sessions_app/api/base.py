"""What every view of the API shares: the workspace it is about, who asks, checked query parameters, JSON whatever is
accepted, lists by cursor.
"""

import datetime as dt
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.http import Http404
from rest_framework.generics import GenericAPIView
from rest_framework.mixins import ListModelMixin
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from sessions_app.api.auth import roles_of_request, workspace_of_request
from sessions_app.api.pagination import NewestFirst
from sessions_app.models import Workspace
from sessions_app.models.clock import database_now
from sessions_app.viewers.audit import Actor
from sessions_app.viewers.roles import Action, may

Row = TypeVar("Row", bound=Model)
# `list` is a method of the views below.
Rows = list[Any]


class AlwaysJson(BaseContentNegotiation):
    """Answers JSON to everybody: a program that forgets to accept it is not helped by a 406."""

    def select_parser(self, request: Any, parsers: Any) -> Any:
        return next((parser for parser in parsers if request.content_type.startswith(parser.media_type)), None)

    def select_renderer(self, request: Any, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


class ApiView(APIView):
    """A view of one workspace; `needs` names the action, or one for each method."""

    content_negotiation_class = AlwaysJson
    needs: Action | dict[str, Action] | None = None

    @property
    def workspace(self) -> Workspace:
        if getattr(self, "swagger_fake_view", False):
            # drf-spectacular asks for querysets to see their models, in nobody's workspace.
            return Workspace(pk=0)
        found = workspace_of_request(self.request)
        if found is None:
            raise Http404
        return found

    @property
    def actor(self) -> Actor:
        return Actor.of(self.request.user)

    def may(self, action: Action) -> bool:
        return may(roles_of_request(self.request), action)

    def now(self) -> dt.datetime:
        return database_now()

    def query(self, shape: type[BaseSerializer]) -> dict[str, Any]:
        """The query parameters, checked by `shape`. A plain dict: a QueryDict would read a missing flag as false."""
        return _valid(shape(data=dict(self.request.query_params.items())))

    def body(self, shape: type[BaseSerializer], **options: Any) -> dict[str, Any]:
        return _valid(shape(data=self.request.data, **options))


class Listing(ApiView, ListModelMixin, GenericAPIView):
    """A list by cursor: `rows` turns one page of the queryset into JSON with as many queries as for one row."""

    pagination_class = NewestFirst

    def rows(self, page: Rows) -> Rows:
        raise TypeError(f"{type(self).__name__} must say how its rows look")

    def get(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        return self.list(request, *args, **kwargs)

    def list(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(self.rows([*(page or ())]))


def found(queryset: QuerySet[Row], **keys: Any) -> Row:
    """The one row, or 404: also for a number that no row could have."""
    row = queryset.filter(**keys).first()
    if row is None:
        raise Http404
    return row


def _valid(serializer: BaseSerializer) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)
