"""What a photo's folder and name say it shows. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_FOLDER: Final = re.compile(r"(cat|dog)s?", re.IGNORECASE)
_ASIRRA: Final = frozenset({"petimages", "originals", "train", "test1", "dogs-vs-cats"})
_NUMBERED: Final = re.compile(r"(cat|dog)\.\d+\.\w+", re.IGNORECASE)
# The breeds of the Oxford-IIIT Pet set: Abyssinian_12.jpg is a cat, beagle_5.jpg a dog. Written
# out, because IMG_0012.jpg and photo_5.jpg have the same form and say nothing.
_OXFORD_CAT: Final = re.compile(
    r"(?:Abyssinian|Bengal|Birman|Bombay|British_Shorthair|Egyptian_Mau|Maine_Coon|Persian|Ragdoll"
    r"|Russian_Blue|Siamese|Sphynx)_\d+\.jpe?g"
)
_OXFORD_DOG: Final = re.compile(
    r"(?:american_bulldog|american_pit_bull_terrier|basset_hound|beagle|boxer|chihuahua"
    r"|english_cocker_spaniel|english_setter|german_shorthaired|great_pyrenees|havanese"
    r"|japanese_chin|keeshond|leonberger|miniature_pinscher|newfoundland|pomeranian|pug"
    r"|saint_bernard|samoyed|scottish_terrier|shiba_inu|staffordshire_bull_terrier"
    r"|wheaten_terrier|yorkshire_terrier)_\d+\.jpe?g"
)


@dataclass(frozen=True, slots=True)
class Said:
    """What a name says: `label` is cat, dog or empty; `source` is folder, filename or empty.

    `well_known` is true when public sets with public labels are laid out like this.
    """

    label: str = ""
    source: str = ""
    well_known: bool = False


def read_name(name: str) -> Said:
    """Return what a path with slashes says about the photo at its end.

    The nearest folder Cat, cats, Dog... counts, then the file's own name.
    """
    *folders, file = name.split("/")
    in_file, known = _read_file(file)
    # Anybody may number cats; the public set does so in folders of these names.
    if _NUMBERED.fullmatch(file):
        known = not _ASIRRA.isdisjoint(folder.lower() for folder in folders)
    for folder in reversed(folders):
        if found := _FOLDER.fullmatch(folder.strip()):
            known = known or "petimages" in {folder.lower() for folder in folders}
            return Said(found[1].lower(), "folder", known)
    return Said(in_file, "filename" if in_file else "", known)


def _read_file(file: str) -> tuple[str, bool]:
    if found := _NUMBERED.fullmatch(file):
        return found[1].lower(), False
    if _OXFORD_CAT.fullmatch(file):
        return "cat", True
    if _OXFORD_DOG.fullmatch(file):
        return "dog", True
    return "", False
