"""Routes of the native API."""

from __future__ import annotations

from django.urls import path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from challenges.api import health, siteconfig, verify, views

urlpatterns = [
    path("api/v1/challenges", views.ChallengesView.as_view(), name="challenges"),
    path(
        "api/v1/challenges/<str:challenge_id>/pictures",
        views.PicturesView.as_view(),
        name="pictures",
    ),
    path(
        "api/v1/challenges/<str:challenge_id>/pictures/<int:index>",
        views.PictureView.as_view(),
        name="picture",
    ),
    path("api/v1/challenges/<str:challenge_id>/extend", views.ExtendView.as_view(), name="extend"),
    path("api/v1/challenges/<str:challenge_id>/answer", views.AnswerView.as_view(), name="answer"),
    path("api/v1/challenges/<str:challenge_id>/report", views.ReportView.as_view(), name="report"),
    path("siteverify", verify.SiteverifyView.as_view(), name="siteverify"),
    path("recaptcha/api/siteverify", verify.RecaptchaView.as_view(), name="recaptcha-siteverify"),
    path("turnstile/v0/siteverify", verify.TurnstileView.as_view(), name="turnstile-siteverify"),
    path("checksiteconfig", siteconfig.SiteConfigView.as_view(), name="checksiteconfig"),
    path("healthz", health.HealthView.as_view(), name="healthz"),
    path("readyz", health.ReadyView.as_view(), name="readyz"),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
]
