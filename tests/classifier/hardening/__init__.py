"""Tests of classifier/hardening."""
