"""Walking folders and archives, whatever is in them."""

from __future__ import annotations

import io
import os
import tarfile
import zipfile
from pathlib import Path

import pytest

from challenges.archives import Walk
from challenges.imaging import LIMITS
from tests.drawn import folder


def _names(walk: Walk) -> list[str]:
    return [found.name for found in walk]


def _tar(path: Path, files: dict[str, bytes], mode: str = "w") -> Path:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return path


def _zip(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def test_it_walks_folders_in_order_with_their_own_name(tmp_path: Path) -> None:
    folder(tmp_path / "Cat", {"b.jpg": b"2", "a.jpg": b"1", "deep/c.png": b"3"})
    assert _names(Walk([tmp_path / "Cat"])) == ["Cat/a.jpg", "Cat/b.jpg", "Cat/deep/c.png"]


def test_a_single_file_keeps_the_name_of_its_folder(tmp_path: Path) -> None:
    folder(tmp_path / "Dogs", {"a.jpg": b"1"})
    assert _names(Walk([tmp_path / "Dogs" / "a.jpg"])) == ["Dogs/a.jpg"]


@pytest.mark.parametrize("ending", ["tar", "tar.gz", "tgz", "tar.bz2", "tar.xz", "zip"])
def test_it_reads_each_kind_of_archive(tmp_path: Path, ending: str) -> None:
    files = {"Cat/1.jpg": b"one", "Dog/2.jpg": b"two"}
    path = tmp_path / f"set.{ending}"
    if ending == "zip":
        _zip(path, files)
    else:
        _tar(path, files, "w:" + ending.replace("tgz", "gz").removeprefix("tar").strip("."))
    assert [(found.name, found.data) for found in Walk([path])] == list(files.items())


def test_it_finds_archives_in_folders_but_not_in_archives(tmp_path: Path) -> None:
    inner = _zip(tmp_path / "inner.zip", {"Cat/1.jpg": b"1"}).read_bytes()
    _tar(tmp_path / "outer.tar", {"deep/inner.zip": inner, "2.jpg": b"2"})
    walk = Walk([tmp_path])
    assert _names(walk) == ["Cat/1.jpg", "2.jpg"]
    assert walk.skipped == {"archives inside archives": 1}


@pytest.mark.parametrize("name", ["../../etc/cat.1.jpg", "/etc/cat.1.jpg", "a/../../b.jpg"])
@pytest.mark.parametrize("kind", ["tar", "zip"])
def test_paths_that_climb_out_are_left_out(tmp_path: Path, name: str, kind: str) -> None:
    make = _tar if kind == "tar" else _zip
    walk = Walk([make(tmp_path / f"set.{kind}", {name: b"1", "good.jpg": b"2"})])
    assert _names(walk) == ["good.jpg"]
    assert walk.skipped == {"paths that climb out of their archive": 1}


def test_windows_paths_that_climb_out_are_left_out(tmp_path: Path) -> None:
    walk = Walk([_zip(tmp_path / "a.zip", {"..\\..\\x.jpg": b"1", "C:\\x.jpg": b"1"})])
    assert _names(walk) == []
    assert walk.skipped == {"paths that climb out of their archive": 2}


def test_links_and_devices_are_never_followed(tmp_path: Path) -> None:
    folder(tmp_path / "in", {"good.jpg": b"1"})
    secret = folder(tmp_path / "out", {"secret.jpg": b"2"})
    (tmp_path / "in" / "link.jpg").symlink_to(secret / "secret.jpg")
    (tmp_path / "in" / "folder").symlink_to(secret)
    os.mkfifo(tmp_path / "in" / "pipe.jpg")
    walk = Walk([tmp_path / "in"])
    assert _names(walk) == ["in/good.jpg"]
    assert walk.skipped == {"links and devices": 3}


def test_links_and_devices_in_a_tar_are_left_out(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE):
            entry = tarfile.TarInfo(f"{kind!r}.jpg")
            entry.type, entry.linkname = kind, "/etc/passwd"
            archive.addfile(entry)
    walk = Walk([tmp_path / "a.tar"])
    assert _names(walk) == []
    assert walk.skipped == {"links and devices": 4}


def test_links_in_a_zip_are_left_out(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        entry = zipfile.ZipInfo("link.jpg")
        entry.external_attr = 0o120777 << 16
        archive.writestr(entry, "/etc/passwd")
    walk = Walk([tmp_path / "a.zip"])
    assert _names(walk) == []
    assert walk.skipped == {"links and devices": 1}


def test_encrypted_entries_are_left_out(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", {"a.jpg": b"1", "b.jpg": b"2"})
    data = bytearray(path.read_bytes())
    # The flag "encrypted" in the directory's first entry.
    data[data.index(b"PK\1\2") + 8] |= 1
    path.write_bytes(data)
    walk = Walk([path])
    assert _names(walk) == ["b.jpg"]
    assert walk.skipped == {"encrypted files": 1}


def test_ten_thousand_empty_files_are_one_reason(tmp_path: Path) -> None:
    walk = Walk([_zip(tmp_path / "a.zip", {f"{i}.jpg": b"" for i in range(10_000)})])
    assert _names(walk) == []
    assert walk.skipped == {"empty files": 10_000}


def test_too_large_files_are_not_read(tmp_path: Path) -> None:
    walk = Walk([_zip(tmp_path / "a.zip", {"bomb.jpg": bytes(LIMITS.weight + 1)})])
    assert _names(walk) == []
    assert walk.skipped == {"files over 20 MB": 1}


def test_what_is_hidden_or_no_picture_is_counted(tmp_path: Path) -> None:
    names = ["README.md", ".DS_Store", "__MACOSX/._a.jpg", "a.jpg", "b.TXT", "noending"]
    walk = Walk([_zip(tmp_path / "a.zip", dict.fromkeys(names, b"1"))])
    assert _names(walk) == ["a.jpg", "noending"]
    assert walk.skipped == {
        "files that are no pictures (.md)": 1,
        "files that are no pictures (.txt)": 1,
        "hidden files": 2,
    }


@pytest.mark.parametrize("ending", ["tar", "tar.gz", "zip"])
def test_what_is_no_archive_is_named(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.{ending}"
    path.write_bytes(b"nonsense" * 200)
    walk = Walk([path])
    assert _names(walk) == []
    assert walk.skipped == {f"the rest of a.{ending}, which is damaged or no archive": 1}


@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_a_cut_archive_gives_what_it_still_has(tmp_path: Path, mode: str) -> None:
    files = {f"{i}.jpg": os.urandom(30_000) for i in range(9)}
    path = _tar(tmp_path / "a.tar", files, mode)
    path.write_bytes(path.read_bytes()[:150_000])
    walk = Walk([path])
    assert _names(walk)[:3] == ["0.jpg", "1.jpg", "2.jpg"]
    assert walk.skipped == {"the rest of a.tar, which is damaged or no archive": 1}


def test_a_damaged_entry_does_not_stop_the_others(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", {"a.jpg": b"a" * 999, "b.jpg": b"b" * 999})
    data = bytearray(path.read_bytes())
    data[45] ^= 0xFF
    path.write_bytes(data)
    walk = Walk([path])
    assert _names(walk) == ["b.jpg"]
    assert walk.skipped == {"damaged entries of archives": 1}


def test_names_in_any_script_come_through(tmp_path: Path) -> None:
    names = ["Кошка/кот.jpg", "猫/一.jpg", "قط.jpg"]
    assert _names(Walk([_zip(tmp_path / "a.zip", dict.fromkeys(names, b"1"))])) == names


def test_names_that_a_database_refuses_are_cleaned(tmp_path: Path) -> None:
    folder(tmp_path, {"x.jpg": b"1"})
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/bad\xff.jpg")).write_bytes(b"2")
    for name in _names(Walk([tmp_path])):
        name.encode()


def test_nothing_is_unpacked(tmp_path: Path) -> None:
    path = _tar(tmp_path / "a.tar", {"Cat/1.jpg": b"1"})
    assert len(list(Walk([path]))) == 1
    assert list(tmp_path.iterdir()) == [path]
