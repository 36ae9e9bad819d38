"""Routes of the native API."""

from __future__ import annotations

from django.urls import path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from challenges.api import (
    batches,
    health,
    label_lists,
    labels,
    photo_steps,
    photos,
    siteconfig,
    transfers,
    verify,
    views,
)

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
    path("api/v1/queue", labels.QueueView.as_view(), name="queue"),
    path("api/v1/queue/decisions", labels.DecisionsView.as_view(), name="queue-decisions"),
    path("api/v1/queue/undo", labels.UndoView.as_view(), name="queue-undo"),
    path("api/v1/queue/release", labels.ReleaseView.as_view(), name="queue-release"),
    path("api/v1/batches", batches.BatchesView.as_view(), name="batches"),
    path("api/v1/batches/<int:batch_id>", batches.BatchView.as_view(), name="batch"),
    path(
        "api/v1/batches/<int:batch_id>/files",
        batches.BatchFilesView.as_view(),
        name="batch-files",
    ),
    path("api/v1/transfers", transfers.TransfersView.as_view(), name="transfers"),
    path("api/v1/transfers/<str:transfer_id>", transfers.TransferView.as_view(), name="transfer"),
    path("api/v1/photos", photos.PhotosView.as_view(), name="photos"),
    path("api/v1/photos/<int:number>", photos.PhotoView.as_view(), name="photo"),
    path(
        "api/v1/photos/<int:number>/picture",
        photos.PhotoPictureView.as_view(),
        name="photo-picture",
    ),
    path(
        "api/v1/photos/<int:number>/label", photo_steps.PhotoLabelView.as_view(), name="photo-label"
    ),
    path(
        "api/v1/photos/<int:number>/retire",
        photo_steps.PhotoRetireView.as_view(),
        name="photo-retire",
    ),
    path(
        "api/v1/photos/<int:number>/restore",
        photo_steps.PhotoRestoreView.as_view(),
        name="photo-restore",
    ),
    path("api/v1/uploads/<int:upload_id>", photos.UploadView.as_view(), name="upload"),
    path("api/v1/labels", label_lists.LabelsView.as_view(), name="labels"),
    path("siteverify", verify.SiteverifyView.as_view(), name="siteverify"),
    path("recaptcha/api/siteverify", verify.RecaptchaView.as_view(), name="recaptcha-siteverify"),
    path("turnstile/v0/siteverify", verify.TurnstileView.as_view(), name="turnstile-siteverify"),
    path("checksiteconfig", siteconfig.SiteConfigView.as_view(), name="checksiteconfig"),
    path("healthz", health.HealthView.as_view(), name="healthz"),
    path("readyz", health.ReadyView.as_view(), name="readyz"),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
]
