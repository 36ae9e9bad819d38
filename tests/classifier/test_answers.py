"""What a visitor is told, in words and numbers."""

from __future__ import annotations

import json

import pytest

from classifier.answers import Answer, Heat, percent


def an_answer(p_cat: float, verdict: str = "") -> Answer:
    """Return an answer with this chance of a cat."""
    label, confidence = ("cat", p_cat) if p_cat >= 0.5 else ("dog", 1 - p_cat)
    return Answer(
        label=label,
        verdict=verdict or label,
        confidence=confidence,
        p_cat=p_cat,
        familiar=0.9,
        chances={"cat": p_cat, "dog": 1 - p_cat},
        heat=Heat(2, 1, b"\x00\xff"),
        model="m",
    )


@pytest.mark.parametrize(
    ("p_cat", "sentence", "right"),
    [
        (0.9999, "A cat. I am as good as certain.", ("1,000", 999)),
        (0.004, "A dog. I am as good as certain.", ("1,000", 996)),
        (0.96, "A cat, I am quite sure.", ("100", 96)),
        (0.15, "A dog, I think.", ("100", 85)),
        (0.55, "A cat, perhaps. I would not bet my dinner on it.", ("100", 55)),
    ],
)
def test_the_words_fit_the_number(p_cat: float, sentence: str, right: tuple[str, int]) -> None:
    said = an_answer(p_cat)
    assert said.sentence == sentence
    counted = "Of {} photos that I am this sure about, I am right on about {}."
    assert said.meaning == counted.format(*right)


def test_neither_names_what_it_looked_for() -> None:
    said = an_answer(0.7, "neither")
    assert said.sentence == "That looks like neither a cat nor a dog to me."
    assert said.meaning == "If I had to choose, I would say cat."


def test_it_travels_as_it_was() -> None:
    said = an_answer(0.7)
    assert Answer.from_dict(json.loads(said.to_json())["answer"]) == said


@pytest.mark.parametrize(
    ("chance", "words"),
    [(1.0, "more than 99.9 %"), (0.9987, "99.9 %"), (0.5, "50.0 %"), (0.0, "less than 0.1 %")],
)
def test_nothing_is_ever_quite_certain(chance: float, words: str) -> None:
    assert percent(chance) == words
