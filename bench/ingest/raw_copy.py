"""The measure of everything: Postgres' own COPY of the rows that were stored, into a table with the same keys.

Text that is there already goes in, 10,000 rows a transaction, one connection; nothing is parsed, nothing decided.
"""

import time

ROWS_A_TRANSACTION = 10_000
RUNS = 3


def rows_per_s(conn, most_rows=150_000):
    """Rows a second, the middle one of some runs."""
    lines = []
    with (
        conn.cursor() as cursor,
        cursor.copy(
            f"COPY (SELECT * FROM sessions_app_mediaevent ORDER BY session_id, seq LIMIT {most_rows}) TO STDOUT"
        ) as copy,
    ):
        lines = [bytes(line) for line in copy]
    blocks = [b"".join(lines[n : n + ROWS_A_TRANSACTION]) for n in range(0, len(lines), ROWS_A_TRANSACTION)]
    conn.execute("CREATE TABLE bench_raw (LIKE sessions_app_mediaevent INCLUDING ALL)")
    try:
        took = sorted(once(conn, blocks) for _ in range(RUNS))
    finally:
        conn.execute("DROP TABLE bench_raw")
    return len(lines) / took[RUNS // 2]


def once(conn, blocks):
    conn.execute("TRUNCATE bench_raw")
    began = time.perf_counter()
    for block in blocks:
        with conn.transaction(), conn.cursor() as cursor, cursor.copy("COPY bench_raw FROM STDIN") as copy:
            copy.write(block)
    return time.perf_counter() - began
