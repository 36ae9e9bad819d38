"""Signing in and out, second factors, first passwords: what django-allauth is told about us."""
