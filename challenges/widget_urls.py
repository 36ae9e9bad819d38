"""Routes of the widget: the script for host pages, and the frame that it embeds."""

from __future__ import annotations

from django.urls import path

from challenges import widget_views

urlpatterns = [
    path("pawcha/api.js", widget_views.script, name="widget-script"),
    path("pawcha/frame", widget_views.frame, name="widget-frame"),
]
