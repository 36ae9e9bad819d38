"""manage.py hardening_sheet: pairs to be looked at, of which nothing stays."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch", reason="this machine only serves: torch is not installed")

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from PIL import Image

from challenges import imaging
from challenges.models import Photo, Rendition
from challenges.models.photos import Animal, Rights
from classifier.flows import hardened, rotation, sheets
from classifier.hardening.recipes import Recipe
from classifier.models import Hardening, Rotation
from tests import pets
from tests.classifier.hardening.surrogates import reader
from tests.drawn import picture


@pytest.fixture(autouse=True)
def _quick(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Harden by a quick recipe against a small network."""
    small = reader()
    monkeypatch.setattr(hardened, "surrogates", lambda: [small])
    drawn = [Recipe("quick", 1, 8 / 255, 8 / 255, 8.0).to_json()]
    Rotation.objects.create(recipes=drawn, digest=rotation.digest(drawn))


def photo(animal: Animal, seed: int, rights: Rights = Rights.CLEARED) -> Photo:
    """Return a pooled photo with a file."""
    made = pets.rendered(animal, rights)
    default_storage.save(made.storage_name, ContentFile(imaging.strip(picture(seed))))
    return made


def test_it_draws_each_photo_plain_and_below_it_hardened(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for seed, animal in enumerate((Animal.CAT, Animal.DOG, Animal.CAT)):
        photo(animal, seed)
    before = list(Rendition.objects.values_list("pk", "recipe"))
    path = tmp_path / "sheet.png"
    call_command("hardening_sheet", str(path), pairs=2)
    with Image.open(path) as sheet:
        assert (sheet.format, sheet.size) == ("PNG", (2 * sheets.SIDE + sheets.GAP, 320))
        above, below = (
            sheet.crop((0, top, sheets.SIDE, top + sheets.SIDE)) for top in (0, sheets.SIDE)
        )
    assert above.tobytes() != below.tobytes()
    assert f"{path}: 2 pairs, the hardened one below." in capsys.readouterr().out
    # It is only to be looked at.
    assert list(Rendition.objects.values_list("pk", "recipe")) == before
    assert not Hardening.objects.exists()


def test_without_photos_of_one_s_own_it_says_what_to_do(tmp_path: Path) -> None:
    photo(Animal.CAT, 1, Rights.STARTER)
    with pytest.raises(CommandError, match="import some first"):
        call_command("hardening_sheet", str(tmp_path / "sheet.png"))
    assert not (tmp_path / "sheet.png").exists()


def test_it_wants_a_pair_at_least(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="from 1 up"):
        call_command("hardening_sheet", str(tmp_path / "sheet.png"), pairs=0)
