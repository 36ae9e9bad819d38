"""Versions of the network that labels: which one does, and how another takes its place.

Weights lie in the same storage as the photos, so every worker's machine reaches them, under their
SHA-256; a worker keeps a local copy. Whatever was changed on its way is not used.
"""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from challenges.locks import Lock, lock_until_commit
from classifier import engine
from classifier.exceptions import BadRun, BadVersion, WeightsError
from classifier.models import ModelVersion

if TYPE_CHECKING:
    from classifier.cnn.config import ModelSpec

logger = logging.getLogger(__name__)

Status = ModelVersion.Status

SHIPPED: Final = engine.WEIGHTS / "shipped.safetensors"
NEEDED: Final = ("cat", "dog")
# Seconds until a file that could not be used is looked at again.
AGAIN: Final = 60.0
# How much of the SHA-256 of a photo is kept to know it again.
DIGITS: Final = 16
# A file is copied in pieces of so many bytes.
PIECE: Final = 1 << 20

# Local copies that this process has checked, and files that it could not use, and when.
_checked: set[str] = set()
_unusable: dict[str, float] = {}


# --- what labels now -----------------------------------------------------------------------------


def active() -> tuple[Path, str]:
    """Return the weights file that labels now and its SHA-256: one query, no restart needed.

    It is the active version's; the shipped model's when there is none, or its file is not whole.
    Raises WeightsError when there is no shipped model either.
    """
    sha256 = ModelVersion.objects.active().values_list("sha256", flat=True).first()
    if sha256 is None:
        return shipped()
    if time.monotonic() < _unusable.get(sha256, 0.0):
        return shipped()
    try:
        return local_copy(sha256), sha256
    except WeightsError as error:
        _put_aside(sha256, error)
        return shipped()


def load() -> engine.Engine:
    """Return the network that labels now, ready to look: the shipped one if the active cannot be.

    Raises WeightsError when the shipped model cannot be used either.
    """
    path, sha256 = active()
    try:
        return engine.load(path, sha256)
    except WeightsError as error:
        if path == SHIPPED:
            raise
        _put_aside(sha256, error)
        return engine.load(*shipped())


def _put_aside(sha256: str, error: WeightsError) -> None:
    """Do without a file for a while, and say why once."""
    _checked.discard(sha256)
    _unusable[sha256] = time.monotonic() + AGAIN
    logger.error("%s Until then the shipped model labels.", error)


def shipped() -> tuple[Path, str]:
    """Return the shipped model's weights file and its SHA-256. Raises WeightsError."""
    return SHIPPED, str(_shipped_card()["sha256"])


def active_name() -> str:
    """Return the name of what labels now, as its labels call it."""
    name = ModelVersion.objects.active().values_list("name", flat=True).first()
    return name if name is not None else shipped_name()


def name_of(sha256: str) -> str:
    """Return the name of the version with these weights, of the shipped model for any others."""
    name = ModelVersion.objects.filter(sha256=sha256).values_list("name", flat=True).first()
    return name if name is not None else shipped_name()


def shipped_name() -> str:
    """Return the name of the shipped model."""
    try:
        return str(_shipped_card()["name"])
    except WeightsError:
        return "shipped"


def _shipped_card() -> dict[str, Any]:
    path = SHIPPED.with_suffix(".json")
    try:
        card: dict[str, Any] = json.loads(path.read_text())
        return {"name": card["name"], "sha256": card["sha256"]}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WeightsError(
            f"The shipped model is not described in {path}: get that file again with Pawcha."
        ) from error


def local_copy(sha256: str) -> Path:
    """Return a checked local copy of the stored weights, fetched when it is first needed.

    Raises WeightsError when what is stored is not what was added.
    """
    path = Path(settings.PAWCHA_VAR) / "models" / f"{sha256}.safetensors"
    if sha256 in _checked and path.is_file():
        return path
    if not path.is_file() or digest(path) != sha256:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{secrets.token_hex(8)}.part")
        try:
            _fetch(sha256, part)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    _checked.add(sha256)
    return path


def _fetch(sha256: str, to: Path | None) -> None:
    """Read stored weights and see that they are what was added; keep a copy if told where.

    Raises WeightsError with what to do.
    """
    version = ModelVersion.objects.get(sha256=sha256)
    found, size = hashlib.sha256(), 0
    try:
        with default_storage.open(version.storage_name) as file, _writer(to) as out:
            while piece := file.read(PIECE):
                found.update(piece)
                size += len(piece)
                out.write(piece)
    except FileNotFoundError as error:
        raise WeightsError(_way_out(version, "is missing")) from error
    except OSError as error:
        raise WeightsError(_way_out(version, f"cannot be read ({error})")) from error
    if size < version.size:
        raise WeightsError(
            _way_out(version, f"is half-written: {size:,} of {version.size:,} bytes are there")
        )
    if found.hexdigest() != sha256:
        raise WeightsError(_way_out(version, "was changed after it was added"))


def _writer(path: Path | None) -> Any:
    return Path("/dev/null").open("wb") if path is None else path.open("xb")


def _way_out(version: ModelVersion, what: str) -> str:
    return (
        f"The weights file of {version.name} ({version.storage_name} in the media storage) {what}: "
        "put it back from a backup, or promote another version or the shipped model."
    )


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits; the same as weights.digest, no torch."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# --- new versions --------------------------------------------------------------------------------


def add(run: Path) -> ModelVersion:
    """Make a candidate of a training run's folder: its weights are read whole and stored.

    Raises WeightsError or BadRun when the folder does not hold a network that tells cats from
    dogs, BadVersion when it is there already.
    """
    from classifier.cnn import weights

    path = run / "weights.safetensors"
    result, config, sides = (_json(run / name) for name in _DESCRIBED)
    spec = weights.read(path).spec
    if missing := [name for name in NEEDED if name not in spec.classes]:
        raise WeightsError(
            f"{path.name} tells {', '.join(spec.classes)} apart, but not {missing[0]}: Pawcha "
            "labels cats and dogs, so train a network with both."
        )
    version = ModelVersion(
        name=spec.name,
        sha256=digest(path),
        size=path.stat().st_size,
        arch=spec.arch,
        metrics=result,
        data=_data(spec, config, sides),
        learned=_learned(config, sides),
    )
    _check_new(version)
    # First the file, then the row: a row without its file would be of no use.
    with path.open("rb") as file:
        default_storage.save(version.storage_name, File(file))
    version.save(force_insert=True)
    logger.info("model version %s was added", version.name)
    return version


_DESCRIBED: Final = ("result.json", "config.json", "split.json")


def _json(path: Path) -> dict[str, Any]:
    try:
        said = json.loads(path.read_text())
    except FileNotFoundError as error:
        raise BadRun(
            f"There is no {path.name} in {path.parent}: name the folder of a finished training, "
            "or finish it with train_classifier --resume."
        ) from error
    except (OSError, ValueError) as error:
        raise BadRun(f"{path} cannot be read: train again with train_classifier.") from error
    return said if isinstance(said, dict) else {}


def _data(spec: ModelSpec, config: dict[str, Any], sides: dict[str, Any]) -> dict[str, Any]:
    """Return what is kept of how a network was trained: settings, and photos by side and class."""
    counts = {
        side: {
            name: sum(photo.get("class") == name for photo in sides.get(side, []))
            for name in spec.classes
        }
        for side in ("train", "val", "test")
    }
    return {"config": config, "photos": counts, "image_size": spec.preprocessing.size}


def _learned(config: dict[str, Any], sides: dict[str, Any]) -> dict[str, Any]:
    """Return which photos a network has learned from, so that it is not tested on them.

    Nothing for those of the pool: there the photos for testing were left out.
    """
    if config.get("data") == ["pool"]:
        return {}
    photos = [*sides.get("train", []), *sides.get("val", [])]
    return {
        "sha256": [str(photo.get("sha256", ""))[:DIGITS] for photo in photos],
        "phash": [photo["phash"] for photo in photos if "phash" in photo],
    }


def _check_new(version: ModelVersion) -> None:
    if known := ModelVersion.objects.filter(sha256=version.sha256).first():
        raise BadVersion(f"These weights are there already, as {known.name} ({known.status}).")
    if ModelVersion.objects.filter(name=version.name).exists() or version.name == shipped_name():
        raise BadVersion(
            f"There is another version called {version.name}, and labels name their version: "
            "train again with another --out."
        )


# --- changes -------------------------------------------------------------------------------------


def named(name: str) -> ModelVersion:
    """Return the version of this name. Raises BadVersion with the names that there are."""
    version = ModelVersion.objects.filter(name=name).first()
    if version is None:
        names = ModelVersion.objects.order_by("-id").values_list("name", flat=True)[:10]
        there = ", ".join(names) or "none yet, add one with classifier_version add RUN"
        raise BadVersion(f"There is no version {name!r}. The latest: {there}.")
    return version


def promote(version: ModelVersion, who: str, *, over: str | None = None) -> None:
    """Let this version label from the next portion on; the one before it is retired.

    With `over`, only if what labels now still has that SHA-256: then it was what the version was
    compared with. Raises WeightsError when its stored file is not whole, BadVersion when it is
    active already or another was promoted meanwhile.
    """
    _fetch(version.sha256, None)
    with transaction.atomic():
        lock_until_commit(Lock.VERSIONS)
        before = ModelVersion.objects.active().first()
        if before == version:
            raise BadVersion(f"{version.name} is active already.")
        if over is not None and over != (before.sha256 if before else shipped()[1]):
            raise BadVersion(
                f"Another version was promoted while {version.name} was compared: retrain again, "
                "or promote it by hand."
            )
        _switch(before, version, who, previous=before)
    logger.info("model version %s was promoted by %s", version.name, who)


def before_active(*, to_shipped: bool = False) -> ModelVersion | None:
    """Return to what a rollback would go, None for the shipped model.

    Raises BadVersion when the shipped model labels: there is nothing before it.
    """
    now = ModelVersion.objects.active().select_related("previous").first()
    if now is None:
        raise BadVersion("The shipped model labels already: there is nothing to roll back to.")
    return None if to_shipped else now.previous


def roll_back(who: str, *, to_shipped: bool = False) -> ModelVersion | None:
    """Return to the version that was active before this one, or to the shipped model.

    Return what labels now, None for the shipped model. Raises BadVersion when there is nothing
    before, WeightsError when its stored file is not whole.
    """
    with transaction.atomic():
        lock_until_commit(Lock.VERSIONS)
        target = before_active(to_shipped=to_shipped)
        if target is None:
            shipped()
        else:
            _fetch(target.sha256, None)
        now = ModelVersion.objects.active().get()
        _switch(now, target, who, previous=target and target.previous)
    logger.info("rolled back from %s to %s by %s", now, target or "the shipped model", who)
    return target


def _switch(
    before: ModelVersion | None,
    after: ModelVersion | None,
    who: str,
    *,
    previous: ModelVersion | None,
) -> None:
    """Change what is active. The versions' lock is held; a constraint allows one at most."""
    if before is not None:
        ModelVersion.objects.active().filter(pk=before.pk).update(status=Status.RETIRED)
    if after is not None:
        waits = ModelVersion.objects.filter(pk=after.pk).exclude(status=Status.ACTIVE)
        waits.update(
            status=Status.ACTIVE,
            previous=previous,
            promoted_at=timezone.now(),
            promoted_by=who,
        )
        after.refresh_from_db()
