"""The database's clock: the only one that leases, due times and ends of sessions are measured by."""

import datetime as dt

from django.db import connection


def database_now() -> dt.datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]  # type: ignore[no-any-return]
