"""/fallback: pick the cats without JavaScript, and copy a code."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import time_machine
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.db import OperationalError

from challenges import state
from challenges.fallback_page import Shape
from challenges.flows import stock
from challenges.flows.sites import NewSite, create_site
from challenges.models import Outcome, Photo, Site
from challenges.models.photos import Rights
from tests import pets
from tests.challenges.plainpage import PlainPage
from tests.conftest import Visitor, cats_of, outcome_of

SHOP = "https://shop.example.org/sign-up?step=2"


class Reader:
    """A person with a text browser: it reads HTML, follows links and sends forms."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor
        self.reply: Any = None

    @property
    def page(self) -> PlainPage:
        """What is before the reader."""
        return PlainPage(self.reply.content.decode())

    @property
    def challenge(self) -> str:
        """The challenge before the reader."""
        return self.page.hidden["id"]

    def open(self, address: str, **headers: str) -> PlainPage:
        """Open an address."""
        self.reply = self.visitor.get(address, headers=headers)
        return self.page

    def look(self) -> None:
        """Look at the pictures."""
        for picture, _ in self.page.pictures:
            assert self.visitor.get(picture).status_code == 200

    def send(self, places: list[int], **more: str) -> PlainPage:
        """Tick these pictures and send the form."""
        page = self.page
        self.reply = self.visitor.post(
            page.action, page.filled_in(places, **more),
            content_type="application/x-www-form-urlencoded",
        )  # fmt: skip
        return self.page


@pytest.fixture
def reader(visitor: Visitor) -> Reader:
    """Return a person at home with a text browser."""
    return Reader(visitor)


def address(site: NewSite, path: str = "/fallback", **more: str) -> str:
    """Return the address of the page for a site."""
    return f"{path}?{httpx.QueryParams({'k': site.site.sitekey, **more})}"


def wrong(challenge: str) -> list[int]:
    """Return picks that are not the answer."""
    cats = cats_of(challenge)
    return cats[1:] or [*cats, (cats[0] + 1) % 12]


def test_its_outcome_is_like_any_other(stocked: NewSite, reader: Reader) -> None:
    reader.open(address(stocked, hl="de-AT"), Referer=SHOP)
    challenge = reader.challenge
    reader.send(cats_of(challenge))
    outcome = outcome_of(challenge)
    assert outcome.state == Outcome.State.PASSED
    assert (outcome.dialect, outcome.language) == ("fallback", "de")
    assert outcome.hostname == "shop.example.org"


def test_a_wrong_answer_is_one_sentence_and_new_pictures(stocked: NewSite, reader: Reader) -> None:
    reader.open(address(stocked), Referer=SHOP)
    first = reader.challenge
    page = reader.send(wrong(first))
    assert reader.reply.status_code == 422
    assert "Not quite: please try these new pictures." in page.text
    assert reader.challenge != first
    assert outcome_of(first).state == Outcome.State.FAILED
    # The page around it is not forgotten on the way.
    assert outcome_of(reader.challenge).hostname == "shop.example.org"
    assert reader.send(cats_of(reader.challenge)).code


def test_a_right_answer_without_a_token_brings_one_more_round(
    stocked: NewSite, reader: Reader, settings: LazySettings
) -> None:
    settings.PAWCHA = {**settings.PAWCHA, "BUCKET_START": 0, "BUCKET_PER_HOUR": 0}
    reader.open(address(stocked), Referer=SHOP)
    first, handle = reader.challenge, reader.page.hidden["session"]
    page = reader.send(cats_of(first))
    assert reader.reply.status_code == 200
    assert "Right! One more round, please." in page.text
    assert not page.code
    second = reader.challenge
    assert second != first
    assert page.hidden["session"] == handle
    assert reader.send(cats_of(second)).code
    one, two = outcome_of(first), outcome_of(second)
    assert (one.state, two.state) == (Outcome.State.MORE, Outcome.State.PASSED)
    assert (one.door, two.door, two.paid) == ("fallback", "fallback", "session")
    assert two.hostname == "shop.example.org"


def test_what_was_solved_is_not_forgotten_when_no_round_can_follow(
    stocked: NewSite, reader: Reader, settings: LazySettings
) -> None:
    settings.PAWCHA = {**settings.PAWCHA, "BUCKET_START": 0, "BUCKET_PER_HOUR": 0}
    reader.open(address(stocked))
    kept = state.ready_drafts("12x1-public", "fresh")
    state.drop_ready("12x1-public", "fresh", kept)
    page = reader.send(cats_of(reader.challenge))
    assert reader.reply.status_code == 503
    state.push_ready("12x1-public", "fresh", kept)
    (again,) = (href for href, text in page.links.items() if text.startswith("Try again"))
    reader.open(again)
    assert reader.send(cats_of(reader.challenge)).code


def test_a_handle_that_was_made_up_is_passed_over(
    stocked: NewSite, reader: Reader, settings: LazySettings
) -> None:
    settings.PAWCHA = {**settings.PAWCHA, "BUCKET_START": 0, "BUCKET_PER_HOUR": 0}
    page = reader.open(address(stocked, session='"><script>'))
    assert "script" not in page.hidden["session"]
    assert not reader.send(cats_of(reader.challenge), session="forged").code


def test_a_challenge_takes_one_answer(stocked: NewSite, reader: Reader) -> None:
    reader.open(address(stocked))
    form, first = reader.reply, reader.challenge
    cats = cats_of(first)
    reader.send(cats)
    reader.reply = form
    page = reader.send(cats)
    assert reader.reply.status_code == 409
    assert "have been used already" in page.text
    assert page.hidden["id"] != first
    assert not page.code


def test_time_that_is_up_brings_new_pictures(stocked: NewSite, reader: Reader) -> None:
    reader.open(address(stocked))
    cats = cats_of(reader.challenge)
    with time_machine.travel(timedelta(seconds=121)):
        page = reader.send(cats)
    assert reader.reply.status_code == 410
    assert "Time is up for those pictures. Here are new ones." in page.text
    assert len(page.boxes) == 12


def test_more_time_is_given_once_and_the_ticks_stay(stocked: NewSite, reader: Reader) -> None:
    reader.open(address(stocked))
    challenge = reader.challenge
    reader.look()
    page = reader.send([1, 4], more="1")
    assert re.search(r"Time left now: (4:00|3:5\d)\.", page.text)
    assert (page.hidden["id"], page.ticked) == (challenge, ["1", "4"])
    assert "more" not in page.buttons
    again = reader.send([1], more="1")
    assert reader.reply.status_code == 409
    assert (again.hidden["id"], again.ticked) == (challenge, ["1"])
    with time_machine.travel(timedelta(seconds=200)):
        assert reader.send(cats_of(challenge)).code


def test_all_rounds_are_on_one_page_under_their_names(
    site_owner: NewSite, pool: list[Photo], reader: Reader
) -> None:
    Site.objects.filter(pk=site_owner.site.pk).update(
        pictures=9, rounds=2, challenge_seconds=90, token_seconds=45
    )
    stock.keep_stocked(10)
    page = reader.open(address(site_owner))
    assert len(page.boxes) == 18
    assert all(f"Round {number} of 2" in page.text for number in (1, 2))
    assert "You have 1:30 minutes." in page.text
    challenge = reader.challenge
    # What cannot be taken leaves all pictures and ticks as they are, even if nobody can be asked.
    with patch("challenges.state.peek", side_effect=state.Unreachable("gone")):
        page = reader.send([1, 17])
    assert (page.ticked, len(page.boxes)) == (["1", "17"], 18)
    page = reader.send(cats_of(challenge))
    assert page.code
    assert "Use it within 0:45 minutes." in page.text
    assert outcome_of(challenge).rounds == 2


@pytest.mark.parametrize(
    "shape",
    ["", "12", "8x1x120", "17x1x120", "12x0x120", "12x4x120", "12x1x999", "axbxc", "1x2x3x4"],
)
def test_a_shape_that_no_challenge_has_is_the_usual_one(shape: str) -> None:
    assert Shape.parse(shape) == Shape()
    assert Shape.parse(str(Shape(16, 3, 600))) == Shape(16, 3, 600)


def test_a_site_in_test_mode_says_so(site_owner: NewSite, reader: Reader) -> None:
    pets.pool(20, Rights.STARTER)
    Site.objects.filter(pk=site_owner.site.pk).update(test_mode=True)
    stock.keep_stocked(5)
    page = reader.open(address(site_owner))
    assert len(page.boxes) == 12
    assert "For testing only" in page.text


def test_nothing_ticked_leaves_the_challenge_open(stocked: NewSite, reader: Reader) -> None:
    reader.open(address(stocked))
    challenge = reader.challenge
    page = reader.send([])
    assert reader.reply.status_code == 400
    assert "Select at least one picture." in page.text
    assert page.hidden["id"] == challenge
    assert reader.send(cats_of(challenge)).code


def test_too_many_tries_leave_it_open_with_its_ticks_and_say_how_long(
    stocked: NewSite, reader: Reader, settings: LazySettings
) -> None:
    settings.PAWCHA = {**settings.PAWCHA, "PREFIX_BURST": 1, "PREFIX_PER_MINUTE": 1}
    reader.open(address(stocked))
    challenge = reader.challenge
    other = Visitor("192.0.2.1").ask(stocked.site.sitekey).json()["id"]
    reader.visitor.answer(other, [0])
    page = reader.send([2, 3])
    assert reader.reply.status_code == 429
    assert "Too many tries right now. Try again in 60 seconds." in page.text
    assert 55 <= int(reader.reply["Retry-After"]) <= 60
    assert (page.hidden["id"], page.ticked) == (challenge, ["2", "3"])


def test_too_many_pages_are_told_how_long_to_wait(
    stocked: NewSite, reader: Reader, settings: LazySettings
) -> None:
    settings.PAWCHA = {**settings.PAWCHA, "PREFIX_BURST": 1, "PREFIX_PER_MINUTE": 1}
    reader.open(address(stocked), Referer=SHOP)
    page = reader.open(address(stocked), Referer=SHOP)
    assert reader.reply.status_code == 429
    assert not page.boxes
    [again] = [link for link, words in page.links.items() if words.startswith("Try again in")]
    with time_machine.travel(timedelta(seconds=61)):
        reader.open(again)
    assert outcome_of(reader.challenge).hostname == "shop.example.org"


@pytest.mark.parametrize("key", ["nobody", "", "a\0b"])
def test_an_unknown_key_is_named_as_such(db: None, reader: Reader, key: str) -> None:
    page = reader.open(f"/fallback?{httpx.QueryParams({'k': key})}")
    assert reader.reply.status_code == 404
    assert "This site key is unknown." in page.text


def test_a_site_may_switch_it_off(stocked: NewSite, reader: Reader) -> None:
    reader.open(address(stocked))
    cats = cats_of(reader.challenge)
    Site.objects.update(allows_fallback=False, contact="help@shop.example.org")
    page = reader.send(cats)
    assert (reader.reply.status_code, page.code) == (403, "")
    page = reader.open(address(stocked))
    assert reader.reply.status_code == 403
    assert "This site does not offer the plain page. Please turn on JavaScript." in page.text
    assert page.links["mailto:help@shop.example.org"] == "Ask the site for help"


@pytest.mark.parametrize(
    "referer",
    ["https://evil.example/", "http://shop.example.org/", "android-app://shop", "https://[bad"],
)
def test_a_page_that_is_not_the_sites_may_not_show_it(
    stocked: NewSite, reader: Reader, referer: str
) -> None:
    page = reader.open(address(stocked), Referer=referer)
    assert reader.reply.status_code == 403
    assert "This page is not allowed to show the check." in page.text
    assert not Outcome.objects.exists()


def test_without_a_referer_it_is_as_for_other_clients_that_name_no_host(
    stocked: NewSite, reader: Reader
) -> None:
    reader.open(address(stocked))
    assert outcome_of(reader.challenge).hostname == "not-provided"
    Site.objects.update(accepts_unknown_host=False)
    page = reader.open(address(stocked))
    assert reader.reply.status_code == 403
    assert not page.boxes


def seal_of(reader: Reader, site: NewSite) -> str:
    """Return what the page of a site knows the host by that the browser named."""
    return reader.open(address(site), Referer=SHOP).hidden["host"]


def test_what_the_browser_said_counts_for_an_hour(stocked: NewSite, reader: Reader) -> None:
    seal = seal_of(reader, stocked)
    for later, hostname in ((3500, "shop.example.org"), (3700, "not-provided")):
        with time_machine.travel(timedelta(seconds=later)):
            page = reader.open(address(stocked, host=seal))
        assert outcome_of(reader.challenge).hostname == hostname
        # Going on does not make it last longer.
        assert page.hidden.get("host", seal) == seal


def test_what_the_browser_said_to_one_site_tells_another_nothing(
    stocked: NewSite, reader: Reader, settings: LazySettings
) -> None:
    settings.TEST_KEYS = True
    same_host = create_site("Branch", ["shop.example.org"])
    reader.open(address(same_host, host=seal_of(reader, stocked)))
    assert outcome_of(reader.challenge).hostname == "not-provided"
    failing, passing = (f"/fallback?k=pawcha-test-{kind}" for kind in ("fail", "pass"))
    again = reader.open(failing, Referer=SHOP).links
    [seal] = [parse_qs(urlsplit(link).query)["host"] for link in again if "host=" in link]
    assert "host=" in reader.open(f"{failing}&host={seal[0]}").html
    assert "host=" not in reader.open(f"{passing}&host={seal[0]}").html


def test_nobody_names_a_host_but_the_browser(stocked: NewSite, reader: Reader) -> None:
    Site.objects.update(accepts_unknown_host=False)
    for host in ("https://shop.example.org", "https://shop.example.org:made-up"):
        reader.open(address(stocked, host=host))
        assert reader.reply.status_code == 403


@pytest.mark.parametrize("place", ["challenges.state.take_ready", "challenges.flows.issue.record"])
def test_a_service_that_is_away_says_so(stocked: NewSite, reader: Reader, place: str) -> None:
    error = (
        state.Unreachable("gone") if place.startswith("challenges.state") else OperationalError()
    )
    with patch(place, side_effect=error):
        page = reader.open(address(stocked))
    assert reader.reply.status_code == 503
    assert "The service cannot be reached right now." in page.text
    assert int(reader.reply["Retry-After"]) > 0
    # The way back is the same address.
    [again] = [link for link, words in page.links.items() if words.startswith("Try again")]
    assert len(reader.open(again).boxes) == 12


def test_a_database_that_is_away_from_the_start_says_so_too(
    stocked: NewSite, reader: Reader
) -> None:
    with patch.object(Site.objects, "serving", side_effect=OperationalError("gone")):
        page = reader.open(address(stocked))
    assert reader.reply.status_code == 503
    [again] = [link for link, words in page.links.items() if words.startswith("Try again")]
    assert len(reader.open(again).boxes) == 12


def test_a_database_that_is_away_keeps_the_ticks(stocked: NewSite, reader: Reader) -> None:
    reader.open(address(stocked))
    challenge = reader.challenge
    with patch("challenges.flows.answer.close", side_effect=OperationalError("gone")):
        page = reader.send(cats_of(challenge))
    assert reader.reply.status_code == 503
    assert [int(tick) for tick in page.ticked] == cats_of(challenge)
    assert reader.send(cats_of(challenge)).code


def test_no_challenge_ready_is_told_in_a_sentence(site_owner: NewSite, reader: Reader) -> None:
    page = reader.open(address(site_owner))
    assert reader.reply.status_code == 503
    assert "No pictures are ready right now." in page.text


@pytest.mark.parametrize(
    ("query", "accepts", "language"),
    [
        ({"hl": "de"}, "fr", ("de", "ltr")),
        ({"lang": "ar"}, "", ("ar", "rtl")),
        ({}, "nl;q=0.3, he;q=0.9", ("he", "rtl")),
        ({"hl": "tlh"}, "", ("en", "ltr")),
        ({"hl": "x" * 500 + "\0"}, "", ("en", "ltr")),
    ],
)
def test_it_speaks_the_visitors_language(
    stocked: NewSite, reader: Reader, query: dict[str, str], accepts: str,
    language: tuple[str, str],
) -> None:  # fmt: skip
    page = reader.open(address(stocked, **query), **{"Accept-Language": accepts})
    assert page.language == language
    # The answer is in the same one.
    assert reader.send(cats_of(reader.challenge)).language == language


def test_its_headers_close_what_it_does_not_need(stocked: NewSite, reader: Reader) -> None:
    reader.open(address(stocked))
    policy = reader.reply["Content-Security-Policy"]
    assert policy == (
        "default-src 'none'; img-src 'self'; style-src 'self'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors https://shop.example.org https://*.example.net"
    )
    assert reader.reply["Cache-Control"] == "no-store"
    assert reader.reply["Referrer-Policy"] == "no-referrer"
    assert "X-Frame-Options" not in reader.reply
    assert "Set-Cookie" not in reader.reply
    assert "<script" not in reader.page.html


def test_pets_that_look_for_a_home_are_shown_after_the_solve_only(
    stocked: NewSite, reader: Reader
) -> None:
    link = "https://shelter.example/minka"
    Photo.objects.update(pet_name="Minka <3", shelter="Shelter South", adoption_url=link)
    before = reader.open(address(stocked))
    assert "shelter.example" not in before.html + reader.send(wrong(reader.challenge)).html
    page = reader.send(cats_of(reader.challenge))
    assert "Minka <3" in page.links[link]


def test_a_public_test_key_says_so(db: None, reader: Reader, settings: LazySettings) -> None:
    settings.TEST_KEYS = True
    pets.pool(60, Rights.STARTER)
    key = "pawcha-test-pass"
    reader.open(f"/fallback?k={key}")  # Makes the site behind the test keys.
    site = Site.objects.get(sitekey="test-keys")
    with patch("challenges.flows.stock.profiles", return_value=[site.profile]):
        stock.keep_stocked(5)
    page = reader.open(f"/fallback?k={key}", Referer="https://anywhere.example/")
    assert "For testing only: this key protects nothing." in page.text
    assert "frame-ancestors *" in reader.reply["Content-Security-Policy"]
    assert reader.send([0]).code.startswith("PAWCHA.DUMMY.TOKEN.")
    reader.open("/fallback?k=pawcha-test-fail")
    assert (
        "With this test key, the check always fails." in reader.send(cats_of(reader.challenge)).text
    )


def test_a_challenge_is_answered_on_the_page_of_its_own_key(
    stocked: NewSite, other_site: NewSite, reader: Reader, settings: LazySettings
) -> None:
    settings.TEST_KEYS = True
    own = reader.open(address(stocked)).action
    challenge, form = reader.challenge, reader.reply
    for key in (other_site.site.sitekey, "pawcha-test-pass"):
        reader.reply = reader.visitor.post(
            f"/fallback?k={key}", {"id": challenge, "pick": cats_of(challenge)}
        )
        assert not reader.page.code
        assert challenge not in reader.page.html
    assert outcome_of(challenge).state == Outcome.State.OPEN
    reader.reply = form
    assert reader.page.action == own
    assert reader.send(cats_of(challenge)).code


def test_a_test_keys_challenge_is_not_another_ones(
    db: None, reader: Reader, settings: LazySettings
) -> None:
    settings.TEST_KEYS = True
    pets.pool(60, Rights.STARTER)
    reader.open("/fallback?k=pawcha-test-fail")
    profile = Site.objects.get(sitekey="test-keys").profile
    with patch("challenges.flows.stock.profiles", return_value=[profile]):
        stock.keep_stocked(5)
    reader.open("/fallback?k=pawcha-test-fail")
    sent = {"id": reader.challenge, "pick": "1"}
    reader.reply = reader.visitor.post("/fallback?k=pawcha-test-pass", sent)
    assert reader.reply.status_code == 404
    assert not reader.page.code


@pytest.mark.parametrize("challenge", ["a/b", "../../x", "x" * 31, "x" * 33, "x" * 31 + "\n", "\0"])
def test_an_id_that_is_none_is_not_even_looked_up(
    stocked: NewSite, reader: Reader, challenge: str
) -> None:
    with patch("challenges.state.peek", side_effect=state.Unreachable("gone")):
        reader.reply = reader.visitor.post(address(stocked), {"id": challenge, "pick": "1"})
    assert reader.reply.status_code == 404
    assert len(reader.page.boxes) == 12


def test_a_key_with_a_nul_is_the_key_without_it(stocked: NewSite, reader: Reader) -> None:
    assert len(reader.open(f"/fallback?k={stocked.site.sitekey}%00").boxes) == 12


@pytest.mark.parametrize("loads", ["image", "empty", "script", "style", "object", "embed", "video"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_other_pages_cannot_have_it_loaded_as_anything_but_a_page(
    stocked: NewSite, reader: Reader, loads: str, method: str
) -> None:
    ask = getattr(reader.visitor, method)
    with patch("challenges.state.spend") as spend:
        reader.reply = ask(address(stocked), headers={"Sec-Fetch-Dest": loads})
    assert reader.reply.status_code == 403
    assert not spend.called
    assert not Outcome.objects.exists()


@pytest.mark.parametrize("loads", ["document", "iframe", "frame"])
def test_pages_and_frames_may_load_it(stocked: NewSite, reader: Reader, loads: str) -> None:
    assert len(reader.open(address(stocked), **{"Sec-Fetch-Dest": loads}).boxes) == 12


def test_a_file_is_passed_over(stocked: NewSite, reader: Reader) -> None:
    reader.open(address(stocked))
    sent = {"id": reader.challenge, "more": SimpleUploadedFile("x", b"0" * 60_000)}
    with patch.object(MemoryFileUploadHandler, "new_file") as taken:
        reader.reply = reader.visitor.post(address(stocked), sent, format="multipart")
    assert not taken.called
    assert "Select at least one picture." in reader.page.text


def test_a_body_without_an_end_is_not_read(stocked: NewSite, reader: Reader) -> None:
    reader.reply = reader.visitor.post(address(stocked), {"id": "x" * 70_000})
    assert reader.reply.status_code == 413
    assert not reader.page.boxes


def test_picks_that_are_none_are_passed_over(stocked: NewSite, reader: Reader) -> None:
    reader.open(address(stocked))
    challenge = reader.challenge
    for pick in ("12", "-1", "x", "1" * 5000, "\0"):
        reader.send([], pick=pick)
        assert reader.reply.status_code == 400
    assert reader.send(cats_of(challenge)).code


def test_it_takes_no_other_method(stocked: NewSite, visitor: Visitor) -> None:
    assert visitor.put(address(stocked)).status_code == 405
    assert visitor.head(address(stocked)).status_code == 405
    assert not Outcome.objects.exists()


@pytest.mark.parametrize("path", ["/fallback", "/recaptcha/api/fallback"])
def test_a_form_goes_back_to_where_it_came_from(
    stocked: NewSite, reader: Reader, path: str
) -> None:
    assert reader.open(address(stocked, path, hl="de")).action == address(stocked, path, hl="de")
