"""Pages of a list by cursor: a new row never shifts what a reader already has."""

from typing import Any

from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination

# Numbers beyond this are no row's key; Postgres would refuse to compare them.
LARGEST_KEY = 2**63 - 1
NO_PAGE = "There is no page at this cursor."


class NewestFirst(CursorPagination):
    """Newest rows first, 50 a page, 200 at most: `?limit=`, `?cursor=`."""

    ordering = "-id"
    page_size = 50
    page_size_query_param = "limit"
    max_page_size = 200

    def decode_cursor(self, request: Any) -> Any:
        """A cursor somebody made up leads to no page; it must not become a failing query."""
        try:
            cursor = super().decode_cursor(request)
            fits = cursor is None or cursor.position is None or abs(int(cursor.position)) <= LARGEST_KEY
        except Exception as problem:
            raise NotFound(NO_PAGE) from problem
        if not fits:
            raise NotFound(NO_PAGE)
        return cursor

    def get_paginated_response_schema(self, schema: Any) -> Any:
        described = super().get_paginated_response_schema(schema)
        described["required"] = ["next", "previous", "results"]
        return described
