"""A visitor shows a photo: the worker's half. The photo stays in memory and is then forgotten."""

from __future__ import annotations

import json
import logging
import time
from typing import TYPE_CHECKING, Final

import numpy as np
from PIL import Image

from challenges.imaging import BadPhoto, decode
from classifier import channel, engine
from classifier.answers import Answer, Heat

if TYPE_CHECKING:
    from numpy.typing import NDArray

logger = logging.getLogger(__name__)

READY: Final = b"ready"
# How long the photo may take once the web process heard that we are ready, in seconds.
HAND_OVER_SECONDS: Final = 5.0
# A finer map than this tells nobody more, in places a side.
HEAT_SIDE: Final = 32


def state() -> channel.State:
    """Return whether this machine can look: it has the packages, and a trained network."""
    if engine.missing():
        return "asleep"
    return "ready" if (engine.WEIGHTS / "shipped.json").is_file() else "untrained"


def warm_up() -> None:
    """Load the network, so that the first visitor need not wait for that."""
    if state() != "ready":
        return
    try:
        engine.shipped().explain(Image.new("RGB", (256, 256), "gray"))
    except Exception:  # The first visitor's photo says it again, to whoever looks at the log.
        logger.exception("The shipped network cannot be loaded")


def look(ticket: str, until: float) -> None:
    """Take the ticket's photo from its web process, look, and answer.

    `until` is when the visitor stops waiting, in seconds since the epoch: a photo whose time is
    over, or whose visitor has gone, is not looked at.
    """
    if time.time() >= until:
        return
    with channel.worker_end(ticket) as line:
        if not line.say(READY):
            return
        photo = line.hear(time.monotonic() + HAND_OVER_SECONDS)
        if photo is not None:
            line.say(_reply(photo))


def _reply(photo: bytes) -> bytes:
    try:
        return answer(photo).to_json()
    except BadPhoto as error:
        return json.dumps({"bad_photo": str(error)}).encode()
    except Exception:  # Whatever broke, the visitor must not wait for it.
        logger.exception("A visitor's photo could not be looked at")
        return json.dumps({"stumbled": True}).encode()


def answer(photo: bytes) -> Answer:
    """Return what the shipped network makes of a file: never one trained on the secret pool.

    Raises BadPhoto.
    """
    image = decode(photo)
    network = engine.shipped()
    prediction, looked_at = network.explain(image)
    return Answer(
        label=prediction.label,
        verdict=prediction.verdict,
        confidence=prediction.confidence,
        p_cat=prediction.p_cat,
        familiar=prediction.familiar,
        chances=prediction.chances,
        heat=to_heat(looked_at),
        model=network.name,
    )


def to_heat(looked_at: NDArray[np.float32]) -> Heat:
    """Return where the network looked as bytes. `looked_at` is height x width in 0..1."""
    picture = Image.fromarray((looked_at.clip(0, 1) * 255).round().astype(np.uint8))
    picture.thumbnail((HEAT_SIDE, HEAT_SIDE), Image.Resampling.BOX)
    return Heat(picture.width, picture.height, picture.tobytes())
