"""Harden every photo that waits for it."""

from __future__ import annotations

from contextlib import closing
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console

from classifier.exceptions import ClassifierError
from classifier.flows import harden
from classifier.management.bars import Bars
from classifier.management.gently import gently

PLAN: Final = 10_000


class Command(BaseCommand):
    """Harden now, and not when the workers' clock comes round."""

    help = (
        "Make hardened renditions of every photo that has none, and one to spare. Visitors get "
        "plain ones meanwhile. Stop it with Ctrl-C; run it again to go on."
    )

    def handle(self, *args: Any, **options: Any) -> str:
        """Harden, and say how long a rendition took, and how the coins fell."""
        total = harden.Made()
        try:
            with gently(), Bars(Console(stderr=True, soft_wrap=True)) as bars:
                bars.start("Hardening", harden.waiting().count())
                # Closed at once when it is stopped, so that the lock is free for the next.
                with closing(harden.harden_all()) as portions:
                    for done in portions:
                        total += done
                        bars.advance(done.gone_through, f"{total.each:.2f} s each")
        except ClassifierError as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            raise CommandError(
                f"Stopped. {_said(total)} Run the same again to go on.", returncode=130
            ) from None
        return f"{_said(total)}\n{_coins()}"


def _said(total: harden.Made) -> str:
    if not total.made:
        left = f" {total.failed:,} could not be; the log says why." if total.failed else ""
        return f"No renditions were hardened.{left}"
    hours = PLAN * total.each / 3600
    return (
        f"{total.made:,} renditions were hardened, {total.each:.2f} seconds each; "
        f"{total.remade:,} were made again and {total.softened:,} made milder because they were "
        f"too far from their photos, {total.failed:,} could not be made. "
        f"At this pace {PLAN:,} photos take {hours:.1f} hours, and as long again for one to spare."
    )


def _coins() -> str:
    found = harden.coins_served()
    biased = [one for one in found if not one.fair]
    if not found:
        return "No coins have been served yet."
    whole = next(one for one in found if one.group == "all")
    said = (
        f"Coins of what visitors get: {whole.pushed:,} of {whole.number:,} towards the wrong side; "
    )
    if not biased:
        return f"{said}fair, by animal and by recipe."
    return f"{said}BIASED: {'; '.join(one.group for one in biased)}. Please report this."
