"""The outbox: who may send what next, by leases on the database's clock.

One worker at a time forwards to a destination (`lease_destinations`), one batch at a time is under way per lane, in
the order it was written (`claim`; the constraint `one_in_flight_per_lane` keeps it even against ourselves). A
worker that dies leaves leases that run out; `release_expired` puts its rows back and counts, so that a batch that
kills workers ends among the given up.
"""

from collections.abc import Iterable

from django.conf import settings
from django.db import IntegrityError, connection, transaction

from sessions_app.models import Delivery, Destination

LEASE_S = 15
CRASHES_THAT_END = 8

RELEASE = """
UPDATE sessions_app_delivery
SET crashes = crashes + 1, owner = '', lease_until = NULL,
    status = CASE WHEN crashes + 1 >= %(limit)s THEN 'dead' ELSE 'due' END,
    finished_at = CASE WHEN crashes + 1 >= %(limit)s THEN statement_timestamp() END,
    last_error = CASE WHEN crashes + 1 >= %(limit)s
                      THEN 'the worker died ' || (crashes + 1) || ' times with this batch in hand' ELSE last_error END
WHERE id IN (SELECT id FROM sessions_app_delivery WHERE status = 'sending' AND lease_until < statement_timestamp()
             FOR UPDATE SKIP LOCKED)
"""

LEASE = """
UPDATE sessions_app_destination
SET forwarder = %(owner)s, forwarder_until = statement_timestamp() + make_interval(secs => %(lease_s)s),
    circuit = CASE WHEN circuit = 'open' THEN 'half_open' ELSE circuit END
WHERE id IN (
    SELECT destination.id FROM sessions_app_destination destination
    JOIN sessions_app_workspace workspace ON workspace.id = destination.workspace_id
    WHERE destination.is_on AND destination.held_reason = '' AND NOT workspace.is_sandbox
      AND destination.id <> ALL(%(besides)s)
      AND (destination.not_before IS NULL OR destination.not_before <= statement_timestamp())
      AND (destination.forwarder_until IS NULL OR destination.forwarder_until < statement_timestamp())
      AND EXISTS (SELECT 1 FROM sessions_app_delivery delivery
                  WHERE delivery.destination_id = destination.id AND delivery.status = 'due'
                    AND delivery.next_attempt_at <= statement_timestamp())
    FOR UPDATE OF destination SKIP LOCKED)
RETURNING id
"""

RUNNING = "SELECT EXISTS (SELECT 1 FROM sessions_app_destination WHERE forwarder_until >= statement_timestamp())"

RENEW = """
UPDATE sessions_app_destination SET forwarder_until = statement_timestamp() + make_interval(secs => %(lease_s)s)
WHERE id = %(destination)s AND forwarder = %(owner)s AND is_on AND held_reason = '' AND circuit <> 'open'
  AND (not_before IS NULL OR not_before <= statement_timestamp())
RETURNING circuit, concurrency
"""

# Chosen apart from the update: as a subquery of it, Postgres may run the choice once for every row it looks at, and its
# LIMIT then limits nothing. `MATERIALIZED` says: once.
CLAIM = """
WITH next AS MATERIALIZED (
    SELECT due.id FROM sessions_app_delivery due
    WHERE due.destination_id = %(destination)s AND due.status = 'due' AND due.next_attempt_at <= statement_timestamp()
      AND NOT EXISTS (SELECT 1 FROM sessions_app_delivery other
                      WHERE other.destination_id = due.destination_id AND other.lane = due.lane
                        AND other.status IN ('due', 'sending') AND (other.id < due.id OR other.status = 'sending'))
    ORDER BY due.next_attempt_at, due.id
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED)
UPDATE sessions_app_delivery delivery
SET status = 'sending', owner = %(owner)s, attempts = attempts + 1,
    lease_until = statement_timestamp() + make_interval(secs => %(lease_s)s)
FROM next WHERE delivery.id = next.id
RETURNING delivery.id
"""


def release_expired() -> int:
    """Put back what dead workers had in hand."""
    with connection.cursor() as cursor:
        cursor.execute(RELEASE, {"limit": CRASHES_THAT_END})
        return int(cursor.rowcount)


def somebody_forwards() -> bool:
    """Whether a run is under way, which finds by itself what becomes due; one that died is none after LEASE_S."""
    with connection.cursor() as cursor:
        cursor.execute(RUNNING)
        return bool(cursor.fetchone()[0])


def lease_destinations(owner: str, besides: Iterable[int] = ()) -> list[Destination]:
    """The destinations that have something due, may be sent to now, and nobody else forwards to."""
    with connection.cursor() as cursor:
        cursor.execute(LEASE, {"owner": owner, "lease_s": LEASE_S, "besides": list(besides)})
        return list(Destination.objects.filter(pk__in=[row[0] for row in cursor.fetchall()]))


def return_destination(destination: int, owner: str) -> None:
    Destination.objects.filter(pk=destination, forwarder=owner).update(forwarder="", forwarder_until=None)


def claim(destination: int, owner: str, in_flight: int) -> list[Delivery]:
    """The next batches to send, each the head of its lane; none when the destination is not ours any more."""
    names: dict[str, int | str] = {"destination": destination, "owner": owner, "lease_s": LEASE_S}
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(RENEW, names)
            found = cursor.fetchone()
            room = 0 if found is None else room_for(found[0], found[1], in_flight)
            if room < 1:
                return []
            cursor.execute(CLAIM, {**names, "limit": room})
            taken = [row[0] for row in cursor.fetchall()]
    except IntegrityError:
        # Two batches of one lane met: the constraint refused the second. The next round finds the right one.
        return []
    return list(Delivery.objects.filter(pk__in=taken).order_by("id"))


def room_for(circuit: str, concurrency: int, in_flight: int) -> int:
    """A half-open circuit lets one probe through."""
    return (1 if circuit == "half_open" else concurrency) - in_flight


def window_h() -> int:
    return int(settings.FORWARDING_WINDOW_H)
