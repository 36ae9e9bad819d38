"""The script and the frame as pages: who may load them, who may embed them, what they forbid."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from challenges.flows.sites import NewSite
from challenges.models import Site
from challenges.widget_views import FOLDER, MODULES
from tests.widget.fake_service import STATIC

pytestmark = pytest.mark.django_db


def policy(response: object) -> dict[str, str]:
    """Return the directives of a response's policy."""
    text: str = response.headers["Content-Security-Policy"]  # type: ignore[attr-defined]
    return dict(part.strip().partition(" ")[::2] for part in text.split(";"))


class TestScript:
    def test_any_page_may_load_it(self, client: Client) -> None:
        response = client.get("/pawcha/api.js?onload=x&render=explicit")
        assert response.status_code == 200
        assert response.headers["Content-Type"] == "text/javascript; charset=utf-8"
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Cache-Control"] == "public, max-age=300"
        assert "Set-Cookie" not in response.headers
        assert b"pawcha-response" in response.content

    def test_it_is_only_read(self, client: Client) -> None:
        assert client.post("/pawcha/api.js").status_code == 405


class TestFrame:
    def test_only_the_sites_hosts_may_embed_it(self, client: Client, site_owner: NewSite) -> None:
        response = client.get("/pawcha/frame", {"sitekey": site_owner.site.sitekey})
        assert response.status_code == 200
        ancestors = policy(response)["frame-ancestors"]
        assert ancestors == "https://shop.example.org https://*.example.net"
        assert "X-Frame-Options" not in response.headers

    def test_it_is_closed(self, client: Client, site_owner: NewSite) -> None:
        response = client.get("/pawcha/frame", {"sitekey": site_owner.site.sitekey})
        directives = policy(response)
        directives.pop("frame-ancestors")
        assert directives == {
            "default-src": "'none'",
            "script-src": "'self'",
            "style-src": "'self'",
            "img-src": "'self' blob:",
            "connect-src": "'self'",
            "base-uri": "'none'",
            "form-action": "'none'",
        }
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert "camera=()" in response.headers["Permissions-Policy"]
        assert not response.cookies

    def test_it_has_no_code_or_style_inside(self, client: Client, site_owner: NewSite) -> None:
        text = client.get("/pawcha/frame", {"sitekey": site_owner.site.sitekey}).text
        assert re.findall(r"<script(?![^>]*(\bsrc=|application/json))", text) == []
        assert re.findall(r"<style|\sstyle=|\son\w+=", text) == []

    @pytest.mark.parametrize("sitekey", ["", "no-such-key", "x" * 5000, "\0", "'; --"])
    def test_an_unknown_key_is_said_anywhere(self, client: Client, sitekey: str) -> None:
        response = client.get("/pawcha/frame", {"sitekey": sitekey})
        assert response.status_code == 404
        assert "This site key is unknown" in response.text
        assert policy(response)["frame-ancestors"] == "*"
        assert "X-Frame-Options" not in response.headers

    @pytest.mark.parametrize("change", [{"active": False}, {"reserved": True}])
    def test_a_site_that_is_not_served_is_unknown(
        self, client: Client, site_owner: NewSite, change: dict[str, bool]
    ) -> None:
        Site.objects.filter(pk=site_owner.site.pk).update(**change)
        response = client.get("/pawcha/frame", {"sitekey": site_owner.site.sitekey})
        assert response.status_code == 404

    def test_those_without_scripts_get_the_plain_page(
        self, client: Client, site_owner: NewSite
    ) -> None:
        sitekey = site_owner.site.sitekey
        link = f'href="/fallback?k={sitekey}" target="_blank"'
        noscript = re.compile(r"<noscript>(.*?)</noscript>", re.S)
        text = client.get("/pawcha/frame", {"sitekey": sitekey}).text
        assert link in "".join(noscript.findall(text))
        Site.objects.filter(pk=site_owner.site.pk).update(allows_fallback=False)
        text = client.get("/pawcha/frame", {"sitekey": sitekey}).text
        assert "Please turn on JavaScript" in "".join(noscript.findall(text))
        assert "/fallback" not in text

    @pytest.mark.parametrize(
        ("theme", "media"),
        [("light", "not all"), ("dark", "all"), ("auto", "(prefers-color-scheme: dark)")],
    )
    def test_dark_is_there_without_any_script(
        self, client: Client, site_owner: NewSite, theme: str, media: str
    ) -> None:
        said = {"sitekey": site_owner.site.sitekey, "theme": theme}
        assert f'dark.css" media="{media}"' in client.get("/pawcha/frame", said).text

    def test_it_asks_for_every_module_at_once(self, client: Client, site_owner: NewSite) -> None:
        text = client.get("/pawcha/frame", {"sitekey": site_owner.site.sitekey}).text
        files = {path.name for path in (STATIC / FOLDER).glob("*.js")} - {"api.js", "frame.js"}
        assert {name.rpartition("/")[2] for name in MODULES} == files
        assert set(re.findall(r'modulepreload" href="[^"]*/(\w+\.js)"', text)) == files
