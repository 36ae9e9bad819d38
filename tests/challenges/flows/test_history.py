"""Who changed what: read from what the triggers wrote."""

from __future__ import annotations

import pghistory
from django.contrib.auth.models import User

from challenges.flows import history, sites
from challenges.flows.history import Was
from challenges.flows.sites import NewSite, create_site
from challenges.models import Photo, Site
from challenges.models.photos import Animal
from tests import pets


def test_a_change_names_person_field_and_both_values(site_owner: NewSite, reviewer: User) -> None:
    site = site_owner.site
    with pghistory.context(user=reviewer.pk):
        site.tolerance, site.test_mode, site.hosts = 1, True, ["a.example", "b.example"]
        site.save()
    change, made = history.changes_of(Site, site.pk)
    assert (change.who, change.kind, change.thing) == ("reviewer", "changed", "site Shop")
    assert change.what == (
        Was("hosts", "shop.example.org, *.example.net", "a.example, b.example"),
        Was("tolerance", "None: every photo has to be right", "One photo may be wrong"),
        Was("test mode", "no", "yes"),
    )
    assert (made.who, made.kind) == (history.PROGRAM, "made")
    assert made.what == (
        Was("name", "", "Shop"),
        Was("hosts", "", "shop.example.org, *.example.net"),
    )


def test_what_workers_change_is_not_in_it(site_owner: NewSite) -> None:
    Site.objects.update(served_profile="9x1-public")
    assert len(history.changes_of(Site, site_owner.site.pk)) == 1


def test_a_site_s_history_tells_of_its_secrets(site_owner: NewSite, other_site: NewSite) -> None:
    site = site_owner.site
    sites.add_secret(site)
    sites.end_secret(site, site.secrets.earliest("pk").pk)
    ended, second, first, made = history.changes_of_site(site)
    assert [change.kind for change in (ended, second, first, made)] == [
        "changed", "made", "made", "made",
    ]  # fmt: skip
    assert ended.thing.startswith("secret of Shop, ")
    assert [(was.field, was.old) for was in ended.what] == [("ends at", "not set")]
    assert made.thing == "site Shop"


def test_who_is_gone_is_still_somebody(db: None, reviewer: User) -> None:
    number = reviewer.pk
    with pghistory.context(user=number):
        made = create_site("Shop", ["localhost"])
    reviewer.delete()
    (change,) = history.changes_of(Site, made.site.pk)
    assert change.who == f"Somebody who is gone (number {number})"


def test_of_what_was_before_the_history_nothing_is_invented(db: None) -> None:
    photo = pets.photo(Animal.CAT)
    Photo.objects.filter(pk=photo.pk).update(doubt="Visitors reported it.")
    Photo.objects.filter(pk=photo.pk).update(doubt="")
    later, first = history.changes_of(Photo, photo.pk)
    assert first.what == ()
    assert later.what == (Was("doubt", "Visitors reported it.", "not set"),)
