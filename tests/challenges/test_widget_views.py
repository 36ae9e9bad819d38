"""The frame page."""

from __future__ import annotations

from unittest.mock import patch

from django.db import OperationalError

from challenges.flows.sites import NewSite
from challenges.models import Site
from tests.conftest import Visitor


def test_it_says_so_while_the_database_is_away(site_owner: NewSite, visitor: Visitor) -> None:
    with patch.object(Site.objects, "serving", side_effect=OperationalError("gone")):
        page = visitor.get(f"/pawcha/frame?sitekey={site_owner.site.sitekey}")
    assert page.status_code == 503
    assert b"Something went wrong on our side." in page.content
