"""Forwarded headers are believed from listed proxies only."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse


class ForwardedProto:
    """Drop X-Forwarded-Proto unless a listed proxy sent it; Django believes it otherwise."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Look at the peer, then go on."""
        if "HTTP_X_FORWARDED_PROTO" in request.META and not _listed(request):
            del request.META["HTTP_X_FORWARDED_PROTO"]
        return self.get_response(request)


def _listed(request: HttpRequest) -> bool:
    try:
        peer = ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    return any(peer in network for network in settings.TRUSTED_PROXIES)
