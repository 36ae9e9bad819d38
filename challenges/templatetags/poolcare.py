"""What the admin's pages say about the pool."""

from __future__ import annotations

from django import template

from challenges.flows import poolcare

register = template.Library()


@register.simple_tag
def pool_concerns() -> list[poolcare.Concern]:
    """Return what is doubtful about the pictures that visitors get to see."""
    return poolcare.concerns()
