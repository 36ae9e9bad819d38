"""WebP files of one exact length."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from challenges import webp
from tests.drawn import encoded, picture


def test_the_pixels_stay_as_they_were() -> None:
    plain = encoded(picture(1, 250, 250), "WEBP", quality=70)
    padded = webp.pad(plain, 20_000)
    assert len(padded) == 20_000
    assert int.from_bytes(padded[4:8], "little") == 20_000 - 8
    with Image.open(io.BytesIO(plain)) as before, Image.open(io.BytesIO(padded)) as after:
        assert before.tobytes() == after.tobytes()


def test_the_chunks_fill_the_file_to_the_last_byte() -> None:
    data = webp.pad(encoded(picture(2, 250, 250), "WEBP"), 15_000)
    names, place = [], 12
    while place < len(data):
        names.append(data[place : place + 4])
        place += 8 + int.from_bytes(data[place + 4 : place + 8], "little")
    assert names == [b"VP8X", b"VP8 ", b"PADD"]
    assert place == len(data)


def test_it_refuses_what_has_no_room() -> None:
    plain = encoded(picture(1, 250, 250), "WEBP")
    with pytest.raises(ValueError, match="cannot be padded to"):
        webp.pad(plain, len(plain) + 10)


def test_it_refuses_other_kinds() -> None:
    with pytest.raises(ValueError, match="only a plain lossy WebP"):
        webp.pad(encoded(picture(1), "WEBP", lossless=True), 900_000)
