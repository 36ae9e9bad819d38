"""A line a photo, whatever the file is."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="this machine only serves: torch is not installed")

from django.core.management import CommandError, call_command

from classifier import engine
from classifier.flows import versions
from tests.classifier.made import a_run, shipped
from tests.drawn import encoded, folder, photo_file, picture

__all__ = ["shipped"]


@pytest.fixture(autouse=True)
def _shipped(shipped: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "WEIGHTS", shipped.parent)


def lines(*paths: Path | str, **options: Any) -> list[dict[str, Any]]:
    """Return what it writes as JSON."""
    with io.StringIO() as out:
        call_command("classify", *map(str, paths), json=True, stdout=out, **options)
        return [json.loads(line) for line in out.getvalue().splitlines()]


def test_it_writes_an_object_on_each_line(tmp_path: Path) -> None:
    top = folder(tmp_path / "pets", {"b/one.jpg": photo_file(1), "two.jpg": photo_file(2)})
    one, two = lines(top)
    assert [one["path"], two["path"]] == [str(top / "two.jpg"), str(top / "b" / "one.jpg")]
    assert list(one) == ["path", "label", "p_cat", "confidence", "verdict"]
    assert one["label"] == one["verdict"] == ("cat" if one["p_cat"] >= 0.5 else "dog")
    assert one["confidence"] == pytest.approx(max(one["p_cat"], 1 - one["p_cat"]), abs=1e-5)


def test_what_cannot_be_read_gets_an_error_in_its_place_and_the_run_goes_on(
    tmp_path: Path,
) -> None:
    top = folder(
        tmp_path,
        {
            "1.jpg": photo_file(1),
            "2.jpg": photo_file(2)[:300],
            "3.jpg": b"GIF89a and so on",
            "4.jpg": encoded(picture(4, 40, 40)),
            "5.txt": b"no picture",
            "6.jpg": b"",
            "8.png": encoded(picture(8), "PNG"),
        },
    )
    paths = [top / name for name in ("1.jpg", "2.jpg", "3.jpg", "4.jpg", "5.txt", "6.jpg")]
    said = lines(*paths, top / "7.jpg", top / "8.png")
    assert [line["path"] for line in said] == [str(path) for path in paths] + [
        str(top / "7.jpg"),
        str(top / "8.png"),
    ]
    left_out = "This file is left out, as all {} are: send a JPEG, PNG or WebP."
    assert [line.get("error", "read") for line in said] == [
        "read",
        "This photo is damaged or was cut off: open it, save it again and send that.",
        "This file is a GIF: send a JPEG, PNG or WebP.",
        "This photo is 40 x 40 pixels: each side needs at least 150.",
        left_out.format("files that are no pictures (.txt)"),
        left_out.format("empty files"),
        "There is no such file or folder: look at how it is written.",
        "read",
    ]
    assert all(list(line) == ["path", "error"] for line in said if "error" in line)


def test_it_reads_archives(tmp_path: Path) -> None:
    path = tmp_path / "pets.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("Cat/1.jpg", photo_file(1))
        archive.writestr("notes.txt", "no picture")
    photo, rest = lines(path)
    assert photo["path"] == f"{path}/Cat/1.jpg"
    assert rest == {
        "path": str(path),
        "error": "1 left out in here: files that are no pictures (.txt).",
    }


def test_for_people_the_lines_stand_below_each_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    top = folder(tmp_path / "pets", {"1.jpg": photo_file(1), "2.jpg": b"no photo"})
    call_command("classify", str(top))
    first, second = capsys.readouterr().out.splitlines()
    assert first.split() == [first.split()[0], first.split()[1], str(top / "1.jpg")]
    assert first.split()[0] in {"cat", "dog"}
    assert first.split()[1].endswith("%")
    assert second.index(str(top)) == first.index(str(top)) == 18


def test_when_none_could_be_read_it_fails(tmp_path: Path) -> None:
    top = folder(tmp_path / "pets", {"1.jpg": b"no photo"})
    with pytest.raises(CommandError, match="None of these photos could be read"):
        lines(top)


def test_it_uses_the_version_it_is_told(
    db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    used: list[str] = []
    stream = engine.Engine.stream

    def seen(network: engine.Engine, images: Any) -> Any:
        used.append(network.name)
        return stream(network, images)

    monkeypatch.setattr(engine.Engine, "stream", seen)
    versions.add(a_run(tmp_path, "ours-1"))
    photo = folder(tmp_path, {"1.jpg": photo_file(1)}) / "1.jpg"
    call_command("classify", str(photo), "--version", "ours-1", stdout=io.StringIO())
    call_command("classify", str(photo), stdout=io.StringIO())
    assert used == ["ours-1", "shipped-1"]
    with pytest.raises(CommandError, match="There is no version 'nobody'"):
        call_command("classify", str(photo), "--version", "nobody")


def test_without_torch_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "missing", lambda: ["torch"])
    with pytest.raises(CommandError, match=r"^torch is not installed here: run make install\.$"):
        call_command("classify", "x.jpg")


def test_it_ends_quietly_when_nobody_reads_on(tmp_path: Path) -> None:
    """The real model in a process of its own, as in `classify pets | head -n 1`."""
    top = folder(tmp_path / "pets", {f"{n}.jpg": photo_file(n) for n in range(80)})
    words = [sys.executable, "manage.py", "classify", str(top)]
    root, pipe = Path(__file__).parents[3], subprocess.PIPE
    with subprocess.Popen(words, cwd=root, stdout=pipe, stderr=pipe, text=True) as run:
        assert run.stdout is not None
        assert run.stderr is not None
        assert ".jpg" in run.stdout.readline()
        run.stdout.close()
        assert "Traceback" not in run.stderr.read()
        assert run.wait(60) == 0
