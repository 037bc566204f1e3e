"""Prepares MEDIADASH_HOME as a first start does, and stops: a schema is made once a run, not once a stack.

MEDIADASH_HOME=… python -m tests.seed
"""

import os
import signal
import subprocess

import django

from mediadash import embedded


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "mediadash.settings"
    data, sockets, _, _ = embedded.default_places()
    embedded.prepare_postgres(data, sockets)
    postgres = subprocess.Popen(embedded.postgres_command(data, sockets), stdout=subprocess.DEVNULL)
    try:
        embedded.wait_for_postgres(sockets)
        embedded.make_database(sockets)
        django.setup()
        from sessions_app.management.commands.up import prepare

        prepare()
    finally:
        postgres.send_signal(signal.SIGINT)
        postgres.wait(30)


if __name__ == "__main__":
    main()
