"""Routes of the widget: the script, also where other CAPTCHAs have theirs, and its frame."""

from __future__ import annotations

from django.urls import path

from challenges import fallback_views, privacy_views, widget_views

# The script looks at its own address to know which CAPTCHA the page believes to talk to.
SCRIPTS = (
    "pawcha/api.js",
    "1/api.js",
    "1/secure-api.js",
    "recaptcha/api.js",
    "turnstile/v0/api.js",
)

urlpatterns = [
    *(path(place, widget_views.script, name="widget-script") for place in reversed(SCRIPTS)),
    path("pawcha/api.d.ts", widget_views.declarations, name="widget-declarations"),
    path("pawcha/files/<str:version>/<str:name>", widget_views.part, name="widget-part"),
    path("pawcha/frame", widget_views.frame, name="widget-frame"),
    path("recaptcha/api/fallback", fallback_views.fallback, name="recaptcha-fallback"),
    path("fallback", fallback_views.fallback, name="fallback"),
    path("privacy/", privacy_views.privacy, name="privacy"),
]
