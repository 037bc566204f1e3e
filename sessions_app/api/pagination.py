"""Pages of a list by cursor: a new row never shifts what a reader already has."""

from typing import Any

from rest_framework.exceptions import ValidationError
from rest_framework.pagination import CursorPagination

# Numbers beyond this are no row's key; Postgres would refuse to compare them.
LARGEST_KEY = 2**63 - 1


class NewestFirst(CursorPagination):
    """Newest rows first, 50 a page, 200 at most: `?limit=`, `?cursor=`."""

    ordering = "-id"
    page_size = 50
    page_size_query_param = "limit"
    max_page_size = 200

    def decode_cursor(self, request: Any) -> Any:
        """A cursor somebody made up is a bad parameter, not a page that went missing or a failing query."""
        try:
            cursor = super().decode_cursor(request)
            fits = cursor is None or cursor.position is None or abs(int(cursor.position)) <= LARGEST_KEY
        except Exception as problem:
            raise ValidationError({"cursor": ["This cursor is not one of ours."]}) from problem
        if not fits:
            raise ValidationError({"cursor": ["This cursor is not one of ours."]})
        return cursor

    def get_paginated_response_schema(self, schema: Any) -> Any:
        described = super().get_paginated_response_schema(schema)
        described["required"] = ["next", "previous", "results"]
        return described
