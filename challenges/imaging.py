"""Photos as bytes and pixels: reading them safely, stripping, comparing, rendering. Pure."""

from __future__ import annotations

import io
import random
import warnings
from dataclasses import dataclass
from typing import Any, Final

import imagehash
import numpy as np
from PIL import Image, ImageCms, ImageEnhance, ImageOps

from challenges import webp

# A rendition: pixels a side, and bytes. Every rendition has exactly this length.
PICTURE_SIDE: Final = 250
PICTURE_BYTES: Final = 12_400
# Two photos are near-duplicates when their perceptual hashes differ in at most this many bits.
NEAR: Final = 5
# The longest side of a stored photo, in pixels.
STORED_SIDE: Final = 2048
# A rendition's crop: its side as a share of the photo's shorter side, and where in the crop the
# focus lies. Unless somebody knows better that is the photo's own middle.
CROP_SHARE: Final = (0.78, 1.0)
MIDDLE: Final = (0.3, 0.7)
# Where in a photo the animal is: 0..1 from the left and from the top.
Focus = tuple[float, float]
CENTRE: Final[Focus] = (0.5, 0.5)

# NEAR + 1 slices: NEAR differing bits leave at least one slice untouched.
_BAND_BITS: Final = (11, 11, 11, 11, 10, 10)
_SRGB: Final = ImageCms.createProfile("sRGB")
_FORMATS: Final = ("JPEG", "PNG", "WEBP")
_DAMAGED: Final = "This photo is damaged or was cut off: open it, save it again and send that."
# What people send instead of a photo that we take, by how the file begins.
_OTHER_KINDS: Final = (
    (b"GIF8", "a GIF"),
    (b"%PDF", "a PDF"),
    (b"BM", "a BMP"),
    (b"II*\0", "a TIFF or raw photo"),
    (b"MM\0*", "a TIFF or raw photo"),
    (b"PK\3\4", "a zip archive"),
    (b"<svg", "an SVG drawing"),
    (b"<", "a web page or a drawing"),
)


class BadPhoto(ValueError):
    """This file cannot become a photo. The text is one sentence for the person who sent it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a photo may be. Sides in pixels, `weight` in bytes, `ratio` long side : short side."""

    side: int = 150
    pixels: int = 50_000_000
    weight: int = 20_000_000
    ratio: int = 8


LIMITS: Final = Limits()


def decode(data: bytes, limits: Limits = LIMITS) -> Image.Image:
    """Return the photo as upright RGB pixels in sRGB, its longest side at most STORED_SIDE.

    Format, size and frames are judged by the header, before any pixel is decoded.
    Raises BadPhoto with one sentence that names the thing, the value and the way out.
    """
    if not data:
        raise BadPhoto("This file is empty: send the photo again.")
    if len(data) > limits.weight:
        raise BadPhoto(
            f"This file has {len(data) / 1e6:.1f} MB: send one of {limits.weight / 1e6:.0f} MB "
            "at most."
        )
    with warnings.catch_warnings():
        # Pillow warns about odd metadata, which is dropped anyway, and about sizes checked here.
        warnings.simplefilter("ignore")
        image = _open(data, limits)
        _check_header(image, limits)
        try:
            return _pixels(image)
        except Exception as error:  # Pillow's decoders raise nearly anything on hostile files.
            raise BadPhoto(_DAMAGED) from error


def _open(data: bytes, limits: Limits) -> Image.Image:
    try:
        return Image.open(io.BytesIO(data), formats=_FORMATS)
    except Image.DecompressionBombError as error:
        raise BadPhoto(_too_many_pixels("far more than", limits)) from error
    except Exception as error:
        raise BadPhoto(_why_unreadable(data)) from error


def _why_unreadable(data: bytes) -> str:
    if data.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n")) or data[8:12] == b"WEBP":
        return _DAMAGED
    kind = _other_kind(data)
    if kind is None:
        return "This file is not a photo that can be read: send a JPEG, PNG or WebP."
    return f"This file is {kind}: send a JPEG, PNG or WebP."


def _other_kind(data: bytes) -> str | None:
    if data[4:8] == b"ftyp":
        brand = data[8:12]
        return "an AVIF" if brand == b"avif" else "a HEIC photo or a video"
    start = data[:64].lstrip()
    return next((kind for magic, kind in _OTHER_KINDS if start.startswith(magic)), None)


def _too_many_pixels(count: str, limits: Limits) -> str:
    return (
        f"This photo has {count} {limits.pixels // 1_000_000} megapixels: "
        f"send one of {limits.pixels // 1_000_000} megapixels at most."
    )


def _check_header(image: Image.Image, limits: Limits) -> None:
    width, height = image.size
    if min(width, height) < limits.side:
        raise BadPhoto(
            f"This photo is {width} x {height} pixels: each side needs at least {limits.side}."
        )
    if width * height > limits.pixels:
        raise BadPhoto(
            f"This photo has {width * height / 1e6:.1f} megapixels: "
            f"send one of {limits.pixels / 1e6:.0f} megapixels at most."
        )
    if max(width, height) > limits.ratio * min(width, height):
        raise BadPhoto(
            f"This photo is {width} x {height} pixels: crop it, "
            f"one side may be at most {limits.ratio} times the other."
        )
    # A camera's JPEG may carry previews as further frames; elsewhere frames are an animation.
    if image.format in {"PNG", "WEBP"} and getattr(image, "n_frames", 1) > 1:
        raise BadPhoto("This picture is animated: send one still photo.")


def _pixels(image: Image.Image) -> Image.Image:
    profile = image.info.get("icc_profile")
    # Lets the JPEG decoder shrink huge photos while it decodes; does nothing for other formats.
    image.draft(None, (STORED_SIDE, STORED_SIDE))
    image.load()
    image = _shrink(_upright(image))
    if image.mode == "I;16" or image.mode == "I":
        # Sixteen bits a pixel: Pillow's own conversion would cut off instead of scale.
        image = Image.fromarray((np.asarray(image, dtype=np.uint32) >> 8).astype(np.uint8))
    image = _on_white(image)
    if profile and image.mode in {"RGB", "CMYK", "L"}:
        image = _to_srgb(image, profile)
    return Image.frombytes("RGB", image.size, image.convert("RGB").tobytes())


def _upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except Exception:
        # Broken metadata is no reason to refuse a good picture.
        return image


def _shrink(image: Image.Image) -> Image.Image:
    if max(image.size) <= STORED_SIDE:
        return image
    if image.mode in {"P", "1"}:
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    share = STORED_SIDE / max(image.size)
    width, height = (max(1, round(side * share)) for side in image.size)
    return image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)


def _on_white(image: Image.Image) -> Image.Image:
    if "transparency" not in image.info and image.mode not in {"RGBA", "LA", "PA", "RGBa", "La"}:
        return image
    image = image.convert("RGBA")
    white = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(white, image).convert("RGB")


def _to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted: Any = ImageCms.profileToProfile(image, source, _SRGB, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image
    return converted if isinstance(converted, Image.Image) else image


def strip(image: Image.Image) -> bytes:
    """Return the pixels as a JPEG without any metadata: the same bytes for the same pixels."""
    with io.BytesIO() as out:
        _shrink(image).convert("RGB").save(out, "JPEG", quality=92, subsampling=0)
        return out.getvalue()


def open_stored(data: bytes, side: int = round(PICTURE_SIDE / CROP_SHARE[0])) -> Image.Image:
    """Return a stored photo, decoded to `side` pixels at least if it has them: enough to render."""
    image = Image.open(io.BytesIO(data), formats=("JPEG",))
    image.draft("RGB", (side, side))
    return image.convert("RGB")


def perceptual_hash(image: Image.Image) -> int:
    """Return 64 bits that hardly change when the picture is resized or saved again, signed."""
    bits = imagehash.phash(image).hash.flatten()
    value = int.from_bytes(np.packbits(bits).tobytes(), "big")
    return value - (1 << 64) if value >= 1 << 63 else value


def distance(a: int, b: int) -> int:
    """Return in how many bits two perceptual hashes differ: 0..64."""
    return ((a ^ b) & (1 << 64) - 1).bit_count()


def bands(phash: int) -> list[int]:
    """Return the six slices of a hash, each tagged with its position.

    Two hashes that differ in at most NEAR bits share at least one of them.
    """
    rest = phash & (1 << 64) - 1
    found = []
    for position, width in enumerate(_BAND_BITS):
        found.append(position << max(_BAND_BITS) | rest & (1 << width) - 1)
        rest >>= width
    return found


def crop_box(
    width: int, height: int, random: random.Random, focus: Focus = CENTRE
) -> tuple[int, int, int, int]:
    """Return a random square of the picture: left, upper, right, lower, in pixels.

    Its side is a CROP_SHARE of the shorter side, and the focus lies within the MIDDLE of the
    square both ways, so that no crop loses the animal. Where the picture ends too soon for that,
    the square lies at the picture's edge.
    """
    side = max(1, round(min(width, height) * random.uniform(*CROP_SHARE)))
    places = zip((width, height), focus, strict=True)
    left, upper = (_place(length, side, length * share, random) for length, share in places)
    return left, upper, left + side, upper + side


def _place(length: int, side: int, focus: float, random: random.Random) -> int:
    edge = length - side
    least, most = (min(max(focus - share * side, 0), edge) for share in reversed(MIDDLE))
    return min(max(round(random.uniform(least, most)), 0), edge)


def render(image: Image.Image, random: random.Random, focus: Focus | None = None) -> bytes:
    """Return a fresh rendition: a WebP of PICTURE_SIDE a side and PICTURE_BYTES exactly.

    A random crop around the focus, maybe mirrored, a little brighter or darker: no two are alike,
    and nothing of the photo's name, size, shape or metadata is left.
    """
    return webp.padded(crop(image, random, focus), PICTURE_BYTES)


def crop(image: Image.Image, random: random.Random, focus: Focus | None = None) -> Image.Image:
    """Return the pixels of a fresh rendition, before they are encoded."""
    box = crop_box(*image.size, random, focus or CENTRE)
    tile = image.convert("RGB").resize(
        (PICTURE_SIDE, PICTURE_SIDE), Image.Resampling.LANCZOS, box=box, reducing_gap=3.0
    )
    if random.random() < 0.5:
        tile = ImageOps.mirror(tile)
    tile = ImageEnhance.Brightness(tile).enhance(random.uniform(0.94, 1.06))
    return ImageEnhance.Contrast(tile).enhance(random.uniform(0.94, 1.06))
