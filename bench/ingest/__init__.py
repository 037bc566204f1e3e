"""How fast the doors are, beside raw COPY and beside what a team would write first: `python -m bench.ingest`."""
