"""Sites that embed Pawcha, and their secrets."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Final

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from challenges.hosts import is_loopback, validate_contact, validate_host
from challenges.models.fields import NameField
from challenges.selection import (
    LEAST_PICTURES,
    MOST_PICTURES,
    MOST_ROUNDS,
    PICTURES,
    Audience,
    Over,
    Profile,
)

# The site behind all public test keys. Its own key is served to nobody.
TEST_SITE: Final = "test-keys"


def new_sitekey() -> str:
    """Return a new public key: a random UUID, as text."""
    return str(uuid.uuid4())


def _exact(budget: float | None) -> float | None:
    """Return a budget (percent) as exact as the key of a profile is."""
    return None if budget is None else max(0.01, round(budget, 2))


class SiteQuerySet(models.QuerySet["Site"]):
    """Sites in the words of the business."""

    def serving(self) -> SiteQuerySet:
        """Return the sites whose challenges the public may ask for."""
        return self.filter(active=True, reserved=False)

    def stocked(self) -> SiteQuerySet:
        """Return the sites for which challenges are kept ready: simulations bring their own."""
        return self.serving().filter(simulated=False)


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    exclude=["served_profile"],
)
class Site(models.Model):
    """A website (with all its hosts) that embeds Pawcha under one key, by its own policy."""

    class WhenWornOut(models.TextChoices):
        """What to do when no fresh pictures are left."""

        REPEAT = "repeat", "Show the least-shown pictures again, with a raised risk"
        REFUSE = "refuse", "Refuse until there are fresh pictures"

    name = NameField(max_length=100)
    sitekey = models.CharField(max_length=64, unique=True, default=new_sitekey, editable=False)
    hosts = ArrayField(
        models.CharField(max_length=255, validators=[validate_host]),
        help_text="Hosts that may embed the widget, such as shop.example.org or *.example.org.",
    )
    accepts_unknown_host = models.BooleanField(
        default=True,
        help_text="Also serve plain API clients, whose host is reported as not-provided.",
    )
    when_worn_out = models.CharField(
        max_length=10, choices=WhenWornOut.choices, default=WhenWornOut.REPEAT
    )

    class Theme(models.TextChoices):
        """The colours of the widget, where the page asks for none."""

        AUTO = "auto", "As the visitor's system"
        LIGHT = "light", "Light"
        DARK = "dark", "Dark"
        CONTRAST = "contrast", "High contrast"

    pictures = models.PositiveSmallIntegerField(
        default=PICTURES,
        validators=[MinValueValidator(LEAST_PICTURES), MaxValueValidator(MOST_PICTURES)],
        help_text=f"Photos in a round: {LEAST_PICTURES} to {MOST_PICTURES}.",
    )
    rounds = models.PositiveSmallIntegerField(
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_ROUNDS)],
        help_text="Rounds in a challenge. They are graded together, at the end.",
    )
    tolerance = models.PositiveSmallIntegerField(
        default=0,
        validators=[MaxValueValidator(1)],
        choices=[(0, "None: every photo has to be right"), (1, "One photo may be wrong")],
        help_text="How many photos of a challenge may be wrong.",
    )
    challenge_seconds = models.PositiveSmallIntegerField(
        "time for a challenge",
        default=120,
        validators=[MinValueValidator(30), MaxValueValidator(600)],
        help_text="Seconds, 30 to 600. A visitor may ask for as much again, once.",
    )
    token_seconds = models.PositiveSmallIntegerField(
        "life of a token",
        default=120,
        validators=[MinValueValidator(30), MaxValueValidator(600)],
        help_text="Seconds, 30 to 600, in which your server has to verify.",
    )
    theme = models.CharField(max_length=10, choices=Theme.choices, default=Theme.AUTO)
    fail_open = models.BooleanField(
        "let visitors pass while Pawcha is down",
        default=False,
        help_text="A hint for your server's integration: the snippets then say so.",
    )
    test_mode = models.BooleanField(
        default=False,
        help_text="Shows starter pictures only, under a banner. Tokens say that they are tests.",
    )
    attack_budget = models.FloatField(
        null=True,
        blank=True,
        validators=[MinValueValidator(0.01), MaxValueValidator(100)],
        help_text="Of 100 challenges, how many the best network may be expected to solve. Empty: "
        "no limit.",
    )
    taught_budget = models.FloatField(
        null=True,
        blank=True,
        validators=[MinValueValidator(0.01), MaxValueValidator(100)],
        help_text="The same for a network that has learned from many of our own pictures. Empty: "
        "no limit.",
    )

    class OverBudget(models.TextChoices):
        """What to do when the pool cannot meet the budget."""

        SERVE = Over.SERVE.value, "Serve the hardest there are, and say so here"
        ROUNDS = Over.ROUNDS.value, "Ask for another round"
        REFUSE = Over.REFUSE.value, "Refuse until the pool can meet it"

    over_budget = models.CharField(
        max_length=10, choices=OverBudget.choices, default=OverBudget.SERVE
    )
    probes = models.BooleanField(
        "ask visitors about new photos",
        default=False,
        help_text="One picture of a challenge may be a photo that nobody has labelled yet. It does "
        "not count, so such a challenge is as easy to guess as one with a photo fewer.",
    )
    served_profile = models.CharField(
        max_length=60,
        blank=True,
        editable=False,
        help_text="The kind of challenge that is handed out until that of the policy is stocked.",
    )
    simulated = models.BooleanField(default=False, editable=False)
    contact = models.CharField(
        max_length=254,
        blank=True,
        validators=[validate_contact],
        help_text="Where visitors get help who cannot solve it: an e-mail address or an https "
        "address. Anybody can see it.",
    )
    allows_fallback = models.BooleanField(
        "offers the plain page",
        default=True,
        help_text="Visitors without JavaScript get a plain page of checkboxes.",
    )
    active = models.BooleanField(default=True)
    reserved = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SiteQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name

    @property
    def profile(self) -> Profile:
        """Return which kind of ready challenge this site's policy asks for."""
        plain = Profile(
            self.pictures, self.audience, self.rounds, probes=self.probes and not self.test_mode
        )
        budget, taught = _exact(self.attack_budget), _exact(self.taught_budget)
        if budget is taught is None or self.audience is Audience.TESTING:
            return plain
        return replace(
            plain,
            budget=budget,
            taught_budget=taught,
            tolerance=self.tolerance,
            over=Over(self.over_budget),
        )

    @property
    def served(self) -> Profile:
        """Return which kind of challenge is handed out now: the old one until this one is stocked.

        Who may see the pictures, and that nobody is asked about new photos any more, counts at
        once.
        """
        wanted = self.profile
        try:
            old = Profile.parse(self.served_profile)
        except ValueError:
            return wanted
        at_once = old.audience is not wanted.audience or (old.probes and not wanted.probes)
        return wanted if at_once else old

    @property
    def audience(self) -> Audience:
        """Return who gets to see this site's challenges."""
        if self.test_mode or self.sitekey == TEST_SITE:
            return Audience.TESTING
        local = bool(self.hosts) and all(is_loopback(host) for host in self.hosts)
        return Audience.LOOPBACK if local else Audience.PUBLIC


class SiteSecretQuerySet(models.QuerySet["SiteSecret"]):
    """Secrets in the words of the business."""

    def valid(self) -> SiteSecretQuerySet:
        """Return the secrets that have not ended."""
        return self.filter(models.Q(ends_at__isnull=True) | models.Q(ends_at__gt=timezone.now()))


@pghistory.track(
    pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent(), exclude=["digest"]
)
class SiteSecret(models.Model):
    """One secret of a site, kept as a digest; two may be valid while one replaces the other."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="secrets")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    ends_at = models.DateTimeField(null=True, blank=True)

    objects = SiteSecretQuerySet.as_manager()

    def __str__(self) -> str:
        return f"secret of {self.site} from {self.created_at:%Y-%m-%d}"
