"""Composing challenges ahead: which photos, in which places, in which rendition."""

from __future__ import annotations

import secrets
import time
from typing import Final, NamedTuple

from django.db import connection, models, transaction
from django.db.models import F

from challenges.drafts import Draft
from challenges.exceptions import NotEnoughPhotos
from challenges.flows import hands, hardness
from challenges.flows.auditing import chances_of
from challenges.locks import Lock, lock_until_commit
from challenges.models import Photo, Rendition
from challenges.models.photos import SHOWN, Animal, Rights
from challenges.odds import odds
from challenges.selection import (
    ENOUGH_OF_OWN,
    EXPOSURES,
    Audience,
    Profile,
    draw_rounds,
    mask,
    next_deal,
)
from challenges.state import Queue

# A photo may be changed by a person between two looks at it: then it is dealt anew.
TRIES: Final = 3


def pool_name(rights: list[Rights]) -> str:
    """Return what a pool is made of, as a short text that a draft carries."""
    return "+".join(sorted(rights))


def compose(
    profile: Profile,
    queue: Queue,
    without: frozenset[int] = frozenset(),
    resting: frozenset[int] = frozenset(),
) -> Draft:
    """Return one new challenge of this profile, its renditions' showings reserved.

    From the fresh queue's photos, or (worn) of those that were shown most seldom of all. The
    deck deals every photo once a round, so the next one is also one of the least shown. With a
    budget only its hard part is dealt. Groups of near-duplicates in `without` are passed over,
    and those in `resting` are no probes.

    Raises NotEnoughPhotos with what is missing, OverBudget with by how much.
    """
    with transaction.atomic():
        # Two composers must not deal the same cards.
        lock_until_commit(Lock.DEALER)
        rights = Photo.objects.rights_for(profile.audience)
        ceilings = hands.ALL
        if profile.budgets:
            found = hardness.reached(profile, rights)
            profile, ceilings = found.profile, found.ceilings
        probe = _probe(rights, without | resting) if profile.probes else None
        place = -1 if probe is None else secrets.randbelow(profile.total)
        cats = draw_rounds(profile.count, profile.rounds, place)
        avoided = without | ({probe.group} if probe else set())
        for _ in range(TRIES):
            # As many of each animal as the most lopsided challenge needs, whatever this one's draw
            # is: if the draw were repeated when it cannot be served, its cats would tell something.
            dealt = hands.deal(rights, profile.needed, queue, ceilings=ceilings, without=avoided)
            wanted = [
                dealt[Animal.CAT if cat else Animal.DOG].pop().photo
                for here, cat in enumerate(cats)
                if not (probe and here == place)
            ]
            if photos := _locked(wanted, queue):
                break
        else:
            raise NotEnoughPhotos(
                "Photos change too quickly right now: the next round tries again."
            )
        if probe:
            photos.insert(place, probe)
        highest = hands.highest_deal(rights) if profile.budgets else 0.0
        return _reserve(photos, mask(cats), rights, profile, place, highest)


def _probe(rights: list[Rights], without: frozenset[int]) -> Photo | None:
    """Return the photo about which visitors are asked next, if there is one."""
    cards = Photo.objects.probing().filter(rights__in=rights, rendition__isnull=False, fresh=True)
    ordered = cards.exclude(group__in=without).order_by("deal_order", "id")
    # Locked before all others: see in_deck_order.
    return ordered.select_related("rendition").select_for_update(of=("self",)).first()


def _locked(wanted: list[int], queue: Queue) -> list[Photo]:
    """Lock these photos and return them in this order; none if one has changed meanwhile."""
    still = Photo.objects.pooled().filter(pk__in=wanted, rendition__isnull=False)
    if queue == "fresh":
        still = still.filter(fresh=True)
    locked = still.in_deck_order().select_related("rendition").select_for_update(of=("self",))
    known = {photo.pk: photo for photo in locked}
    return [known[key] for key in wanted] if len(known) == len(wanted) else []


def _reserve(
    photos: list[Photo],
    cats: int,
    rights: list[Rights],
    profile: Profile,
    probe: int,
    highest: float,
) -> Draft:
    renditions = [photo.rendition for photo in photos if photo.rendition is not None]
    lock_renditions([rendition.pk for rendition in renditions]).update(reserved=F("reserved") + 1)
    for photo, rendition in zip(photos, renditions, strict=True):
        photo.deal_order = next_deal(photo.deal_order, highest)
        photo.fresh = photo.fresh and rendition.reserved + 1 < EXPOSURES
    _lay_back(photos)
    return Draft(
        id=secrets.token_hex(8),
        renditions=[rendition.pk for rendition in renditions],
        names=[rendition.name for rendition in renditions],
        groups=[str(photo.group) for photo in photos],
        cats=cats,
        risk=max(rendition.reserved + 1 for rendition in renditions) / EXPOSURES,
        pool=pool_name(rights),
        made_at=time.time(),
        rounds=profile.rounds,
        probe=probe,
        chances=chances_of([rendition.scores for rendition in renditions], cats, probe),
        expected=_expected(photos, profile, probe),
    )


def _expected(photos: list[Photo], profile: Profile, probe: int) -> float | None:
    """Return how likely networks solve it, by its photos; a photo nobody measured is certain.

    Networks that say the opposite of what they think count, too, and of two kinds that have a
    budget the better one.
    """
    counted = [photo for place, photo in enumerate(photos) if place != probe]
    solved = []
    for ease in profile.budgets:
        known: list[float | None] = [getattr(photo, ease) for photo in counted]
        chances = [1.0 if one is None else one for one in known]
        solved.append(odds(chances, profile.tolerance).worst)
    return max(solved, default=None)


def _lay_back(photos: list[Photo]) -> None:
    """Write where these locked photos lie in the deck now, and whether they are still fresh.

    One plain statement: building that of bulk_update takes longer than all the rest of composing.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE challenges_photo SET deal_order = now.place, fresh = now.fresh "
            "FROM unnest(%s::bigint[], %s::float8[], %s::boolean[]) AS now (id, place, fresh) "
            "WHERE challenges_photo.id = now.id",
            [
                [photo.pk for photo in photos],
                [photo.deal_order for photo in photos],
                [photo.fresh for photo in photos],
            ],
        )


def lock_renditions(keys: list[int]) -> models.QuerySet[Rendition]:
    """Lock these renditions until the transaction ends, and return them.

    Always in the same order, so that two challenges with common pictures cannot deadlock.
    """
    rows = Rendition.objects.filter(pk__in=keys)
    list(rows.order_by("pk").select_for_update().values_list("pk"))
    return rows


def still_right(drafts: list[Draft]) -> set[str]:
    """Return the ids of those drafts whose photos are all still what they were.

    In the pool, labelled as the answer says, free to be shown, and no two of them near-duplicates:
    a person may have rejected or relabelled one since, or another photo may have shown that two
    are alike. A probe is still one.
    """
    renditions = {key for draft in drafts for key in draft.renditions}
    asked = models.Q(photo__status=Photo.Status.PROBE)
    pooled = models.Q(photo__status=Photo.Status.POOLED, photo__label__in=SHOWN)
    rows = Rendition.objects.filter(asked | pooled, pk__in=renditions).values_list(
        "pk", "photo__status", "photo__label", "photo__rights", "photo__group"
    )
    known = {
        key: _Known(status, label, rights, group) for key, status, label, rights, group in rows
    }
    return {draft.id for draft in drafts if _is_right(draft, known)}


class _Known(NamedTuple):
    status: str
    label: str
    rights: str
    group: int


def _is_right(draft: Draft, known: dict[int, _Known]) -> bool:
    if any(key not in known for key in draft.renditions):
        return False
    photos = [known[key] for key in draft.renditions]
    probes = [place for place, photo in enumerate(photos) if photo.status == Photo.Status.PROBE]
    if probes != ([draft.probe] if draft.probe >= 0 else []):
        return False
    free = {photo.rights for photo in photos} <= set(draft.pool.split("+"))
    distinct = len({photo.group for photo in photos}) == draft.count
    cats = [photo.label == Animal.CAT and photo.status == Photo.Status.POOLED for photo in photos]
    return free and distinct and mask(cats) == draft.cats


def release(draft: Draft) -> None:
    """Give back the reserved showings of a draft that will not be handed out."""
    with transaction.atomic():
        lock_until_commit(Lock.DEALER)
        photos = Photo.objects.filter(rendition__in=draft.renditions).in_deck_order()
        keys = list(photos.select_for_update().values_list("pk", flat=True))
        lock_renditions(draft.renditions).filter(reserved__gt=F("shown")).update(
            reserved=F("reserved") - 1
        )
        # Only those that were worn by this draft: a photo may need a rendition for other reasons.
        Photo.objects.filter(
            pk__in=keys, rendition__reserved=EXPOSURES - 1, rendition__retired_at=None
        ).update(fresh=True)


def missing(audience: Audience) -> str | None:
    """Return one line about why starter pictures are still in the pool, or None."""
    counts = {animal: Photo.objects.own(animal, audience) for animal in SHOWN}
    short = [
        f"{ENOUGH_OF_OWN - count} more {animal}s"
        for animal, count in counts.items()
        if count < ENOUGH_OF_OWN
    ]
    if not short:
        return None
    return f"Starter pictures stay in the pool until there are {' and '.join(short)}."
