"""Photos about which visitors are asked: their votes propose a label, and a person confirms it.

A vote counts for the network that was handed the challenge, once for a photo, and only after an
answer that was right about all other pictures. It counts as long as its network can be told from
others: a little less than two days. So nobody has a second vote, however long a photo is asked
about.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

import pghistory
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from challenges import evidence
from challenges.drafts import OpenChallenge
from challenges.flows.reports import COUNTS
from challenges.models import Label, Photo, Site, Vote
from challenges.models.photos import Animal, Rights
from challenges.selection import join_deck

Status = Photo.Status
# By these rights visitors may be asked about a photo.
ASKED = (Rights.CLEARED, Rights.TRIAL)


def vote(challenge: OpenChallenge, picks: int, prefixes: Iterable[str]) -> bool:
    """Count what a visitor who passed took the probe of this challenge for.

    `picks` has bit i set when picture i was picked. `prefixes` are the hashes of three days, from
    today on back, of the address from which the answer came. Return whether it was counted: not for
    challenges without a probe, nor of test keys and test sites, nor for photos that are no probes
    any more.
    """
    place = challenge.draft.probe
    if place < 0 or not _counts(challenge):
        return False
    networks = {challenge.prefix, *prefixes} - {""}
    with transaction.atomic():
        photo = (
            Photo.objects.probing()
            .select_for_update(of=("self",))
            .filter(renditions=challenge.draft.renditions[place])
            .first()
        )
        if photo is None or not networks or photo.votes.filter(prefix__in=networks).exists():
            return False
        prefix = challenge.prefix or min(networks)
        Vote.objects.create(photo=photo, prefix=prefix, cat=bool(picks >> place & 1))
        _decide(photo)
    return True


def _counts(challenge: OpenChallenge) -> bool:
    if challenge.test or challenge.reserved:
        return False
    real = Site.objects.serving().filter(simulated=False, test_mode=False)
    return real.filter(pk=challenge.site).exists()


def counted(photo: Photo) -> QuerySet[Vote]:
    """Return the votes that count: of networks that would be told from one that votes again."""
    since = timezone.now() - timedelta(seconds=COUNTS)
    return photo.votes.filter(created_at__gt=since).exclude(prefix="")


def sites_ask() -> bool:
    """Return whether there is a site that asks its visitors."""
    return Site.objects.stocked().filter(probes=True, test_mode=False).exists()


def may_ask(photo: Photo) -> bool:
    """Return whether visitors may be asked about this photo."""
    waits = photo.status in (Status.UNLABELLED, Status.PROPOSED)
    return waits and photo.rights in ASKED and not photo.doubt


def _decide(photo: Photo) -> None:
    """Propose what enough votes agree on for a locked probe; hand it back when they stay split."""
    needed = settings.PAWCHA["PROBE_VOTES"]
    counting = counted(photo)
    votes = counting.count()
    cats = counting.filter(cat=True).count()
    is_cat = evidence.agreed(cats, votes, needed)
    if is_cat is not None:
        _propose(
            photo, Animal.CAT if is_cat else Animal.DOG, cats if is_cat else votes - cats, votes
        )
    elif evidence.are_split(votes, needed):
        photo.status, photo.label = Status.UNLABELLED, ""
        _doubt(photo, f"Visitors disagree: {cats} of {votes} say cat.")


def _propose(photo: Photo, animal: Animal, agree: int, votes: int) -> None:
    sentence = f"{agree} of {votes} visitors say {animal.value}."
    photo.status, photo.label = Status.PROPOSED, animal
    _doubt(photo, sentence)
    Label.objects.create(
        photo=photo,
        label=animal,
        source=Label.Source.VISITORS,
        confidence=agree / votes,
        note=sentence,
    )


def _doubt(photo: Photo, sentence: str) -> None:
    photo.doubt, photo.doubt_kind = sentence, Photo.Doubt.VISITORS
    photo.save(update_fields=["status", "label", "doubt", "doubt_kind"])


def make_probes(photo_ids: Sequence[int], person: User | None) -> int:
    """Let visitors be asked what these photos show; return of how many they are.

    A person has looked and finds that they may be shown. Only photos that nobody has labelled for
    good yet, that are in no doubt, and of which the right to show them is stated. What was voted
    before counts no more.
    """
    waiting = Photo.objects.filter(
        pk__in=photo_ids,
        status__in=[Status.UNLABELLED, Status.PROPOSED],
        rights__in=ASKED,
        doubt="",
    )
    with transaction.atomic(), pghistory.context(asked_by=str(person or "a command")):
        photos = list(waiting.in_deck_order().select_for_update(of=("self",)))
        Vote.objects.filter(photo__in=photos).delete()
        for photo in photos:
            photo.status, photo.fresh, photo.deal_order = Status.PROBE, False, join_deck(None)
        Photo.objects.bulk_update(photos, ["status", "fresh", "deal_order"])
    return len(photos)


def end_probe(photo_ids: Sequence[int], person: User | None) -> int:
    """Ask visitors no longer about these photos: they wait for a person. Return how many did."""
    with transaction.atomic(), pghistory.context(ended_by=str(person or "a command")):
        photos = Photo.objects.probing().filter(pk__in=photo_ids).in_deck_order()
        waiting = list(photos.select_for_update(of=("self",)))
        for photo in waiting:
            photo.status = Status.PROPOSED if photo.label else Status.UNLABELLED
        Photo.objects.bulk_update(waiting, ["status"])
    return len(waiting)
