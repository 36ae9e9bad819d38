"""Routes of the pages."""

from __future__ import annotations

from django.urls import path

from classifier import report_views, views

urlpatterns = [
    path("classify/", views.classify, name="classify"),
    path("report/", report_views.report, name="report"),
    path("report/runs/<int:number>", report_views.run, name="report-run"),
    path("report/report.json", report_views.figures, {"form": "json"}, name="report-json"),
    path("report/report.csv", report_views.figures, {"form": "csv"}, name="report-csv"),
    path("report/badge.json", report_views.badge_json, name="report-badge-json"),
    path("report/badge.svg", report_views.badge_svg, name="report-badge"),
]
