"""A composed challenge, before and after it is handed out, as it lies in Redis. Pure."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace

from challenges.selection import CHALLENGE_SECONDS, TOKEN_SECONDS


@dataclass(frozen=True, slots=True)
class Draft:
    """A composed challenge that waits to be handed out.

    `cats` has bit i set when picture i is a cat. `groups` are the near-duplicate groups of the
    photos, as text. `risk` is how often the most-shown picture will have been shown, over how
    often it may be: above 1 it is shown too often. `pool` names what the pool was made of. The
    pictures of all `rounds` follow one another. `probe` is the place of a picture that does not
    count, -1 when there is none. `chances` has for each network of the panel how likely it reads
    each counted picture rightly (0..1); it is empty until all of them were scored. `expected` is
    how likely (0..1) networks were expected to solve it when it was composed to a budget, by what
    is known of its photos and not of its pictures; None without a budget.
    """

    id: str
    renditions: list[int]
    names: list[str]
    groups: list[str]
    cats: int
    risk: float
    pool: str
    made_at: float
    rounds: int = 1
    probe: int = -1
    chances: dict[str, list[float]] = field(default_factory=dict)
    expected: float | None = None

    @property
    def count(self) -> int:
        """Return the number of pictures in all rounds."""
        return len(self.names)

    @property
    def per_round(self) -> int:
        """Return the number of pictures in each round."""
        return self.count // self.rounds

    def to_json(self) -> str:
        """Return the draft as one line of text."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Draft:
        """Return the draft that `to_json` wrote."""
        return cls(**json.loads(text))


@dataclass(frozen=True, slots=True)
class OpenChallenge:
    """A challenge that was handed out to an address prefix (its keyed hash).

    `reserved` marks the service's own rehearsals. `test` is the public test key that it was asked
    for with, if it was one; `test_mode` says that the site was in test mode. The rest is the
    site's policy when it was handed out, so that a change of it is for later challenges only:
    `tolerance` wrong pictures, `seconds` for the challenge, `token_seconds` for the token.
    `session` is the id of the visitor's handle, `door` the way they came: widget, fallback, or
    attack (our own). With `limits` off no budget, bucket or heat counts for it.
    """

    id: str
    outcome: int
    site: int
    profile: str
    draft: Draft
    expires_at: float
    prefix: str = ""
    reserved: bool = False
    test: str = ""
    test_mode: bool = False
    tolerance: int = 0
    seconds: int = CHALLENGE_SECONDS
    token_seconds: int = TOKEN_SECONDS
    session: str = ""
    door: str = "widget"
    limits: bool = True

    @property
    def is_test(self) -> bool:
        """Return whether a right answer proves nothing: its pictures are public."""
        return self.test_mode or bool(self.test)

    @property
    def is_free(self) -> bool:
        """Return whether it costs no token, and passes without one."""
        return self.reserved or bool(self.test) or not self.limits

    def to_json(self) -> str:
        """Return the challenge as one line of text."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> OpenChallenge:
        """Return the challenge that `to_json` wrote."""
        fields = json.loads(text)
        challenge = cls(**fields)
        return replace(challenge, draft=Draft(**fields["draft"]))
