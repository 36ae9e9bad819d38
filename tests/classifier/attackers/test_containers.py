"""What a WebP shows without being decoded, measured on files that Pillow and we have made."""

from __future__ import annotations

import io
import os
from random import SystemRandom

import pytest

from challenges import imaging, webp
from classifier.attackers import containers
from tests import drawn


def plain(quality: int) -> bytes:
    with io.BytesIO() as out:
        drawn.picture(3).convert("RGB").resize((250, 250)).save(out, "WEBP", quality=quality)
        return out.getvalue()


def test_the_chunks_of_our_own_files_are_told_apart() -> None:
    size = 12_400
    file = webp.pad(plain(40), size)
    found = containers.chunks(file)
    assert [chunk.name for chunk in found] == ["VP8X", "VP8 ", "PADD"]
    assert len(file) == size == 12 + sum(8 + len(chunk.data) for chunk in found)
    assert containers.layout(found) == "VP8X00000000f90000f90000 VP8 PADD"
    assert containers.coded(found) == containers.coded(containers.chunks(plain(40)))


def test_our_padding_cannot_be_packed() -> None:
    found = containers.chunks(imaging.render(drawn.picture(3), SystemRandom()))
    assert containers.packed(containers.padding(found)) > 1
    assert containers.packed(bytes(1000)) < 0.1
    assert containers.packed(b"") == 0


def test_a_finer_picture_has_a_finer_quantizer() -> None:
    codes = [containers.coded(containers.chunks(plain(quality))) for quality in (10, 50, 82)]
    found = [containers.quantizer(code) for code in codes]
    assert found == sorted(found, reverse=True)
    assert len(set(found)) == 3
    assert all(0 <= one <= 127 for one in found)


def test_the_first_partition_is_a_part_of_the_code() -> None:
    code = containers.coded(containers.chunks(plain(50)))
    assert 0 < containers.first_partition(code) < len(code)


@pytest.mark.parametrize("data", [b"", b"RIFF", b"RIFF\0\0\0\0WEBP", b"\x89PNG", os.urandom(400)])
def test_what_is_no_webp_shows_nothing(data: bytes) -> None:
    found = containers.chunks(data)
    assert containers.padding(found) == b""
    assert containers.quantizer(containers.coded(found)) == -1
    assert containers.first_partition(b"") == 0


def test_a_file_that_breaks_off_is_read_as_far_as_it_goes() -> None:
    file = plain(50)
    for length in range(0, len(file), 97):
        assert containers.quantizer(containers.coded(containers.chunks(file[:length]))) >= -1
