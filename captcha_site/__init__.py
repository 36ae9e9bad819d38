"""The project package. Nothing imports it but manage.py and the servers."""

from __future__ import annotations

from captcha_site.celery import app as celery_app

__all__ = ["celery_app"]
