"""The one form of a site: who it is, how hard its challenges are, and the rest."""

from __future__ import annotations

import re
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
)

from challenges.flows.sites import POLICY
from challenges.hosts import parse_host
from challenges.models import Site
from challenges.selection import LEAST_PICTURES, MOST_PICTURES, MOST_ROUNDS, PICTURES

SITE: Final = ("name", "hosts", "contact")
STRENGTH: Final = (
    "pictures",
    "rounds",
    "tolerance",
    "probes",
    "attack_budget",
    "taught_budget",
    "over_budget",
)
LOOKS: Final = ("theme", "challenge_seconds", "token_seconds")
REST: Final = (
    "active",
    "test_mode",
    "fail_open",
    "allows_fallback",
    "accepts_unknown_host",
    "when_worn_out",
)
FIELDSETS: Final = (
    (None, {"fields": SITE}),
    (
        "Policy: how hard it is",
        {"fields": STRENGTH, "classes": ("policy",)},
    ),
    ("Times and looks", {"fields": LOOKS}),
    ("Everything else", {"fields": REST}),
)

_PICTURES: Final = [
    (count, f"{count} photos") for count in range(LEAST_PICTURES, MOST_PICTURES + 1)
]
_ROUNDS: Final = [
    (count, "1 round" if count == 1 else f"{count} rounds") for count in range(1, MOST_ROUNDS + 1)
]

_PERCENT: Final = {"min": 0.01, "max": 100, "step": "any", "placeholder": "no limit"}


class SiteForm(forms.ModelForm[Site]):
    """A site, its hosts as people write lists."""

    hosts = forms.CharField(
        label="Allowed hosts",
        widget=UnfoldAdminTextareaWidget(
            attrs={"rows": 3, "placeholder": "shop.example.org\n*.example.org", "spellcheck": False}
        ),
        help_text="Where the widget may be shown, one to a line or with commas. *.example.org "
        "stands for all names one step below; localhost is for trying out.",
        error_messages={"required": "Name at least one host, such as shop.example.org."},
    )
    pictures = forms.TypedChoiceField(
        label="Photos in a round",
        choices=_PICTURES,
        initial=PICTURES,
        coerce=int,
        widget=UnfoldAdminSelectWidget,
        error_messages={
            "invalid_choice": f"A round has {LEAST_PICTURES} to {MOST_PICTURES} photos, not "
            "%(value)s."
        },
    )
    rounds = forms.TypedChoiceField(
        choices=_ROUNDS,
        initial=1,
        coerce=int,
        widget=UnfoldAdminSelectWidget,
        help_text="Rounds come one after another and are graded together, at the end.",
        error_messages={
            "invalid_choice": f"A challenge has 1 to {MOST_ROUNDS} rounds, not %(value)s."
        },
    )

    class Meta:
        model = Site
        fields = ("name", "hosts", "contact", *POLICY)
        labels = {
            "name": "Name",
            "contact": "Contact for visitors",
            "tolerance": "Photos that may be wrong",
            "test_mode": "Test mode",
            "attack_budget": "Attack budget, in percent",
            "taught_budget": "Attack budget for networks that learned from us, in percent",
            "over_budget": "When the pool cannot meet a budget",
            "accepts_unknown_host": "Serves plain API clients",
            "active": "Switched on",
            "when_worn_out": "When no fresh pictures are left",
        }
        help_texts = {
            "name": "What you call it. Visitors do not see it.",
            "attack_budget": "Of 100 challenges, how many the best network may be expected to "
            "solve, such as 1. Challenges are then made of the photos that are hardest for "
            "networks. Empty: of all photos.",
            "taught_budget": "A bot that has many of our pictures labelled learns from them and "
            "solves more, so this is usually larger, such as 35. Pawcha teaches such a network "
            "itself, to see how much more. Empty: no limit.",
            "active": "Switched off, it shows no challenges, and its tokens are refused.",
            "accepts_unknown_host": "They send no host; it is then reported as not-provided.",
        }
        error_messages = {"name": {"required": "Give the site a name, such as Our shop."}}
        widgets = {
            "tolerance": UnfoldAdminSelectWidget,
            "attack_budget": UnfoldAdminDecimalFieldWidget(attrs=_PERCENT),
            "taught_budget": UnfoldAdminDecimalFieldWidget(attrs=_PERCENT),
            "over_budget": UnfoldAdminSelectWidget,
            "challenge_seconds": UnfoldAdminIntegerFieldWidget,
            "token_seconds": UnfoldAdminIntegerFieldWidget,
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        """Show the hosts of a known site as they are written."""
        super().__init__(*args, **options)
        # Without a budget there is nothing to choose; who may only look has no fields at all.
        if "over_budget" in self.fields:
            self.fields["over_budget"].required = False
        self.initial["hosts"] = "\n".join(self.instance.hosts or [])

    def clean_hosts(self) -> list[str]:
        """Return the hosts without repetition, as they are compared later.

        Raises ValidationError with a sentence for each that cannot be one.
        """
        hosts, wrong = [], []
        for host in filter(None, re.split(r"[\s,;]+", self.cleaned_data["hosts"])):
            try:
                hosts.append(parse_host(host))
            except ValidationError as error:
                wrong += error.messages
        if wrong:
            raise ValidationError(list(dict.fromkeys(wrong)))
        if not hosts:
            raise ValidationError(self.fields["hosts"].error_messages["required"])
        return list(dict.fromkeys(hosts))
