#!/usr/bin/env python
"""Django's command line for Pawcha."""

from __future__ import annotations

import os
import sys

AWAY = """\
Pawcha cannot reach its {server}: {cause}
Start it with make run and try again, or look at {variable}."""

# Commands that change what the history tells of: our own, and Django's about people.
SIGNED = ("challenges.", "classifier.", "django.contrib.auth.")


def main() -> None:
    """Run one management command. Servers that are not there are one clear sentence."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "captcha_site.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import BaseCommand, ManagementUtility
    from django.db import OperationalError
    from redis import ConnectionError as NoRedis

    class Commands(ManagementUtility):
        """Django's commands. What they change, they sign with their name."""

        def fetch_command(self, subcommand: str) -> BaseCommand:
            """Return the command, which notes in the history what it changes."""
            from challenges.flows.history import by_command

            command = super().fetch_command(subcommand)
            if command.__module__.startswith(SIGNED):
                signed = by_command(subcommand)(command.execute)
                command.execute = signed  # type: ignore[method-assign]
            return command

    try:
        Commands(sys.argv).execute()
    except ImproperlyConfigured as error:
        if "--traceback" in sys.argv:
            raise
        sys.exit(str(error))
    except (OperationalError, NoRedis) as error:
        if "--traceback" in sys.argv:
            raise
        database = isinstance(error, OperationalError)
        server, variable = ("database", "DATABASE_URL") if database else ("Redis", "REDIS_URL")
        cause = str(error).strip().splitlines()[0]
        sys.exit(AWAY.format(server=server, cause=cause, variable=variable))


if __name__ == "__main__":
    main()
