"""Walking folders and archives, whatever is in them."""

from __future__ import annotations

import gzip
import io
import lzma
import os
import tarfile
import time
import zipfile
import zlib
from pathlib import Path

import pytest

from challenges import archives
from challenges.archives import Walk, streams
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


def _header(kind: bytes, size: int) -> bytes:
    entry = tarfile.TarInfo("x")
    entry.type, entry.size = kind, size
    return entry.tobuf(tarfile.USTAR_FORMAT)


@pytest.mark.parametrize("kind", [b"x", b"g", b"X", b"L", b"K"])
def test_a_header_larger_than_any_real_one_is_not_read(tmp_path: Path, kind: bytes) -> None:
    size = 2_000_000 // 512 * 512
    path = tmp_path / "a.tar.gz"
    path.write_bytes(gzip.compress(_header(kind, size) + b"1" * size + bytes(10_240)))
    begun = time.monotonic()
    walk = Walk([path])
    assert _names(walk) == []
    assert walk.skipped == {"the rest of a.tar.gz, which has headers of more than 64 KB": 1}
    assert time.monotonic() - begun < 2


@pytest.mark.parametrize(
    "said",
    [
        {"GNU.sparse.map": "0,9", "GNU.sparse.size": "20000000"},
        {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": "20000000"},
        {"GNU.sparse.size": "20000000", "GNU.sparse.offset": "0", "GNU.sparse.numbytes": "9"},
        None,
    ],
)
def test_sparse_files_are_refused(tmp_path: Path, said: dict[str, str] | None) -> None:
    entry = tarfile.TarInfo("Cats/1.jpg")
    entry.size = 9
    if said is None:
        entry.type = tarfile.GNUTYPE_SPARSE
    else:
        entry.pax_headers = said
    path = tmp_path / "a.tar"
    path.write_bytes(entry.tobuf(tarfile.PAX_FORMAT) + b"9".ljust(512, b"\0") + bytes(10_240))
    walk = Walk([path])
    assert _names(walk) == []
    assert walk.skipped == {"the rest of a.tar, which holds sparse files, as no photo is": 1}


def test_headers_for_all_files_do_not_pile_up(tmp_path: Path) -> None:
    said = {f"key{n}": "1" for n in range(200)}
    with tarfile.open(tmp_path / "a.tar", "w", pax_headers=said) as archive:
        archive.addfile(tarfile.TarInfo("a.jpg"))
    walk = Walk([tmp_path / "a.tar"])
    assert _names(walk) == []
    assert "headers for all of its files" in next(iter(walk.skipped))


@pytest.mark.parametrize("kind", ["zip", "tar.gz"])
def test_no_more_comes_out_of_an_archive_than_photos_would(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(streams, "HARMLESS", 200_000)
    files = {f"{n}.jpg": bytes(60_000) for n in range(9)}
    path = tmp_path / f"a.{kind}"
    _zip(path, files) if kind == "zip" else _tar(path, files, "w:gz")
    walk = Walk([path])
    assert _names(walk)[:2] == ["0.jpg", "1.jpg"]
    assert walk.skipped == {f"the rest of a.{kind}, which swells to far more than photos would": 1}


@pytest.mark.parametrize(("entries", "size"), [(60_000, 9_000_000), (100_001, 47)])
def test_a_zip_that_lists_too_much_is_refused_by_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, entries: int, size: int
) -> None:
    monkeypatch.setattr(archives, "ENTRIES", min(archives.ENTRIES, 60_000))
    end = b"PK\5\6" + bytes(4) + 2 * min(entries, 65_535).to_bytes(2, "little")
    path = tmp_path / "a.zip"
    path.write_bytes(bytes(size) + end + size.to_bytes(4, "little") + bytes(6))
    walk = Walk([path])
    assert _names(walk) == []
    assert next(iter(walk.skipped)).startswith("the rest of a.zip, which lists more than")


def test_an_xz_that_asks_for_too_much_memory_is_refused(tmp_path: Path) -> None:
    tar = _tar(tmp_path / "a.tar", {"1.jpg": b"1"}).read_bytes()
    packer = lzma.LZMACompressor(filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 20}])
    data = bytearray(packer.compress(tar) + packer.flush())
    # The block's header says how large a dictionary is: 4 GB instead of 1 MB.
    at = data.index(b"\x21\x01", 12) + 2
    data[at] = 40
    block = data[12 : 12 + (data[12] + 1) * 4 - 4]
    data[12 + len(block) : 16 + len(block)] = zlib.crc32(block).to_bytes(4, "little")
    path = tmp_path / "b.tar.xz"
    path.write_bytes(data)
    walk = Walk([path])
    assert _names(walk) == []
    said = "the rest of b.tar.xz, which takes more than 256 MB of memory to read"
    assert walk.skipped == {said: 1}


def test_an_xz_of_several_streams_is_read_on(tmp_path: Path) -> None:
    tar = _tar(tmp_path / "a.tar", {"1.jpg": b"1", "2.jpg": b"2"}).read_bytes()
    path = tmp_path / "b.tar.xz"
    path.write_bytes(lzma.compress(tar[:700]) + bytes(8) + lzma.compress(tar[700:]))
    assert _names(Walk([path])) == ["1.jpg", "2.jpg"]


def test_names_that_are_no_text_are_counted_as_text(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar", "w", format=tarfile.GNU_FORMAT) as archive:
        for name in ("x.\udcff", *(f"x.{n}" for n in range(50))):
            entry = tarfile.TarInfo(name)
            entry.size = 1
            archive.addfile(entry, io.BytesIO(b"1"))
    walk = Walk([tmp_path / "a.tar"])
    assert _names(walk) == []
    assert walk.skipped["files that are no pictures (.?)"] == 1
    assert walk.skipped["files that are no pictures"] == 21
    "".join(walk.skipped).encode()


@pytest.mark.parametrize(
    ("kind", "number", "said"),
    [
        ("archives inside archives", 1, "1 archive inside an archive"),
        ("links and devices", 1, "1 link or device"),
        ("encrypted files", 2_000, "2,000 encrypted files"),
        ("photos after the first 5,000", 1, "1 photo after the first 5,000"),
    ],
)
def test_what_was_left_out_is_said_as_people_say_it(kind: str, number: int, said: str) -> None:
    assert archives.counted(kind, number) == said
