"""The pages of one site: how to use it, its secrets, its history."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.urls import reverse
from django.utils import timezone
from django.views.generic import TemplateView
from unfold.views import UnfoldModelAdminViewMixin

from challenges import snippets
from challenges.admin.again import ask_again
from challenges.flows import history, limits, sites, stock
from challenges.models import Outcome, Site

TABS: Final = (
    ("change", "Settings"),
    ("use", "Use it"),
    ("limits", "Limits"),
    ("secrets", "Secrets"),
    ("history", "History"),
)
TEST_MODE: Final = (
    "Test mode: starter pictures only, under a banner. It protects nothing. Its tokens carry "
    '"test": true, and libraries of other vendors do not look at that: they let everybody pass who '
    "picks pictures that anybody can learn."
)
TEST_NOTE: Final = 'Its tokens carry "test": true; libraries of other vendors do not look at it.'
# Whoever verified within this time is seen; looking further back would cost too much.
LATELY: Final = timedelta(days=7)


def address(tab: str, site: Site) -> str:
    """Return where this page of the site is."""
    return reverse(f"admin:challenges_site_{tab}", args=[site.pk])


def about(site: Site, tab: str) -> dict[str, Any]:
    """Return what the head of each of the site's pages shows."""
    pages = [(name, address(key, site), key == tab) for key, name in TABS]
    return {
        "site": site,
        "here": address(tab, site),
        "pages": pages,
        "marks": marks(site),
        "stock_note": stock_note(site),
        "test_note": TEST_MODE if site.test_mode and tab != "use" else "",
    }


def marks(site: Site) -> list[tuple[str, str]]:
    """Return what is special about the site: a class and a word for each."""
    found = [
        (not site.active, "off", "Off"),
        (site.test_mode, "test", "Test mode"),
        (site.simulated, "simulated", "Simulated"),
    ]
    return [(kind, word) for true, kind, word in found if true]


def policy_words(site: Site) -> str:
    """Return how hard the site's challenges are."""
    words = [f"{site.pictures} photos"]
    if site.rounds > 1:
        words.append(f"{site.rounds} rounds")
    if site.tolerance:
        words.append("1 may be wrong")
    if site.probes:
        words.append("asks about new photos")
    if site.attack_budget is not None:
        words.append(f"attack budget {site.attack_budget:g} %")
    if site.taught_budget is not None:
        words.append(f"{site.taught_budget:g} % for networks that learned from our pictures")
    return ", ".join(words)


def stock_note(site: Site) -> str:
    """Return that the site still uses challenges as they were before a change, if it does."""
    note: Callable[[Site], str] | None = getattr(stock, "profile_note", None)
    return note(site) or "" if note else ""


def last_verified(site: Site) -> datetime | None:
    """Return when the last token was redeemed of those challenges that were handed out lately."""
    lately = Outcome.objects.filter(site=site, issued_at__gt=timezone.now() - LATELY)
    redeemed = lately.filter(redeemed_at__isnull=False).order_by("-issued_at")
    return redeemed.values_list("redeemed_at", flat=True).first()


def _of_site(site: Site) -> list[snippets.Hint]:
    """Return what the owner should know about the site, beside its hosts."""
    found = [
        (not site.active, "The site is switched off: the widget shows no challenge."),
        (site.test_mode, TEST_MODE),
        (site.fail_open, "Visitors pass while Pawcha is down: the code for your server does that."),
    ]
    return [
        snippets.Hint(text, urgent=index < 2) for index, (true, text) in enumerate(found) if true
    ]


class SitePage(UnfoldModelAdminViewMixin, TemplateView):  # type: ignore[misc]
    """A page of one site, for those who may look at sites."""

    model_admin: Any = None
    permission_required = "challenges.view_site"
    tab: ClassVar[str]

    def has_permission(self) -> bool:
        """Return whether this person may look at sites."""
        return bool(self.model_admin.has_view_or_change_permission(self.request))

    def handle_no_permission(self) -> HttpResponseRedirect:
        """Refuse: who is here has signed in."""
        raise PermissionDenied

    @property
    def site(self) -> Site:
        """Return the site, or raise Http404."""
        found: Site | None = (
            self.model_admin.get_queryset(self.request).filter(pk=self.kwargs["pk"]).first()
        )
        if found is None:
            raise Http404
        return found

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return what every page of the site shows."""
        site = self.site
        self.title = site.name
        shown: dict[str, Any] = super().get_context_data(**context)
        may = self.model_admin.has_change_permission(self.request, site)
        return {
            **shown,
            **about(site, self.tab),
            "opts": Site._meta,
            "original": site,
            "may_change": may,
        }


class UsePage(SitePage):
    """What to write into one's pages and server; and, when the site was just made, its secret."""

    template_name = "admin/challenges/site/use.html"
    tab = "use"
    secret = ""

    def has_permission(self) -> bool:
        """Return whether this person may look at sites, or has just made this one."""
        return bool(self.secret) or super().has_permission()

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the page in reply to the form that made the site."""
        return self.get(request, **kwargs) if self.secret else HttpResponseNotAllowed(["GET"])

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Add the snippets, with the site's key."""
        shown = super().get_context_data(**context)
        site: Site = shown["site"]
        url = settings.PUBLIC_URL
        return {
            **shown,
            "secret": self.secret,
            "snippets": snippets.snippets(url, site.sitekey, fail_open=site.fail_open),
            "policy_header": snippets.policy_header(url),
            "hints": [*_of_site(site), *snippets.hints(url, site.hosts)],
            "verified": None if self.secret else last_verified(site),
        }


class LimitsPage(SitePage):
    """The rules between challenges, with their numbers: what they cost bots, and people."""

    template_name = "admin/challenges/site/limits.html"
    tab = "limits"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Add the rules, and what comes of them."""
        rules = limits.limits()
        return {
            **super().get_context_data(**context),
            "limits": rules,
            "slow_per_minute": f"{rules.slow_per_minute:g}",
            "composed_per_minute": f"{rules.composed_per_minute:g}",
            "fresh": limits.FRESH,
            "bots": [
                {
                    "solves": _share(one.solves),
                    "fresh": _passes(one.fresh),
                    "issued": _passes(one.issued),
                    "hourly": _passes(one.hourly),
                }
                for one in limits.bots()
            ],
            "people": [
                {
                    "solves": _share(one.solves),
                    "alone": f"{one.alone:.2f}",
                    "shared": f"{one.shared:.2f}",
                }
                for one in limits.people()
            ],
        }


def _share(share: float) -> str:
    return f"{100 * share:.0f} %"


def _passes(number: float) -> str:
    """Return a number of passes, as exact as it is worth."""
    return f"{number:,.0f}" if number >= 10 else f"{number:.2g}"


class SecretsPage(SitePage):
    """The site's secrets: a second one while one replaces the other."""

    template_name = "admin/challenges/site/secrets.html"
    tab = "secrets"
    secret = ""

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Make a secret and show it this once, or end one."""
        site = self.site
        if not self.model_admin.has_change_permission(request, site):
            raise PermissionDenied
        ask_again(request)
        try:
            if request.POST.get("do") == "add":
                self.secret = sites.add_secret(site)
                return self.get(request, **kwargs)
            self._end(site)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        return HttpResponseRedirect(address("secrets", site))

    def _end(self, site: Site) -> None:
        """End the secret that is named. Raises ValidationError when that cannot be."""
        number = self.request.POST.get("secret", "")
        grace = sites.GRACE if self.request.POST.get("do") == "end_later" else timedelta(0)
        sites.end_secret(site, int(number) if number.isdecimal() else 0, grace=grace)
        when = "will end in 24 hours" if grace else "has ended"
        messages.success(self.request, f"The secret {when}.")

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Add the secrets: when each was made, and when it ends."""
        shown = super().get_context_data(**context)
        site: Site = shown["site"]
        valid = list(site.secrets.valid().order_by("created_at", "pk"))
        lasting = [secret.pk for secret in valid if secret.ends_at is None]
        return {
            **shown,
            "secret": self.secret,
            "secrets": [(one, lasting != [one.pk]) for one in valid],
            "newest": valid[-1].pk if valid else 0,
            "ended": site.secrets.filter(ends_at__lte=timezone.now()).order_by("-ends_at")[:5],
            "may_add": len(valid) < sites.MOST_SECRETS,
            "verified": last_verified(site),
        }


class HistoryPage(SitePage):
    """Who changed what, and when."""

    template_name = "admin/challenges/site/history.html"
    tab = "history"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Add the changes of the site and of its secrets."""
        shown = super().get_context_data(**context)
        return {**shown, "changes": history.changes_of_site(shown["site"])}
