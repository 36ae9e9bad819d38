"""Who may what: four groups with their rights, the people in them, and their way in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from allauth.mfa.models import Authenticator
from django.apps import AppConfig
from django.apps import apps as installed
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission, User
from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from knox.models import get_token_model

from challenges.flows import doings
from challenges.flows.doings import Doing
from challenges.locks import Lock, lock_until_commit

# The apps whose rights an owner has, all of them; of people only what is named.
OWNED: Final = ("challenges.", "classifier.")
APPS: Final = ("auth", "challenges", "classifier")
LAST_OWNER: Final = (
    "{name} is the last person who can look after this Pawcha. Make somebody else an owner first, "
    "who has set a password."
)


@dataclass(frozen=True, slots=True)
class Role:
    """A group: what its people may do, in a sentence, and the permissions that are needed."""

    sentence: str
    may: frozenset[str]


def _role(sentence: str, *may: str) -> Role:
    return Role(sentence, frozenset(may))


OWNER: Final = "owner"
ROLES: Final = MappingProxyType(
    {
        OWNER: _role(
            "May do everything: sites, photos, people, statistics, the network that labels.",
            "auth.add_user",
            "auth.change_user",
            "auth.delete_user",
            "auth.view_user",
            "auth.add_group",
            "auth.change_group",
            "auth.delete_group",
            "auth.view_group",
        ),
        "reviewer": _role(
            "May say what photos show, accept, reject and retire them, and write about the pets.",
            "challenges.view_photo",
            "challenges.change_photo",
            "challenges.label_photo",
            "challenges.retire_photo",
            "challenges.export_labels",
            "challenges.view_label",
            "challenges.add_label",
            "challenges.change_label",
            "challenges.view_rendition",
            "challenges.view_batch",
            "challenges.view_upload",
            "challenges.view_picturereport",
        ),
        "analyst": _role(
            "May see statistics, what became of challenges, and how sites are set up.",
            "challenges.see_statistics",
            "challenges.view_outcome",
            "challenges.view_site",
            "challenges.view_sum",
            "challenges.view_refusal",
        ),
        "uploader": _role(
            "May upload photos, and see what became of their own uploads.",
            "challenges.upload_batch",
        ),
    }
)


class LastOwner(Exception):
    """Nobody would be left to look after this Pawcha."""


@dataclass(frozen=True, slots=True)
class Link:
    """A way to set a password, once: the two parts of its address."""

    who: str
    token: str


def keep_groups(
    sender: AppConfig, *, using: str = "default", apps: Any = installed, **_: Any
) -> None:
    """Make the four groups and give each exactly its rights. Doing it again changes nothing.

    It runs after each migration. Django makes permissions at the same time, in whatever order, so
    they are seen to here first.
    """
    try:
        group_model = apps.get_model("auth", "Group")
        rights = apps.get_model("auth", "Permission").objects.using(using)
    except LookupError:
        return
    for label in APPS:
        if label in installed.app_configs:
            create_permissions(installed.get_app_config(label), 0, using=using, apps=apps)
    known = {
        f"{app}.{codename}": pk
        for pk, app, codename in rights.values_list("pk", "content_type__app_label", "codename")
    }
    for name, role in ROLES.items():
        group, _made = group_model.objects.using(using).get_or_create(name=name)
        all_of = OWNED if name == OWNER else ()
        wanted = {pk for one, pk in known.items() if one in role.may or one.startswith(all_of)}
        _give(group_model.permissions.through.objects.using(using), group, wanted)


def _give(through: Any, group: Any, wanted: set[int]) -> None:
    """Let the group have these permissions and no others."""
    has = set(through.filter(group=group).values_list("permission_id", flat=True))
    through.filter(group=group, permission_id__in=has - wanted).delete()
    rows = [through.model(group=group, permission_id=one) for one in wanted - has]
    through.bulk_create(rows, ignore_conflicts=True)


def keep_staff(action: str, instance: Any, *, reverse: bool, pk_set: Any, **_: Any) -> None:
    """Let into the desk whoever is in a group, and nobody else but superusers.

    The receiver of each change of a membership, so that nobody has to remember it.
    """
    if action == "pre_clear" and reverse:
        # Afterwards nobody knows who they were.
        instance.cleared = list(instance.user_set.values_list("pk", flat=True))
    if not action.startswith("post_"):
        return
    touched = set(pk_set or getattr(instance, "cleared", ())) if reverse else {instance.pk}
    people = User.objects.filter(pk__in=touched)
    inside = Q(is_superuser=True) | Q(pk__in=User.groups.through.objects.values("user_id"))
    people.filter(inside, is_staff=False).update(is_staff=True)
    people.filter(is_staff=True).exclude(inside).update(is_staff=False)
    if not reverse:
        instance.is_staff = people.values_list("is_staff", flat=True).first() or False


def empty_group(instance: Group, **_: Any) -> None:
    """Take everybody out of a group that is about to go, so that each of them is looked at."""
    instance.user_set.clear()


def owners() -> QuerySet[User]:
    """Return the people who can look after everything: active, and with a password."""
    may = Q(is_superuser=True) | Q(groups__name=OWNER)
    return (
        User.objects.filter(may, is_active=True)
        .exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)
        .distinct()
    )


@transaction.atomic
def check_owned_without(people: Iterable[User]) -> None:
    """See that somebody can look after this Pawcha when these people no longer can.

    Called inside a transaction it also holds back others who do so, until that ends.
    Raises LastOwner.
    """
    lock_until_commit(Lock.PEOPLE)
    going = list(people)
    if owners().filter(pk__in=[one.pk for one in going]).exists() and not (
        owners().exclude(pk__in=[one.pk for one in going]).exists()
    ):
        raise LastOwner(LAST_OWNER.format(name=" and ".join(one.get_username() for one in going)))


def password_link(person: User) -> Link:
    """Return the link by which the person sets a password, once, within three days.

    It ends when it was used, when they sign in, or when another password is set.
    """
    doings.note(person, Doing.LINK_MADE)
    return Link(
        urlsafe_base64_encode(force_bytes(person.pk)), default_token_generator.make_token(person)
    )


def remove_second_factor(person: User) -> bool:
    """Take away the second factor of somebody who lost it; return whether there was one.

    The person's API tokens end with it: whoever has the phone may have made some.
    """
    gone, _ = Authenticator.objects.filter(user=person).delete()
    if gone:
        doings.note(person, Doing.FACTOR_REMOVED)
        end_tokens(person, "the second factor was removed")
    return bool(gone)


def has_second_factor(person: User) -> bool:
    """Return whether the person signs in with more than a password."""
    return bool(second_factors().filter(user=person).exists())


def roles_of(person: User) -> set[str]:
    """Return the names of the person's groups."""
    return set(person.groups.values_list("name", flat=True))


def end_tokens(person: User, why: str) -> int:
    """End all API tokens of the person; return how many there were. `why` is for the history."""
    gone: int = get_token_model().objects.filter(user=person).delete()[0]
    if gone:
        doings.note(person, Doing.TOKEN_ENDED, f"all {gone}, since {why}")
    return gone


def second_factors() -> QuerySet[Authenticator]:
    """Return the second factors of all people; recovery codes are none by themselves."""
    found: QuerySet[Authenticator] = Authenticator.objects.filter(type=Authenticator.Type.TOTP)
    return found


def reaches(by: User, person: User) -> bool:
    """Return whether nothing is allowed to the person that is not allowed to `by`.

    Only then `by` may change the person, or make a way in: one could sign in as them. It counts
    what somebody may do who was switched off, too: they could be switched on again.
    """
    if by.is_superuser or person.is_superuser:
        return by.is_superuser
    rights = Permission.objects.filter(Q(group__user=person) | Q(user=person))
    named = rights.values_list("content_type__app_label", "codename").distinct()
    return {f"{app}.{codename}" for app, codename in named} <= by.get_all_permissions()


def may_give(person: User, group: Group) -> bool:
    """Return whether the person has all rights of the group, and so may put others into it."""
    rights = group.permissions.select_related("content_type")
    return all(person.has_perm(f"{one.content_type.app_label}.{one.codename}") for one in rights)
