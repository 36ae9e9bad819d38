"""What pages of the admin are called: in the browser's tab, and on the way to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django import template
from django.urls import NoReverseMatch, reverse
from django.utils.text import capfirst

register = template.Library()

# Lists whose name is not that of their rows.
NAMES: Final = {"auth.user": "People", "auth.group": "Groups", "challenges.upload": "Files"}


@dataclass(frozen=True, slots=True)
class Step:
    """One step on the way to a page; the address is empty for the page itself."""

    title: str
    address: str = ""


def name_of(opts: Any) -> str:
    """Return what the list of these rows is called."""
    return NAMES.get(opts.label_lower) or str(capfirst(opts.verbose_name_plural))


@register.simple_tag(takes_context=True)
def page_title(context: template.Context) -> str:
    """Return what the page is called: a list by its rows, and not by what to do with them."""
    shown = context.get("cl")
    if shown:
        return name_of(shown.opts)
    title = str(context.get("title") or "")
    subtitle = context.get("subtitle")
    return f"{subtitle} | {title}" if subtitle else title


@register.simple_tag(takes_context=True)
def steps(context: template.Context) -> list[Step]:
    """Return the way to the page: the list, the row or the page."""
    shown, opts = context.get("cl"), context.get("opts")
    if shown:
        return [Step(name_of(shown.opts))]
    original = context.get("original")
    if original is not None and not hasattr(original, "_meta"):
        original = None
    opts = original._meta if original is not None else opts
    title = str(original) if original is not None else str(context.get("title") or "")
    if not opts:
        return [Step(title)]
    return [Step(name_of(opts), _list_of(context, opts)), Step(title)]


def _list_of(context: template.Context, opts: Any) -> str:
    """Return where the list is, for those who may see it."""
    admin = context.get("model_admin")
    request: Any = context.get("request")
    may = f"{opts.app_label}.view_{opts.model_name}"
    if request is None or not (request.user.has_perm(may) or _opens(admin, opts, request)):
        return ""
    try:
        return reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")
    except NoReverseMatch:
        return ""


def _opens(admin: Any, opts: Any, request: Any) -> bool:
    return admin is not None and admin.opts is opts and admin.has_view_permission(request)
