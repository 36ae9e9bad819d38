"""Names that turn nothing around."""

from __future__ import annotations

import pytest

from challenges.flows.sites import NewSite
from challenges.models import Batch, Photo, Site
from challenges.models.photos import Animal
from challenges.plaintext import without_turning
from tests import pets

TURNED = "Minka\u202egpj.exe\u202c"


@pytest.mark.parametrize("name", ["Minka", "\u05de\u05d9\u05e0\u05e7\u05d4", "Mi\u200dnka", ""])
def test_names_stay_as_they_are(name: str) -> None:
    assert without_turning(name) == name


@pytest.mark.parametrize("mark", [*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
def test_what_turns_words_around_goes(mark: int) -> None:
    assert without_turning(f"a{chr(mark)}b") == "ab"


def test_no_row_keeps_it(site_owner: NewSite) -> None:
    photo = pets.photo(Animal.CAT)
    photo.pet_name = photo.credit = TURNED
    photo.save()
    assert photo.pet_name == "Minkagpj.exe"
    Photo.objects.update(shelter=TURNED)
    Batch.objects.update(shelter=TURNED)
    Site.objects.update(name=TURNED)
    photo.refresh_from_db()
    assert (photo.credit, photo.shelter) == ("Minkagpj.exe", "Minkagpj.exe")
    assert Batch.objects.get().shelter == Site.objects.get().name == "Minkagpj.exe"
