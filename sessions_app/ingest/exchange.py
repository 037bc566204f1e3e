"""What the store says to Postgres, as few exchanges as the answers it needs.

Statements gather until somebody needs an answer; then they are sent together in libpq's pipeline mode and answered
together. One at a time, through a cursor each, a transaction of one event cost twice the processor and waited nine
times for Postgres. A statement is prepared on a connection when it is first used there. What fails, fails as it would
alone: the first error is raised, nothing after it was done.
"""

import contextlib
import itertools
import select
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from psycopg import Connection, errors, pq

OK = (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK)
TEXT, BINARY = 0, 1
READABLE, WRITABLE = select.POLLIN, select.POLLOUT

# Booleans too: Postgres reads Python's words for them.
Value = bytes | str | int | None
Said = tuple["Statement", Sequence[Any], "Answer"]

_numbers = itertools.count(1)
# What each connection has prepared.
_prepared: WeakKeyDictionary[Connection, set[bytes]] = WeakKeyDictionary()


class Statement:
    """SQL with $1, $2 …: one text, so that each connection prepares it once."""

    __slots__ = ("name", "sql", "takes")

    def __init__(self, sql: str, *, takes: int = TEXT) -> None:
        self.sql = sql.encode()
        self.name = b"ingest_%d" % next(_numbers)
        # In which format its values are given; answers are binary always.
        self.takes = takes


BEGIN, COMMIT, ROLLBACK = Statement("BEGIN"), Statement("COMMIT"), Statement("ROLLBACK")
SAVEPOINT, RELEASE = Statement("SAVEPOINT ingest"), Statement("RELEASE ingest")
ROLLBACK_TO = Statement("ROLLBACK TO ingest")


class Answer:
    """A statement's result, once it was sent and answered."""

    __slots__ = ("result",)

    result: pq.abc.PGresult

    def number(self) -> int:
        """The bigint in the only row."""
        return integer(self.result.get_value(0, 0) or b"")

    def rows(self) -> Iterator[list[Any]]:
        """Every row's values: bytes in Postgres' binary format, None for NULL."""
        value, columns = self.result.get_value, range(self.result.nfields)
        return ([value(row, column) for column in columns] for row in range(self.result.ntuples))


class Exchange:
    """The statements of one transaction on a connection."""

    def __init__(self, conn: Connection) -> None:
        self.conn = conn
        self.prepared = _prepared.setdefault(conn, set())
        self.waiting: list[Said] = []

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """BEGIN and COMMIT; inside a transaction a savepoint."""
        if self.conn.pgconn.transaction_status == pq.TransactionStatus.IDLE:
            begin, end, undo = BEGIN, COMMIT, [ROLLBACK]
        else:
            begin, end, undo = SAVEPOINT, RELEASE, [ROLLBACK_TO, RELEASE]
        self.later(begin)
        try:
            yield
            ended = self.now(end)
        except BaseException:
            self.give_up(undo)
            raise
        if ended.result.command_status != end.sql.split()[0]:
            raise psycopg.InternalError("The transaction was rolled back instead of committed.")

    def give_up(self, undo: Sequence[Statement]) -> None:
        self.waiting.clear()
        try:
            if self.conn.pgconn.transaction_status != pq.TransactionStatus.IDLE:
                for statement in undo:
                    self.later(statement)
                self.flush()
        except psycopg.Error:
            self.conn.close()

    def later(self, statement: Statement, *values: Value) -> Answer:
        """Say it with the next exchange; the answer is there after that."""
        answer = Answer()
        self.waiting.append((statement, values if statement.takes == BINARY else as_text(values), answer))
        return answer

    def now(self, statement: Statement, *values: Value) -> Answer:
        """Say it with all that waits, and have the answer."""
        answer = self.later(statement, *values)
        self.flush()
        return answer

    def attempt(self, say: Callable[[], None]) -> bool:
        """Do it in a savepoint; False, and nothing of it done, when something is there already."""
        self.later(SAVEPOINT)
        try:
            say()
            self.now(RELEASE)
        except errors.UniqueViolation:
            self.waiting.clear()
            self.later(ROLLBACK_TO)
            self.now(RELEASE)
            return False
        return True

    def copy(self, statement: str, data: bytes) -> None:
        """COPY in one piece, after all that waits."""
        self.flush()
        with self.conn.cursor() as cursor, cursor.copy(statement.encode()) as copying:
            copying.write(data)

    def flush(self) -> None:
        """Say all that waits. Raises the first error, as psycopg would."""
        if not self.waiting:
            return
        asked, self.waiting = self.waiting, []
        try:
            new = self.send(asked)
            results = iter(self.results())
            self.conn.pgconn.exit_pipeline_mode()
        except BaseException:
            # Half a conversation: whatever is said next would be answered with what was asked before.
            self.conn.close()
            raise
        for statement, _, answer in asked:
            if statement.name in new:
                new.remove(statement.name)
                self.check(next(results))
                self.prepared.add(statement.name)
            answer.result = self.check(next(results))

    def check(self, result: pq.abc.PGresult) -> pq.abc.PGresult:
        if result.status in OK:
            return result
        if self.conn.pgconn.status != pq.ConnStatus.OK:
            raise psycopg.OperationalError(result.get_error_message())
        error = errors.error_from_result(result)
        if isinstance(error, errors.InvalidSqlStatementName):
            # Somebody deallocated them, a pooler say: prepared anew at the next try.
            self.prepared.clear()
        raise error

    # --- the network ----------------------------------------------------------------------------------------

    def send(self, asked: list[Said]) -> set[bytes]:
        """Into the connection's buffer; returns the names that are prepared on the way."""
        pgconn = self.conn.pgconn
        pgconn.enter_pipeline_mode()
        new: set[bytes] = set()
        for statement, values, _ in asked:
            if statement.name not in self.prepared and statement.name not in new:
                new.add(statement.name)
                pgconn.send_prepare(statement.name, statement.sql)
            pgconn.send_query_prepared(statement.name, values, [statement.takes] * len(values), BINARY)
        pgconn.pipeline_sync()
        return new

    def results(self) -> list[pq.abc.PGresult]:
        """One for each message sent, up to the end of the pipeline."""
        pgconn = self.conn.pgconn
        poll = select.poll()
        poll.register(pgconn.socket, READABLE | WRITABLE)
        # Postgres may answer before it has heard everything: read meanwhile, or both would wait for ever.
        while pgconn.flush():
            if poll.poll()[0][1] & ~WRITABLE:
                pgconn.consume_input()
        poll.modify(pgconn.socket, READABLE)
        results: list[pq.abc.PGresult] = []
        while True:
            while pgconn.is_busy():
                poll.poll()
                pgconn.consume_input()
            result = pgconn.get_result()
            if result is None:
                continue
            if result.status == pq.ExecStatus.PIPELINE_SYNC:
                return results
            results.append(result)
            if pgconn.status != pq.ConnStatus.OK:
                raise psycopg.OperationalError(result.get_error_message())


def as_text(values: Sequence[Value]) -> list[bytes | None]:
    """Values as Postgres reads them; DataError for a NUL, behind which libpq would drop the rest without a word."""
    texts = [value if value is None or isinstance(value, bytes) else str(value).encode() for value in values]
    if b"\0" in b"".join(filter(None, texts)):
        raise psycopg.DataError("Postgres' text cannot hold NUL.")
    return texts


def integer(value: bytes) -> int:
    """A smallint, integer or bigint in binary."""
    return int.from_bytes(value, "big", signed=True)


def array(values: Sequence[object]) -> str:
    """An array as text, of values that need no quotes: numbers, keys in hexadecimal."""
    return "{" + ",".join(map(str, values)) + "}"
