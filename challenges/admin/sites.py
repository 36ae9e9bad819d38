"""Sites: made in one form, with keys that are shown once."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminTextInputWidget

from challenges.flows.sites import create_site
from challenges.hosts import parse_host
from challenges.models import Site


class SiteForm(forms.ModelForm[Site]):
    """A site, its hosts as people write lists."""

    hosts = forms.CharField(
        widget=UnfoldAdminTextInputWidget,
        help_text="Hosts that may embed the widget, with commas between, such as "
        "shop.example.org, *.example.org",
    )

    class Meta:
        model = Site
        fields = (
            "name",
            "hosts",
            "contact",
            "accepts_unknown_host",
            "allows_fallback",
            "when_worn_out",
            "active",
        )

    def __init__(self, *args: Any, **options: Any) -> None:
        """Show the hosts of a known site as they are written."""
        super().__init__(*args, **options)
        self.initial["hosts"] = ", ".join(self.instance.hosts or [])

    def clean_hosts(self) -> list[str]:
        """Return the hosts without repetition, as they are compared later."""
        hosts = re.split(r"[\s,;]+", self.cleaned_data["hosts"].strip(" \t,;"))
        return list(dict.fromkeys(parse_host(host) for host in hosts))


@admin.register(Site)
class SiteAdmin(ModelAdmin):  # type: ignore[misc]
    """Sites that embed Pawcha. They are switched off, not deleted: their outcomes stay."""

    form = SiteForm
    list_display = ("name", "sitekey", "hosts", "active", "created_at")
    list_filter = ("active",)
    search_fields = ("name", "sitekey")
    readonly_fields = ("sitekey", "created_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Site]:
        """Return the sites of people: not the one of the service's own rehearsals."""
        return Site.objects.filter(reserved=False)

    def get_fields(self, request: HttpRequest, obj: Site | None = None) -> list[str]:
        """Return the fields of the form, and the keys once there are any."""
        fields = list(SiteForm.Meta.fields)
        return [*fields, *self.readonly_fields] if obj else fields

    def has_delete_permission(self, request: HttpRequest, obj: Site | None = None) -> bool:
        """Return no: switch the site off instead."""
        return False

    def save_model(
        self,
        request: HttpRequest,
        obj: Site,
        form: SiteForm,
        change: bool,  # noqa: FBT001
    ) -> None:
        """Save a known site, or make a new one and show its secret this once."""
        if change:
            super().save_model(request, obj, form, change)
            return
        made = create_site(obj.name, obj.hosts)
        obj.pk, obj.sitekey, obj.created_at = made.site.pk, made.site.sitekey, made.site.created_at
        obj._state.adding = False
        obj.save()
        self._show_keys(request, obj, made.secret)

    def _show_keys(self, request: HttpRequest, site: Site, secret: str) -> None:
        text: Any = (
            f"Site key: {site.sitekey} · Secret: {secret} · Keep the secret on your server: "
            "it is shown only this once."
        )
        self.message_user(request, text, messages.WARNING)
