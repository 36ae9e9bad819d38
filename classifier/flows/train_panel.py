"""Training and measuring the panel's networks: photos in, weights files and a table out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from classifier import panel
from classifier.exceptions import NoSuchNetwork
from classifier.flows import photosets
from classifier.panel import Network
from classifier.progress import Progress

if TYPE_CHECKING:
    from classifier.cnn.data import PhotoSet
    from classifier.cnn.split import Split
    from classifier.lab.making import Recipe

# Side of the photos as they are kept: those of Asirra's smaller set need no pressing.
SIDE = 180


def run(
    data: Sequence[str],
    folder: Path,
    out: Path,
    progress: Progress,
    *,
    only: Sequence[str] = (),
    limit: int = 0,
) -> list[Network]:
    """Make the networks named (all: none) and measure them; return the rows of the new table.

    Raises BadData for photos that will not do, and NoSuchNetwork.
    """
    from classifier.cnn.config import Preprocessing
    from classifier.lab import making, splits

    recipes = {one.key: one for one in making.RECIPES}
    for key in only:
        if key not in recipes:
            raise NoSuchNetwork(f"There is no network {key!r}: choose among {', '.join(recipes)}.")
    photos = photosets.open_data(data, Preprocessing(size=SIDE), folder, progress)
    placed = splits.place(photos.samples, photos.classes, splits.read())
    sides = [one.side for one in placed]
    table = out / "panel" / "table.json"
    known = panel.read_table(table) if table.is_file() else panel.TABLE
    rows = {row.key: row for row in known}
    for key in only or recipes:
        recipe, path = recipes[key], out / recipes[key].path
        split = making.halves(sides, recipe.side)
        if recipe.made:
            making.make(recipe, photos, split, path, folder, progress, limit)
        rows[key] = _measured(recipe, path, photos, split, progress)
        _write(out, [rows[one] for one in recipes if one in rows])
    return [rows[key] for key in recipes if key in rows]


def _measured(
    recipe: Recipe, path: Path, photos: PhotoSet, split: Split, progress: Progress
) -> Network:
    from classifier.cnn.weights import digest
    from classifier.lab import making

    right = making.measure(path, photos, split.test, progress)
    return Network(
        key=recipe.key,
        family=recipe.family,
        package=recipe.package,
        version=version(recipe.package) if recipe.package else "",
        trained_on=recipe.trained_on,
        role=recipe.role,
        accuracy=round(right / len(split.test), 4),
        tested=len(split.test),
        file=recipe.path,
        sha256=digest(path),
    )


def _write(out: Path, rows: Sequence[Network]) -> None:
    path = out / "panel" / "table.json"
    part = path.with_name(path.name + ".part")
    part.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n", encoding="utf-8")
    part.replace(path)
