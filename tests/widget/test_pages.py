"""The script and the frame as pages: who may load them, who may embed them, what they forbid."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from challenges import widget_files
from challenges.flows.sites import NewSite
from challenges.models import Site

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

    def test_a_page_of_another_host_learns_why_it_cannot(
        self, client: Client, site_owner: NewSite
    ) -> None:
        said = {"sitekey": site_owner.site.sitekey}
        page = client.get("/pawcha/frame", said, headers={"Referer": "https://shop.example.com/"})
        assert page.status_code == 403
        assert 'data-problem="host_not_allowed" ' in page.text
        assert site_owner.site.sitekey not in page.text
        assert policy(page)["frame-ancestors"] == "*"
        for referer in ("https://shop.example.org/a?b", ""):
            page = client.get("/pawcha/frame", said, headers={"Referer": referer})
            assert page.status_code == 200

    def test_pages_that_isolate_themselves_may_embed_it(
        self, client: Client, site_owner: NewSite
    ) -> None:
        page = client.get("/pawcha/frame", {"sitekey": site_owner.site.sitekey})
        assert page.headers["Cross-Origin-Embedder-Policy"] == "require-corp"
        assert page.headers["Cross-Origin-Resource-Policy"] == "cross-origin"

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
        files = {path.name for path in widget_files.FOLDER.glob("*.js")} - {"api.js", "frame.js"}
        assert set(widget_files.MODULES) == files
        assert set(re.findall(r'modulepreload" href="[^"]*/(\w+\.js)"', text)) == files


class TestParts:
    def test_browsers_keep_them_until_they_change(self, client: Client) -> None:
        address = f"/pawcha/files/{widget_files.version()}/frame.js"
        part = client.get(address, headers={"Accept-Encoding": "gzip"})
        assert part.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert part.headers["Content-Encoding"] == "gzip"
        assert part.headers["Content-Type"] == "text/javascript; charset=utf-8"
        assert not part.cookies

    def test_a_page_from_before_an_upgrade_gets_the_new_ones(self, client: Client) -> None:
        part = client.get("/pawcha/files/0123456789ab/frame.js")
        assert part.status_code == 200
        assert part.headers["Cache-Control"] == "no-cache"

    @pytest.mark.parametrize("name", ["secret.js", "..%2Fapi.js", "pawcha.d.ts", "%00.js"])
    def test_nothing_else_is_there(self, client: Client, name: str) -> None:
        assert client.get(f"/pawcha/files/{widget_files.version()}/{name}").status_code == 404

    def test_the_script_is_sent_small_and_once(self, client: Client) -> None:
        script = client.get("/1/api.js", headers={"Accept-Encoding": "gzip"})
        assert len(script.content) <= 15_000
        known = {"If-None-Match": script.headers["ETag"], "Accept-Encoding": "gzip"}
        assert client.get("/1/api.js", headers=known).status_code == 304
