"""Tokens are random, recognisable by us alone, and written in one way only."""

from __future__ import annotations

import re
import string

from challenges import signing


def test_it_makes_url_safe_tokens_of_one_length() -> None:
    tokens = {signing.new_token("key") for _ in range(200)}
    assert len(tokens) == 200
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{118}", token) for token in tokens)


def test_it_knows_its_own_tokens_by_any_of_its_keys() -> None:
    token = signing.new_token("old")
    assert signing.is_token(token, ["new", "old"])
    assert not signing.is_token(token, ["new"])


def test_it_refuses_a_token_with_any_character_changed() -> None:
    token = signing.new_token("key")
    for place in (0, 1, 57, 116, 117):
        for other in string.ascii_letters + string.digits + "-_+/=. é":
            changed = token[:place] + other + token[place + 1 :]
            assert changed == token or not signing.is_token(changed, ["key"])


def test_it_refuses_what_is_not_a_token() -> None:
    for text in ("", "a", "a" * 118, "é" * 118, "a" * 4000, "\x00" * 118):
        assert not signing.is_token(text, ["key"])


def test_it_makes_secrets_of_256_bits_that_scanners_can_find() -> None:
    assert re.fullmatch(r"pws_[A-Za-z0-9_-]{43}", signing.new_secret())


def test_it_makes_challenge_ids_that_nobody_guesses() -> None:
    assert len({signing.new_challenge_id() for _ in range(1000)}) == 1000
    assert len(signing.new_challenge_id()) == 32


def test_a_session_handle_names_its_id_to_us_alone() -> None:
    handle = signing.new_session("old")
    session = signing.read_session(handle, ["new", "old"])
    assert session
    assert signing.session_handle(session, "old") == handle
    assert signing.read_session(handle, ["new"]) == ""
    assert signing.new_session("old") != handle
    assert len(handle) < 100


def test_it_reads_no_handle_that_was_changed_or_made_up() -> None:
    handle = signing.new_session("key")
    for place in range(len(handle)):
        other = "A" if handle[place] != "A" else "B"
        assert not signing.read_session(handle[:place] + other + handle[place + 1 :], ["key"])
    for forged in (
        "",
        ".",
        "x",
        "x.",
        ".x",
        handle + "=",
        handle + ".x",
        "é.é",
        handle.partition(".")[0],
    ):
        assert not signing.read_session(forged, ["key"])
    assert signing.session_handle("", "key") == ""
