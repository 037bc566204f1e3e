"""What a team would write first: Django REST Framework, a ModelSerializer and the ORM. `bench.ingest` compares with it.

Correct as far as it goes (an event is stored once, by its unique id), and not made slower than it has to be: one
transaction a request, one process on Daphne, no authentication to speak of, no timeline, no raw bytes, no outbox.
"""
