"""Sites that embed Pawcha, and their secrets."""

from __future__ import annotations

import uuid
from typing import Final

from django.contrib.postgres.fields import ArrayField
from django.db import models

from challenges.hosts import is_loopback, validate_contact, validate_host
from challenges.selection import PICTURES, Audience, Profile

# The site behind all public test keys. Its own key is served to nobody.
TEST_SITE: Final = "test-keys"


def new_sitekey() -> str:
    """Return a new public key: a random UUID, as text."""
    return str(uuid.uuid4())


class SiteQuerySet(models.QuerySet["Site"]):
    """Sites in the words of the business."""

    def serving(self) -> SiteQuerySet:
        """Return the sites whose challenges the public may ask for."""
        return self.filter(active=True, reserved=False)


class Site(models.Model):
    """A website (with all its hosts) that embeds Pawcha under one key."""

    class WhenWornOut(models.TextChoices):
        """What to do when no fresh pictures are left."""

        REPEAT = "repeat", "Show the least-shown pictures again, with a raised risk"
        REFUSE = "refuse", "Refuse until there are fresh pictures"

    name = models.CharField(max_length=100)
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
        """Return which kind of ready challenge this site is served."""
        if self.sitekey == TEST_SITE:
            return Profile(PICTURES, Audience.TESTING)
        local = bool(self.hosts) and all(is_loopback(host) for host in self.hosts)
        return Profile(PICTURES, Audience.LOOPBACK if local else Audience.PUBLIC)


class SiteSecret(models.Model):
    """One secret of a site, kept as a digest; two may be valid while one replaces the other."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="secrets")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    ends_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"secret of {self.site} from {self.created_at:%Y-%m-%d}"
