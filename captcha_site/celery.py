"""The Celery application: JSON messages, time limits, the beat schedule."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "captcha_site.settings")

app = Celery("pawcha")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
