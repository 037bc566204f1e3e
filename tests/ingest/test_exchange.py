"""Several statements in one exchange fail and succeed as they would one by one."""

import psycopg
import pytest
from django.db import connection

from sessions_app.ingest.database import connect
from sessions_app.ingest.exchange import BINARY, Exchange, Statement, as_text, integer

pytestmark = pytest.mark.django_db(transaction=True)

MAKE = "CREATE TEMPORARY TABLE kept (number bigint UNIQUE, word text)"
KEEP = Statement("INSERT INTO kept VALUES ($1, $2)")
KEEP_BINARY = Statement("INSERT INTO kept (number, word) VALUES ($1, $2)", takes=BINARY)
ALL = Statement("SELECT number, word FROM kept ORDER BY number")
NONSENSE = Statement("SELECT 1 / $1::integer")


@pytest.fixture
def conn():
    connection.ensure_connection()
    with connect("tests-exchange") as conn:
        conn.execute(MAKE)
        yield conn


def kept(conn):
    return conn.execute("SELECT number, word FROM kept ORDER BY number").fetchall()


def tell(exchange, *said, then=None):
    """These statements in one transaction, which `then` ends."""
    with exchange.transaction():
        for one in said:
            exchange.later(*one)
        if then is not None:
            exchange.flush()
            raise then


def test_what_is_said_later_is_said_with_the_next_question_in_order(conn):
    exchange = Exchange(conn)
    with exchange.transaction():
        exchange.later(KEEP, 2, "two")
        exchange.later(KEEP_BINARY, (1).to_bytes(8, "big"), None)
        answer = exchange.now(ALL)
    assert [(integer(number), word) for number, word in answer.rows()] == [(1, None), (2, b"two")]
    assert kept(conn) == [(1, None), (2, "two")]


def test_the_first_error_is_raised_and_nothing_of_the_transaction_stays(conn):
    exchange = Exchange(conn)
    with pytest.raises(psycopg.errors.DivisionByZero):
        tell(exchange, (KEEP, 1, "one"), (NONSENSE, 0), (KEEP, 1, "again"))
    assert kept(conn) == []
    tell(exchange, (KEEP, 1, "one"))
    assert kept(conn) == [(1, "one")]


def test_what_was_not_said_when_something_else_goes_wrong_is_forgotten(conn):
    exchange = Exchange(conn)
    exchange.later(KEEP, 1, "one")
    with pytest.raises(psycopg.DataError):
        tell(exchange, (KEEP, 2, "a\0b"))
    exchange.flush()
    assert kept(conn) == []


def test_an_attempt_that_meets_what_is_there_leaves_the_rest_alone(conn):
    exchange = Exchange(conn)
    with exchange.transaction():
        exchange.later(KEEP, 1, "one")
        assert not exchange.attempt(lambda: [exchange.later(KEEP, number, "again") for number in (2, 1)])
        assert exchange.attempt(lambda: exchange.later(KEEP, 3, "three"))
    assert kept(conn) == [(1, "one"), (3, "three")]


def test_inside_a_transaction_it_is_a_savepoint(conn):
    exchange = Exchange(conn)
    with conn.transaction():
        tell(exchange, (KEEP, 1, "one"))
        with pytest.raises(KeyError):
            tell(exchange, (KEEP, 2, "two"), then=KeyError())
        assert kept(conn) == [(1, "one")]
    assert kept(conn) == [(1, "one")]


def test_more_than_the_network_holds_goes_through_in_both_directions(conn):
    """Neither side may wait for the other to read first."""
    exchange = Exchange(conn)
    echo = Statement("SELECT $1::text")
    answers = [exchange.later(echo, str(number % 10) * 1_000_000) for number in range(20)]
    exchange.flush()
    assert [next(answer.rows())[0][:1] for answer in answers] == [str(number % 10).encode() for number in range(20)]


def test_statements_somebody_deallocated_are_prepared_anew_at_the_next_try(conn):
    Exchange(conn).now(KEEP, 1, "one")
    conn.execute("DEALLOCATE ALL")
    with pytest.raises(psycopg.errors.InvalidSqlStatementName):
        Exchange(conn).now(KEEP, 2, "two")
    Exchange(conn).now(KEEP, 2, "two")
    assert kept(conn) == [(1, "one"), (2, "two")]


def test_a_rollback_elsewhere_on_the_connection_keeps_what_is_prepared(conn):
    Exchange(conn).now(KEEP, 1, "one")
    for _ in range(10):
        conn.execute("SELECT count(*) FROM kept WHERE number = %s", [1])
    with pytest.raises(KeyError), conn.transaction():
        raise KeyError
    Exchange(conn).now(KEEP, 2, "two")
    assert len(kept(conn)) == 2


def test_a_lost_connection_is_an_operational_error_and_closed(conn):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [conn.info.backend_pid])
    with pytest.raises(psycopg.OperationalError):
        Exchange(conn).now(ALL)
    assert conn.closed


def test_text_behind_a_nul_is_never_dropped_in_silence():
    assert as_text([None, True, 7, "ü", b"{}"]) == [None, b"True", b"7", "ü".encode(), b"{}"]
    with pytest.raises(psycopg.DataError):
        as_text(["one\0two"])
