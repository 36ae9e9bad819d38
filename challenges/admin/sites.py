"""Sites: made in one form, with keys that are shown once."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.html import format_html, format_html_join
from unfold.admin import ModelAdmin

from challenges.admin import site_costs, site_pages
from challenges.admin.site_form import FIELDSETS, SiteForm
from challenges.flows import sites
from challenges.flows.figures import day
from challenges.flows.sites import POLICY, NewSite, create_site
from challenges.models import Site


@admin.register(Site)
class SiteAdmin(ModelAdmin):  # type: ignore[misc]
    """Sites that embed Pawcha. They are switched off, not deleted: their outcomes stay."""

    form = SiteForm
    list_display = ("title", "allowed", "policy", "key", "use")
    list_filter = ("active", "test_mode")
    list_filter_submit = False
    list_per_page = 50
    search_fields = ("name", "sitekey", "hosts")
    readonly_fields = ("sitekey", "made")
    fieldsets = FIELDSETS
    actions = ("switch_on", "switch_off")
    change_form_template = "admin/challenges/site/change_form.html"
    compressed_fields = False

    class Media:
        css = {"all": ("challenges/desk/site.css",)}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Site]:
        """Return the sites of people: not the one of the service's own rehearsals."""
        return Site.objects.filter(reserved=False)

    def get_fieldsets(self, request: HttpRequest, obj: Site | None = None) -> Any:
        """Return the fields of the form, and the key once there is one."""
        if obj is None:
            return FIELDSETS
        (_, first), *rest = FIELDSETS
        known = {**first, "fields": (*first["fields"], *self.readonly_fields)}
        return ((None, known), *rest)

    def has_delete_permission(self, request: HttpRequest, obj: Site | None = None) -> bool:
        """Return no: switch the site off instead."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """Add how to use a site, and its secrets."""
        pages = [
            ("<int:pk>/use/", site_pages.UsePage, "challenges_site_use"),
            ("<int:pk>/limits/", site_pages.LimitsPage, "challenges_site_limits"),
            ("<int:pk>/secrets/", site_pages.SecretsPage, "challenges_site_secrets"),
        ]
        views = [
            path(place, self.admin_site.admin_view(page.as_view(model_admin=self)), name=name)
            for place, page, name in pages
        ]
        return [*views, *super().get_urls()]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Return the form, with what each policy costs beside it."""
        site = self.get_object(request, object_id) if object_id else None
        context = {
            **(extra_context or {}),
            **site_costs.beside(request, site),
            "show_save_and_add_another": False,
            "show_save_and_continue": False,
        }
        if site:
            context |= site_pages.about(site, "change")
        return super().changeform_view(request, object_id, form_url, context)

    def save_model(
        self,
        request: HttpRequest,
        obj: Site,
        form: SiteForm,
        change: bool,  # noqa: FBT001
    ) -> None:
        """Save what was changed of a known site, or make a new one."""
        if change:
            # The rest may have been changed by a worker, or by someone else, meanwhile.
            if form.changed_data:
                obj.save(update_fields=form.changed_data)
            return
        made = create_site(
            obj.name, obj.hosts, obj.contact, **{name: getattr(obj, name) for name in POLICY}
        )
        obj.__dict__.update(made.site.__dict__)
        # For this one reply; it is not stored, and not shown again.
        request.META["pawcha.made"] = made

    def response_add(
        self, request: HttpRequest, obj: Site, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Show the keys of the new site, and how to use them."""
        made: NewSite = request.META["pawcha.made"]
        page = site_pages.UsePage.as_view(model_admin=self, secret=made.secret)
        return page(request, pk=obj.pk)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Return who changed what about the site, and when."""
        page = site_pages.HistoryPage.as_view(model_admin=self)
        return page(request, pk=int(object_id) if object_id.isdecimal() else 0)

    @admin.display(description="Site", ordering="name")
    def title(self, site: Site) -> str:
        """Return the name, and what is special about the site."""
        marks = format_html_join("", ' <span class="mark {}">{}</span>', site_pages.marks(site))
        return format_html("{}{}", site.name, marks)

    @admin.display(description="Made")
    def made(self, site: Site) -> str:
        """Return when the site was made, as all pages say it."""
        return f"{day(site.created_at)}, {site.created_at:%H:%M}"

    @admin.display(description="Hosts")
    def allowed(self, site: Site) -> str:
        """Return the first hosts, and how many more there are."""
        first, more = site.hosts[:2], len(site.hosts) - 2
        return ", ".join(first) + (f" and {more} more" if more > 0 else "")

    @admin.display(description="Challenges")
    def policy(self, site: Site) -> str:
        """Return how hard the challenges are, and whether they still are as before a change."""
        notes = [site_pages.stock_note(site), site_pages.TEST_NOTE if site.test_mode else ""]
        lines = format_html_join("", '<br><span class="note">{}</span>', ((n,) for n in notes if n))
        return format_html("{}{}", site_pages.policy_words(site), lines)

    @admin.display(description="Site key")
    def key(self, site: Site) -> str:
        """Return the public key, in one line."""
        return format_html('<code class="sitekey">{}</code>', site.sitekey)

    @admin.display(description="Snippets")
    def use(self, site: Site) -> str:
        """Return the way to the snippets."""
        return format_html(
            '<a class="use" href="{}">Use it<span class="aloud"> on {}</span></a>',
            site_pages.address("use", site),
            site.name,
        )

    @admin.action(description="Switch on", permissions=["change"])
    def switch_on(self, request: HttpRequest, chosen: QuerySet[Site]) -> None:
        """Let these sites show challenges."""
        self._switch(request, chosen, on=True)

    @admin.action(description="Switch off", permissions=["change"])
    def switch_off(self, request: HttpRequest, chosen: QuerySet[Site]) -> None:
        """Let these sites show no more challenges; their tokens are refused."""
        self._switch(request, chosen, on=False)

    def _switch(self, request: HttpRequest, chosen: QuerySet[Site], *, on: bool) -> None:
        done = sites.switch(list(chosen.values_list("pk", flat=True)), on=on)
        self.message_user(request, f"Switched {'on' if on else 'off'}: {done}.", messages.SUCCESS)
