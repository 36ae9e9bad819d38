"""Versions of the network that labels, and their retrainings, in the admin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from challenges.admin.base import LookOnly, person
from classifier import summaries
from classifier.exceptions import ClassifierError
from classifier.flows import drift, retrain, versions
from classifier.models import ModelVersion, Retraining
from classifier.proportions import percent

VERSIONS: Final = "admin:classifier_modelversion_changelist"
RETRAININGS: Final = "admin:classifier_retraining_changelist"
# Weeks of drift that are drawn.
WEEKS: Final = 12
MAY: Final = "classifier.change_modelversion"


@admin.register(ModelVersion)
class ModelVersionAdmin(LookOnly):
    """Versions: which one labels, how good each is, and how often it was corrected."""

    list_display = (
        "name",
        "badge",
        "arch",
        "accuracy",
        "ece",
        "weight",
        "trained_on",
        "promoted_at",
    )
    ordering = ("-id",)
    fields = (
        "name",
        "badge",
        "arch",
        "weight",
        "digest",
        "trained_on",
        "created_at",
        "promoted_at",
        "promoted_by",
        "came_after",
    )
    list_before_template = "classifier/admin/now.html"
    change_form_after_template = "classifier/admin/figures.html"
    actions_list = ("retrain", "roll_back")
    actions_detail = ("promote",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ModelVersion]:
        """Return the versions without their long lists of photos."""
        return ModelVersion.objects.select_related("previous").defer("learned", "previous__learned")

    def has_switch_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Return whether this person may decide what labels."""
        return request.user.has_perm(MAY)

    def has_promote_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Return whether this person may let this version label; not if it does already."""
        if not self.has_switch_permission(request):
            return False
        return not ModelVersion.objects.active().filter(pk=object_id).exists()

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show what labels now and how often it was corrected, above the versions."""
        found = drift.of_active()
        more = {"labels_now": found.name, "drift": found, "bars": _bars(found)}
        page: HttpResponse = super().changelist_view(request, {**(extra_context or {}), **more})
        return page

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show a version with its figures and the decision about it."""
        more: dict[str, Any] = dict(extra_context or {})
        version = ModelVersion.objects.filter(pk=object_id).first() if object_id.isdigit() else None
        if version is not None:
            found = drift.of_version(version)
            more |= {"decision": version.decision, "compared": _compared(version)}
            more |= {"measured": _measured(version), "drift": found, "bars": _bars(found)}
        page: HttpResponse = super().change_view(request, object_id, form_url, more)
        return page

    @display(  # type: ignore[untyped-decorator]
        description="Status",
        ordering="status",
        label={"Active": "success", "Candidate": "info", "Retired": ""},
    )
    def badge(self, version: ModelVersion) -> str:
        """Return what the version does."""
        return str(version.get_status_display())

    @admin.display(description="Accuracy, 95 % interval")
    def accuracy(self, version: ModelVersion) -> str:
        """Return how many photos it named right."""
        return summaries.accuracy(version)

    @admin.display(description="ECE")
    def ece(self, version: ModelVersion) -> str:
        """Return its expected calibration error."""
        return summaries.ece(version)

    @admin.display(description="Size", ordering="size")
    def weight(self, version: ModelVersion) -> str:
        """Return the size of its file."""
        return summaries.size(version)

    @admin.display(description="SHA-256 of its file")
    def digest(self, version: ModelVersion) -> str:
        """Return it so that it may be broken on a narrow screen."""
        return format_html('<span style="overflow-wrap: anywhere">{}</span>', version.sha256)

    @admin.display(description="Trained on")
    def trained_on(self, version: ModelVersion) -> str:
        """Return on how many photos."""
        return summaries.trained_on(version)

    @admin.display(description="Labelled before it")
    def came_after(self, version: ModelVersion) -> str:
        """Return to what a rollback goes."""
        if version.promoted_at is None:
            return ""
        return version.previous.name if version.previous else "the shipped model"

    @action(  # type: ignore[untyped-decorator]
        description="Promote",
        permissions=["promote"],
        url_path="promote",
        icon="arrow_upward",
        variant=ActionVariant.PRIMARY,
    )
    def promote(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Ask, then let this version label."""
        version = get_object_or_404(ModelVersion, pk=object_id)
        now = versions.active_name()

        def do() -> str:
            versions.promote(version, _who(request))
            return f"{version.name} labels from now on."

        said = str(version.decision.get("sentence", "")) or "It was not compared with any other."
        return self._ask(
            request,
            title=f"Promote {version.name}?",
            text=f"It will label instead of {now} from the next photos on. {said}",
            button="Promote",
            do=do,
        )

    @action(  # type: ignore[untyped-decorator]
        description="Roll back",
        permissions=["switch"],
        url_path="roll-back",
        icon="undo",
    )
    def roll_back(self, request: HttpRequest) -> HttpResponse:
        """Ask, then return to what labelled before."""

        def do() -> str:
            target = versions.roll_back(_who(request))
            return f"Rolled back: {target or 'the shipped model'} labels from now on."

        try:
            target = versions.before_active() or "the shipped model"
        except ClassifierError as error:
            self.message_user(request, str(error), messages.WARNING)
            return HttpResponseRedirect(reverse(VERSIONS))
        return self._ask(
            request,
            title=f"Roll back to {target}?",
            text=f"{versions.active_name()} stops labelling, and {target} labels again from the "
            "next photos on. Labels that were given stay.",
            button="Roll back",
            do=do,
        )

    @action(  # type: ignore[untyped-decorator]
        description="Retrain",
        permissions=["switch"],
        url_path="retrain",
        icon="model_training",
    )
    def retrain(self, request: HttpRequest) -> HttpResponse:
        """Ask, then have a new version trained."""

        def do() -> str:
            retrain.ask(_who(request))
            return "A worker begins within a minute; this page shows how far it is."

        return self._ask(
            request,
            title="Train a new version?",
            text="On the reviewed photos, behind everything else on the worker's machine: it may "
            "take hours. The new version labels only if it is not worse than "
            f"{versions.active_name()} on photos that are kept for testing.",
            button="Retrain",
            do=do,
            after=RETRAININGS,
        )

    def _ask(
        self,
        request: HttpRequest,
        *,
        title: str,
        text: str,
        button: str,
        do: Callable[[], str],
        after: str = VERSIONS,
    ) -> HttpResponse:
        """Return a page that asks; when it was answered, do it and say what came of it."""
        if request.method != "POST":
            context = self.admin_site.each_context(request)
            context |= {"title": title, "text": text, "button": button}
            context |= {"opts": self.model._meta, "back": reverse(VERSIONS)}
            return TemplateResponse(request, "classifier/admin/confirm.html", context)
        try:
            self.message_user(request, do(), messages.SUCCESS)
        except ClassifierError as error:
            self.message_user(request, str(error), messages.ERROR)
            return HttpResponseRedirect(reverse(VERSIONS))
        return HttpResponseRedirect(reverse(after))


@admin.register(Retraining)
class RetrainingAdmin(LookOnly):
    """Retrainings: how far each is, and what came of it."""

    list_display = ("created_at", "badge", "progress", "said", "asked_by", "version")
    list_display_links = ("created_at",)
    list_select_related = ("version",)
    ordering = ("-id",)
    fields = (
        "name",
        "badge",
        "progress",
        "figures",
        "said",
        "version",
        "asked_by",
        "created_at",
        "seen_at",
        "finished_at",
    )

    @display(  # type: ignore[untyped-decorator]
        description="State",
        ordering="state",
        label={
            "Waits for a worker": "info",
            "Running": "info",
            "Stopped by a person": "warning",
            "Done": "success",
            "Failed": "danger",
        },
    )
    def badge(self, row: Retraining) -> str:
        """Return how far it has come."""
        return str(row.get_state_display())

    @admin.display(description="How far")
    def progress(self, row: Retraining) -> str:
        """Return the stage, and when it was last heard of."""
        if row.finished_at is not None or not row.stage:
            return ""
        of = f": {row.done:,} of {row.total:,}" if row.total else ""
        seen = f" (at {date_format(row.seen_at, 'H:i')} UTC)" if row.seen_at else ""
        return f"{row.stage}{of}{seen}"


def _who(request: HttpRequest) -> str:
    return person(request).get_username()


def _bars(found: drift.Drift) -> list[dict[str, Any]]:
    """Return the latest weeks as bars: the longest is that of the week with most corrections."""
    weeks = found.weeks[-WEEKS:]
    most = max((week.share for week in weeks), default=0.0)
    return [
        {
            "monday": date_format(week.monday, "j M"),
            "length": round(100 * week.share / most) if most else 0,
            "words": f"{week.corrected} of {week.judged}, {percent(week.share)}"
            if week.judged
            else "none judged",
        }
        for week in weeks
    ]


def _compared(version: ModelVersion) -> dict[str, Any]:
    """Return the table of the comparison: what labelled then, beside the candidate."""
    try:
        old, new = version.decision["active"], version.decision["candidate"]
        rows = [
            ["Version", old["name"], new["name"]],
            ["Photos named wrong", *(f"{one['wrong']} of {one['n']}" for one in (old, new))],
            ["Accuracy", *(_accuracy(one) for one in (old, new))],
            ["ECE", *(f"{one['ece']:.3f}" for one in (old, new))],
            ["Called neither", *(percent(one["refused"]) for one in (old, new))],
            ["Only this one right", version.decision["lost"], version.decision["won"]],
        ]
        return {"headers": ["Figure", "What labelled then", "This version"], "rows": rows}
    except (KeyError, TypeError, ValueError):
        return {}


def _measured(version: ModelVersion) -> dict[str, Any]:
    """Return the table of the figures on its own run's photos."""
    rows = []
    for side, words in (("val", "Validation"), ("test", "Test")):
        try:
            one = version.metrics[side]
            rows.append([words, f"{one['n']:,}", _accuracy(one), f"{one['ece_after']:.3f}"])
        except (KeyError, TypeError, ValueError):
            continue
    headers = ["Side", "Photos", "Accuracy, 95 % interval", "ECE"]
    return {"headers": headers, "rows": rows} if rows else {}


def _accuracy(one: dict[str, Any]) -> str:
    low, high = one["interval"]
    return f"{percent(one['accuracy'])} ({100 * low:.1f} to {100 * high:.1f})"
