"""Teaching: a network learns from our own hardened pictures, as bots do that have them labelled.

It shows how much such bots read: Photo.taught_ease, by which challenges are composed to a budget
for them. It is a head on what a frozen network of the panel sees, learned from the latest hardened
renditions whose labels we know, in five parts: each is read by a head that saw none of its photo,
nor a near-duplicate. As for the other ease, a photo's place among the others comes from the photo
itself, and nothing tells the coin of a rendition. Judges take no part.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from numpy.typing import NDArray

from challenges.flows.hardness import LEARNED
from challenges.models import Mark, Photo, Rendition
from challenges.models.photos import SHOWN, Animal, Rights
from challenges.selection import ENOUGH_TO_LEARN, Ease
from classifier import panel
from classifier.attackers import apart
from classifier.attackers.base import Tile
from classifier.exceptions import WeightsError
from classifier.flows import calibrating, easing
from classifier.flows.calibrating import Read
from classifier.flows.portions import in_portions, stored
from classifier.models import Calibration, Glimpse, Lesson, Rotation
from classifier.panel import Role

if TYPE_CHECKING:
    from classifier.cnn.probe import Head

logger = logging.getLogger(__name__)

# The network whose features are read. No judge: it would judge what was chosen by itself.
NETWORK: Final = "lite1"
TAUGHT: Final = "taught"
# Renditions that it learns from at most, the latest ones: half of them cats, half dogs.
MOST: Final = 2_000
FOLDS: Final = 5
# Renditions that are looked at before the clock and the queue are: about a second's work.
PORTION: Final = 64
# As features are kept: half as long as they come, which is off by less than a thousandth.
KEPT: Final = np.dtype("<f2")

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Known:
    """A hardened rendition whose animal is known: what the network saw, and what is known of it."""

    row: Read
    group: str
    features: Floats


# --- looking -------------------------------------------------------------------------------------


def teach(seconds: float) -> Lesson | None:
    """Teach the network anew if that is due; return what came of it.

    It looks at renditions for about `seconds`. What it saw is kept, so a call that is too short,
    or killed, is gone on with by the next one. The learning itself takes some ten seconds for 2,000
    renditions; whoever is killed in it begins it again. The audit's lock keeps it to one at a time.
    """
    if not _due():
        return None
    until = time.monotonic() + seconds
    in_portions(_portion, until)
    stopped = time.monotonic() >= until and _waiting().exists()
    if stopped or Photo.objects.awaiting_label().exists():
        return None
    known = _known()
    if not enough(known):
        return None
    made = learn(known)
    with transaction.atomic():
        made.save()
        # Older ones are not learned from again.
        Glimpse.objects.exclude(rendition__in=[one.row.rendition for one in known]).delete()
    words = "%s learned from %d hardened pictures, and reads %d of them rightly."
    logger.info(words, made.network, made.learned, made.right)
    return made


def update() -> int:
    """Write down how easy photos are for the network that was taught; return of how many."""
    lesson = Lesson.objects.current(panel.fingerprint())
    # Sites read that a network has learned, though perhaps none of their photos is read by it.
    mark = Mark.objects.filter(name=LEARNED)
    if lesson is None:
        mark.delete()
    elif not mark.exists():
        Mark.objects.get_or_create(name=LEARNED, defaults={"at": timezone.now()})
    return easing.write(Ease.TAUGHT, lesson.eases if lesson else {})


def _due() -> bool:
    """Return whether there is a network to teach, and something new since it was taught last."""
    if NETWORK not in panel.keys(*set(Role) - {Role.JUDGES}):
        return False
    last = Lesson.objects.current(panel.fingerprint())
    return last is None or (last.calibration, last.rotation) != _now()


def _now() -> tuple[Calibration | None, Rotation | None]:
    return Calibration.objects.current(panel.fingerprint()), Rotation.objects.current()


def _latest() -> QuerySet[Rendition]:
    """Return the hardened renditions that are known or can be looked at, latest first."""
    rows = Rendition.objects.filter(photo__label__in=SHOWN).exclude(recipe=calibrating.PLAIN)
    seen = Q(glimpse__panel=panel.fingerprint())
    rows = rows.exclude(photo__rights=Rights.STARTER).filter(seen | Q(retired_at=None))
    return rows.order_by("-pk")


def _most(rows: QuerySet[Rendition]) -> QuerySet[Rendition]:
    """Return the latest of each animal: thousands of the other one do not crowd it out."""
    within = Q()
    for animal in SHOWN:
        keys = rows.filter(photo__label=animal).values_list("pk", flat=True)[: MOST // len(SHOWN)]
        within |= Q(photo__label=animal, pk__gte=min(keys, default=0))
    return rows.filter(within)


def _waiting() -> QuerySet[Rendition]:
    return _most(_latest()).exclude(glimpse__panel=panel.fingerprint())


def _portion(after: int) -> tuple[int, int]:
    """Look at the next renditions; return the last one's id (0: there were none), and how many."""
    chosen = list(_waiting().filter(pk__gt=after).order_by("pk")[:PORTION])
    found = [(rendition, data) for rendition in chosen if (data := stored(rendition)) is not None]
    if found:
        try:
            features = look([data for _, data in found])
        except WeightsError as error:
            logger.warning("No network learns from our pictures: %s", error)
            return 0, 0
        _keep({rendition.pk: seen for (rendition, _), seen in zip(found, features, strict=True)})
    return (chosen[-1].pk, len(found)) if chosen else (0, 0)


def _keep(features: dict[int, Floats]) -> None:
    with transaction.atomic():
        # Those whose photo was not deleted for good meanwhile; in the order in which composing
        # locks them: no deadlock.
        rows = Rendition.objects.filter(pk__in=features).order_by("pk")
        still = list(rows.select_for_update(no_key=True).values_list("pk", flat=True))
        seen = {key: features[key].astype(KEPT).tobytes() for key in still}
        Glimpse.objects.bulk_create(
            [
                Glimpse(rendition_id=key, panel=panel.fingerprint(), features=data)
                for key, data in seen.items()
            ],
            update_conflicts=True,
            unique_fields=["rendition"],
            update_fields=["panel", "features"],
        )


def look(encoded: list[bytes]) -> Floats:
    """Return what the network sees in each picture, read from its bytes just as a bot would."""
    from classifier.attackers import pixels
    from classifier.attackers.tiles import SIDE, FrozenHead

    features = FrozenHead(NETWORK).features(pixels.tensor(encoded, SIDE), 0)
    found: Floats = features.numpy().astype(np.float32)
    return found


def _known() -> list[Known]:
    rows = _most(_latest().filter(glimpse__panel=panel.fingerprint()))
    fields = ("recipe", "photo__label", "pushed", "photo__p_cat", "photo__group")
    return [
        Known(
            Read(key, {}, recipe, label == Animal.CAT, pushed, p_cat),
            str(group),
            np.frombuffer(features, KEPT).astype(np.float32),
        )
        for key, features, recipe, label, pushed, p_cat, group in rows.values_list(
            "pk", "glimpse__features", *fields
        )
    ]


# --- learning ------------------------------------------------------------------------------------


def enough(known: list[Known]) -> bool:
    """Return whether there are enough renditions of each animal, and of enough photos."""
    many = Counter(one.row.cat for one in known)
    photos = Counter(cat for cat, _ in {(one.row.cat, one.group) for one in known})
    return all(many[cat] >= ENOUGH_TO_LEARN and photos[cat] >= FOLDS for cat in (True, False))


def learn(known: list[Known]) -> Lesson:
    """Return what came of learning from these renditions; it is not saved yet."""
    heads, told = _heads(known)
    rows = [
        one.row._replace(logits={TAUGHT: logit}) for one, logit in zip(known, told, strict=True)
    ]
    worth = Calibration(fits={TAUGHT: calibrating.fit(rows)[TAUGHT]})
    calibration, rotation = _now()
    return Lesson(
        panel=panel.fingerprint(),
        network=NETWORK,
        learned=len(rows),
        right=sum((one.logits[TAUGHT] > 0) == one.cat for one in rows),
        weight=np.mean([_across(head.weight) for head in heads], axis=0).tolist(),
        bias=float(np.mean([_across(head.bias) for head in heads])),
        fits=worth.fits[TAUGHT],
        eases=easing.fit(
            (one, calibrating.scores(worth, one.recipe, one.logits))
            for one in rows
            if one.p_cat is not None
        ),
        calibration=calibration,
        rotation=rotation,
    )


def _heads(known: list[Known]) -> tuple[list[Head], list[float]]:
    """Return a head for each part left out, and what it says of that part: the logit of cat.

    Its penalty is chosen on the part left out, which flatters the attacker a little.
    """
    import torch

    from classifier.cnn import probe

    features = torch.from_numpy(np.stack([one.features for one in known]))
    cats = torch.tensor([one.row.cat for one in known]).long()
    tiles = [Tile(b"", one.row.cat, one.group, one.row.recipe) for one in known]
    place = torch.tensor(apart.folds(tiles, FOLDS))
    heads, told = [], torch.zeros(len(known))
    for fold in range(FOLDS):
        kept, out = place != fold, place == fold
        head = probe.fit(features[kept], cats[kept], (features[out], cats[out]), classes=2)
        heads.append(head)
        logits = head.logits(features[out])
        told[out] = logits[:, 1] - logits[:, 0]
    return heads, told.tolist()


def _across(classes: Any) -> Floats:
    """Return what a head has for cats, less what it has for dogs."""
    found: Floats = (classes[1] - classes[0]).numpy()
    return found
