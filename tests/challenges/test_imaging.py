"""Reading photos safely, comparing them, rendering them."""

from __future__ import annotations

import contextlib
import io
import random
import time
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageOps

from challenges import imaging
from challenges.imaging import PICTURE_BYTES, PICTURE_SIDE, BadPhoto
from tests.drawn import encoded, noise, photo_file, picture

PNG_HEADER = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
DAMAGED = "This photo is damaged or was cut off: open it, save it again and send that."
UNREADABLE = "This file is not a photo that can be read: send a JPEG, PNG or WebP."


def _huge_png(width: int, height: int) -> bytes:
    """Return a tiny PNG whose header claims these sides."""
    body = encoded(Image.new("L", (200, 200)), "PNG")
    fields = width.to_bytes(4, "big") + height.to_bytes(4, "big") + body[24:29]
    check = zlib.crc32(b"IHDR" + fields).to_bytes(4, "big")
    return PNG_HEADER + fields + check + body[33:]


def _animated(kind: str) -> bytes:
    frames = [picture(seed) for seed in range(3)]
    return encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)


BAD = {
    "empty": (b"", "This file is empty: send the photo again."),
    "text": (b"hello " * 100, UNREADABLE),
    "zeros": (bytes(5000), UNREADABLE),
    "heavy": (
        b"\xff\xd8" + bytes(23_400_000),
        "This file has 23.4 MB: send one of 20 MB at most.",
    ),
    "gif": (encoded(picture(1), "GIF"), "This file is a GIF: send a JPEG, PNG or WebP."),
    "bmp": (encoded(picture(1), "BMP"), "This file is a BMP: send a JPEG, PNG or WebP."),
    "tiff": (
        encoded(picture(1), "TIFF"),
        "This file is a TIFF or raw photo: send a JPEG, PNG or WebP.",
    ),
    "pdf": (b"%PDF-1.7 ...", "This file is a PDF: send a JPEG, PNG or WebP."),
    "svg": (b"<svg xmlns='x'/>", "This file is an SVG drawing: send a JPEG, PNG or WebP."),
    "html": (
        b"<!doctype html><p>404",
        "This file is a web page or a drawing: send a JPEG, PNG or WebP.",
    ),
    "zip": (b"PK\3\4" + bytes(99), "This file is a zip archive: send a JPEG, PNG or WebP."),
    "heic": (
        b"\0\0\0\x18ftypheic" + bytes(99),
        "This file is a HEIC photo or a video: send a JPEG, PNG or WebP.",
    ),
    "avif": (
        b"\0\0\0\x18ftypavif" + bytes(99),
        "This file is an AVIF: send a JPEG, PNG or WebP.",
    ),
    "small": (
        encoded(picture(1, 149, 400)),
        "This photo is 149 x 400 pixels: each side needs at least 150.",
    ),
    "dot": (
        encoded(Image.new("RGB", (1, 1)), "PNG"),
        "This photo is 1 x 1 pixels: each side needs at least 150.",
    ),
    "wide": (
        encoded(picture(1, 1400, 150)),
        "This photo is 1400 x 150 pixels: crop it, one side may be at most 8 times the other.",
    ),
    "megapixels": (
        _huge_png(8000, 6400),
        "This photo has 51.2 megapixels: send one of 50 megapixels at most.",
    ),
    "bomb": (
        _huge_png(60_000, 60_000),
        "This photo has far more than 50 megapixels: send one of 50 megapixels at most.",
    ),
    "animated webp": (_animated("WEBP"), "This picture is animated: send one still photo."),
    "animated png": (_animated("PNG"), "This picture is animated: send one still photo."),
    "cut jpeg": (photo_file(1)[:2000], DAMAGED),
    "cut png": (encoded(picture(1), "PNG")[:5000], DAMAGED),
    "cut webp": (encoded(noise(), "WEBP")[:9000], DAMAGED),
    "lying png": (_huge_png(3000, 3000), DAMAGED),
    "jpeg start only": (b"\xff\xd8\xff\xe0", DAMAGED),
    "png start only": (PNG_HEADER, DAMAGED),
}


@pytest.mark.parametrize("name", BAD)
def test_it_refuses_a_bad_file_with_one_sentence(name: str) -> None:
    data, sentence = BAD[name]
    with pytest.raises(BadPhoto) as error:
        imaging.decode(data)
    assert str(error.value) == sentence


@pytest.mark.parametrize("seed", range(60))
def test_it_never_fails_in_another_way_on_damaged_files(seed: int) -> None:
    chance = random.Random(seed)
    kind = chance.choice(["JPEG", "PNG", "WEBP"])
    data = bytearray(encoded(picture(seed), kind))
    for _ in range(chance.randint(1, 40)):
        data[chance.randrange(len(data))] = chance.randrange(256)
    with contextlib.suppress(BadPhoto):
        assert imaging.decode(bytes(data)).mode == "RGB"


def test_a_refused_size_decodes_no_pixel() -> None:
    started = time.perf_counter()
    with pytest.raises(BadPhoto):
        imaging.decode(_huge_png(16_000, 9_000))
    assert time.perf_counter() - started < 0.5


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_it_reads_the_three_kinds(kind: str) -> None:
    image = imaging.decode(encoded(picture(3), kind))
    assert (image.mode, image.size, image.info) == ("RGB", (320, 240), {})


@pytest.mark.parametrize("mode", ["CMYK", "L", "1", "P", "LA", "RGBA"])
def test_it_converts_other_modes(mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    image = imaging.decode(encoded(picture(3).convert(mode), kind))
    assert (image.mode, image.size) == ("RGB", (320, 240))


def test_sixteen_bits_are_scaled_not_cut_off() -> None:
    ramp = np.linspace(0, 65_535, 300, dtype=np.uint16)
    data = encoded(Image.fromarray(np.tile(ramp, (200, 1))), "PNG")
    row = np.asarray(imaging.decode(data))[100, :, 0]
    assert abs(int(row[150]) - 128) <= 2
    assert row[-1] == 255


def test_what_is_transparent_becomes_white() -> None:
    clear = Image.new("RGBA", (200, 200), (255, 0, 0, 0))
    assert imaging.decode(encoded(clear, "PNG")).getpixel((9, 9)) == (255, 255, 255)


def test_it_turns_a_photo_upright_and_drops_all_metadata() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "secret place"
    data = encoded(picture(4), exif=exif, comment=b"secret name", dpi=(72, 72))
    image = imaging.decode(data)
    stored = imaging.strip(image)
    assert image.size == (240, 320)
    assert b"secret" in data
    assert b"secret" not in stored
    assert b"Exif" not in stored


def test_broken_metadata_is_no_reason_to_refuse() -> None:
    data = encoded(picture(4), exif=b"Exif\0\0II*\0\xff\xff\xff\xff broken")
    assert imaging.decode(data).size == (320, 240)


def test_a_colour_profile_is_applied_and_a_broken_one_dropped() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    for icc in (profile, b"not a profile"):
        assert imaging.decode(encoded(picture(5), icc_profile=icc)).mode == "RGB"


def test_huge_photos_shrink_to_what_is_stored() -> None:
    for kind in ("JPEG", "PNG"):
        assert max(imaging.decode(encoded(picture(5, 4200, 2100), kind)).size) == 2048


def test_the_same_pixels_are_stored_as_the_same_bytes() -> None:
    as_png = imaging.decode(encoded(picture(6), "PNG"))
    as_webp = imaging.decode(encoded(picture(6), "WEBP", lossless=True))
    assert imaging.strip(as_png) == imaging.strip(as_webp)


def test_a_copy_is_near_and_another_picture_is_far() -> None:
    first = imaging.perceptual_hash(picture(7))
    copy = imaging.decode(encoded(picture(7).resize((500, 375)), quality=60))
    assert imaging.distance(first, imaging.perceptual_hash(copy)) <= imaging.NEAR
    assert imaging.distance(first, imaging.perceptual_hash(picture(8))) > 12
    assert imaging.distance(-1, 0) == 64


def test_near_hashes_share_a_band() -> None:
    chance = random.Random(1)
    for _ in range(3000):
        first = chance.getrandbits(64) - (1 << 63)
        second = first
        for bit in chance.sample(range(63), imaging.NEAR):
            second ^= 1 << bit
        assert imaging.distance(first, second) == imaging.NEAR
        assert set(imaging.bands(first)) & set(imaging.bands(second))
        assert len(set(imaging.bands(first))) == 6


@pytest.mark.parametrize("size", [(500, 375), (150, 1200), (1200, 150), (150, 150), (640, 480)])
def test_a_crop_never_loses_the_middle(size: tuple[int, int]) -> None:
    chance = random.Random(2)
    for _ in range(500):
        left, upper, right, lower = imaging.crop_box(*size, chance)
        side = right - left
        assert side == lower - upper
        assert 0.77 * min(size) <= side <= min(size)
        assert left >= 0
        assert upper >= 0
        assert right <= size[0]
        assert lower <= size[1]
        for start, length in ((left, size[0]), (upper, size[1])):
            assert 0.28 <= (length / 2 - start) / side <= 0.72


@pytest.mark.parametrize("focus", [(0.7, 0.5), (0.4, 0.35), (0.25, 0.6)])
def test_a_crop_keeps_an_animal_beside_the_middle(focus: tuple[float, float]) -> None:
    chance = random.Random(6)
    for _ in range(500):
        left, upper, right, _ = imaging.crop_box(1000, 1000, chance, focus)
        side = right - left
        for start, at in ((left, focus[0]), (upper, focus[1])):
            within = (1000 * at - start) / side
            assert 0.29 <= within <= 0.71 or start in {0, 1000 - side}


@pytest.mark.parametrize(
    ("focus", "left", "upper"), [((0.02, 0.9), 0, None), ((0.98, 0.1), None, 0)]
)
def test_a_crop_goes_to_the_edge_for_an_animal_at_the_edge(
    focus: tuple[float, float], left: int | None, upper: int | None
) -> None:
    chance = random.Random(7)
    for _ in range(300):
        box = imaging.crop_box(600, 600, chance, focus)
        assert box[0] == left if left is not None else box[2] == 600
        assert box[1] == upper if upper is not None else box[3] == 600


def test_wherever_the_animal_is_a_crop_holds_it_as_far_inside_as_it_can() -> None:
    chance = random.Random(8)
    for _ in range(3000):
        size = chance.randint(150, 2048), chance.randint(150, 2048)
        focus = chance.random(), chance.random()
        left, upper, right, lower = imaging.crop_box(*size, chance, focus)
        side = right - left
        assert side == lower - upper
        assert 0.77 * min(size) <= side <= min(size)
        for start, length, at in zip((left, upper), size, focus, strict=True):
            assert 0 <= start <= length - side
            within = (length * at - start) / side
            assert within >= 0.29 or start == 0
            assert within <= 0.71 or start == length - side


def test_crops_around_an_animal_still_differ() -> None:
    chance = random.Random(9)
    boxes = {imaging.crop_box(500, 375, chance, (0.7, 0.4)) for _ in range(200)}
    assert len(boxes) > 150


def test_a_rendition_shows_the_animal_and_not_the_empty_middle() -> None:
    wide = Image.new("RGB", (1000, 200), "white")
    wide.paste("black", (880, 60, 960, 140))
    chance = random.Random(10)
    for focus, dark in ((None, False), ((0.92, 0.5), True)):
        with Image.open(io.BytesIO(imaging.render(wide, chance, focus))) as back:
            assert bool(np.asarray(back.convert("L")).min() < 64) is dark


@pytest.mark.parametrize("make", [lambda: picture(9), noise, lambda: Image.new("L", (150, 150))])
def test_every_rendition_has_the_same_length_and_shape(make: object) -> None:
    image = make() if callable(make) else picture(9)
    rendered = imaging.render(image, random.Random(3))
    assert len(rendered) == PICTURE_BYTES
    with Image.open(io.BytesIO(rendered)) as back:
        back.load()
        assert (back.format, back.size, back.mode) == ("WEBP", (PICTURE_SIDE, PICTURE_SIDE), "RGB")
        assert not {"exif", "icc_profile", "xmp"} & set(back.info)


def test_renditions_of_one_photo_differ() -> None:
    image, chance = picture(10), random.Random(4)
    made = {imaging.render(image, chance)[:8000] for _ in range(20)}
    assert len(made) == 20
    plain, mirrored = picture(10), ImageOps.mirror(picture(10))
    assert imaging.distance(imaging.perceptual_hash(plain), imaging.perceptual_hash(mirrored))


def test_a_rendition_costs_little(capsys: pytest.CaptureFixture[str]) -> None:
    stored, chance = imaging.strip(picture(11, 500, 375)), random.Random(5)
    started = time.perf_counter()
    for _ in range(20):
        imaging.render(imaging.open_stored(stored), chance)
    each = (time.perf_counter() - started) / 20
    with capsys.disabled():
        print(f"\na rendition takes {each * 1000:.1f} ms")
    assert each < 0.5
