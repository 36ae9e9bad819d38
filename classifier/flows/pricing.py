"""What bots and people cost, as the operator estimates it in the settings."""

from __future__ import annotations

from django.conf import settings

from classifier.reports.attack_rules import Prices


def prices() -> Prices:
    """Return the operator's estimates, in dollars."""
    said = settings.PAWCHA
    return Prices(
        a_try=said["PRICE_TRY"] / 1_000_000,
        an_hour=said["PRICE_HOUR"] / 1_000_000,
        people_least=said["PRICE_PEOPLE_LEAST"] / 1_000_000,
        people_most=said["PRICE_PEOPLE_MOST"] / 1_000_000,
    )
