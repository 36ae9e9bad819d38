"""What folders and file names say."""

from __future__ import annotations

import pytest

from challenges.naming import Said, read_name

NAMES = {
    "Cat/1.jpg": Said("cat", "folder"),
    "DOGS/x.png": Said("dog", "folder"),
    "shelter/cats/2019/IMG_1.jpg": Said("cat", "folder"),
    "dogs/Cats/a.jpg": Said("cat", "folder"),
    "PetImages/Dog/7.jpg": Said("dog", "folder", well_known=True),
    "originals/cat/cat.7.jpg": Said("cat", "folder", well_known=True),
    "train/cat.12.jpg": Said("cat", "filename", well_known=True),
    "dog.3.JPG": Said("dog", "filename"),
    "images/Abyssinian_12.jpg": Said("cat", "filename", well_known=True),
    "images/Maine_Coon_3.jpg": Said("cat", "filename", well_known=True),
    "images/beagle_5.jpg": Said("dog", "filename", well_known=True),
    "images/shiba_inu_99.jpg": Said("dog", "filename", well_known=True),
    # Of the same form, but names of cameras and programs: they say nothing.
    "IMG_0012.jpg": Said(),
    "photo_5.jpg": Said(),
    "Scan_1.jpg": Said(),
    "cat_1.jpg": Said(),
    "mixed/catalogue/1.jpg": Said(),
    "cat and dog/1.jpg": Said(),
    "cat.jpg": Said(),
}


@pytest.mark.parametrize("name", NAMES)
def test_it_reads_the_label_of_a_name(name: str) -> None:
    assert read_name(name) == NAMES[name]
