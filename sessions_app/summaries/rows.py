"""Many rows into a table by one statement and one parameter, as JSON.

Django would send a list for each column, which psycopg quotes value by value: for rows that are mostly JSON that takes
longer than computing them.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from django.db import connection, models

_encode = msgspec.json.Encoder().encode


def insert(rows: Sequence[models.Model]) -> None:
    """Insert new rows of one model; each gets its primary key."""
    if not rows:
        return
    fields = [field for field in rows[0]._meta.concrete_fields if not field.primary_key]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    types = ", ".join(f'"{field.column}" {field.db_type(connection)}' for field in fields)
    table = rows[0]._meta.db_table
    values = [{field.column: getattr(row, field.attname) for field in fields} for row in rows]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({columns}) SELECT {columns} FROM json_to_recordset(%s::json) AS new ({types}) "  # noqa: S608
            "RETURNING id",
            [_encode(values).decode()],
        )
        # A single SELECT over a function's rows keeps their order.
        for row, (pk,) in zip(rows, cursor.fetchall(), strict=True):
            row.pk = pk


def insert_items(model: Any, started_at: str, items: dict[Any, list[dict[str, Any]]]) -> None:
    """The ads or segments of the latest revisions, in place of those before; by session."""
    model.objects.filter(session__in=list(items)).delete()
    insert(
        [
            model(
                session_id=session.pk,
                workspace_id=session.workspace_id,
                number=item["number"],
                started_at_ms=item[started_at],
                values=item,
            )
            for session, found in items.items()
            for item in found
        ]
    )
