"""The command that brings photos in."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from challenges.flows import downloads, importing, intake
from challenges.flows.downloads import PublicSet
from challenges.management.commands import import_photos
from challenges.models import Batch, Photo, Upload
from challenges.models.photos import Rights
from tests.drawn import folder, photo_file

ROOT = Path(__file__).parents[3]


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a worker take in what is handed over, at once."""
    monkeypatch.setattr(intake, "send", lambda ids: intake.take_in_all(ids, 60))


@pytest.fixture
def pets_folder(tmp_path: Path) -> Path:
    """Return a folder with three cats, two dogs, a repeated cat, and things that are no photos."""
    return folder(
        tmp_path / "shelter",
        {
            "Cat/1.jpg": photo_file(1),
            "Cat/2.jpg": photo_file(2),
            "Cat/2 again.jpg": photo_file(2),
            "cats/3.jpg": photo_file(3),
            "DOGS/4.jpg": photo_file(4),
            "dog/5.jpg": photo_file(5),
            "dog/broken.jpg": photo_file(6)[:3000],
            "dog/tiny.png": b"\x89PNG\r\n",
            "README.md": b"hello",
        },
    )


def run(*words: str | Path, **options: Any) -> str:
    """Run the command and return what it wrote."""
    out = io.StringIO()
    call_command("import_photos", *map(str, words), stdout=out, stderr=out, **options)
    return out.getvalue()


def figures(said: str) -> dict[str, int]:
    """Return the summary's numbers by their names."""
    rows = [line.split("│") for line in said.splitlines() if line.count("│") == 3]
    return {row[1].strip(): int(row[2].strip().replace(",", "")) for row in rows}


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("workers")
class TestImporting:
    """With a worker."""

    def test_it_says_what_came_of_each_file(self, pets_folder: Path) -> None:
        said = run(pets_folder, rights="our own")
        assert figures(said) == {
            "found": 8,
            "stored": 5,
            "already there": 1,
            "rejected": 2,
            "not yet taken in": 0,
            "of this batch, waiting for a label": 0,
            "of this batch, waiting for a person": 0,
            "of this batch, in the pool": 5,
        }
        assert "Skipped 1: files that are no pictures (.md)" in said
        assert "shelter/dog/broken.jpg: This photo is damaged or was cut off" in said

    def test_folders_say_the_label(self, pets_folder: Path) -> None:
        run(pets_folder, rights="our own")
        assert Photo.objects.pooled().filter(label="cat").count() == 3
        assert Photo.objects.pooled().filter(label="dog").count() == 2

    def test_a_second_run_finds_everything_there(self, pets_folder: Path) -> None:
        run(pets_folder, rights="our own")
        again = figures(run(pets_folder, rights="our own"))
        assert (again["stored"], again["already there"], again["rejected"]) == (0, 6, 2)
        assert Photo.objects.count() == 5

    def test_the_option_says_the_label(self, tmp_path: Path) -> None:
        folder(tmp_path / "mixed", {"a.jpg": photo_file(1)})
        said = run(tmp_path / "mixed", rights="our own", label="dog")
        assert "To accept them as they are labelled: manage.py accept_batch 'mixed'" in said
        photo = Photo.objects.get()
        assert (photo.label, photo.status) == ("dog", "proposed")

    def test_trusted_labels_need_no_second_look(self, tmp_path: Path) -> None:
        folder(tmp_path / "mixed", {"a.jpg": photo_file(1)})
        run(tmp_path / "mixed", rights="our own", label="dog", trust_labels=True)
        assert Photo.objects.pooled().count() == 1

    def test_without_a_label_it_waits_for_one(self, tmp_path: Path) -> None:
        folder(tmp_path / "mixed", {"IMG_1.jpg": photo_file(1)})
        said = run(tmp_path / "mixed", rights="our own")
        assert figures(said)["of this batch, waiting for a label"] == 1

    def test_a_local_trial_is_recorded(self, pets_folder: Path) -> None:
        run(pets_folder, "--local-trial")
        batch = Batch.objects.get()
        assert (batch.rights, batch.rights_text) == (Rights.TRIAL, "local trial only")
        assert set(Photo.objects.values_list("rights", flat=True)) == {Rights.TRIAL}

    def test_a_public_set_is_recognised(self, tmp_path: Path) -> None:
        folder(tmp_path / "PetImages", {"Cat/1.jpg": photo_file(1)})
        run(tmp_path / "PetImages", rights="our own")
        assert Batch.objects.get().well_known

    def test_archives_are_read(self, tmp_path: Path) -> None:
        with tarfile.open(tmp_path / "set.tar.gz", "w:gz") as archive:
            entry = tarfile.TarInfo("Cat/1.jpg")
            entry.size = len(photo_file(1))
            archive.addfile(entry, io.BytesIO(photo_file(1)))
        run(tmp_path / "set.tar.gz", rights="our own")
        assert Photo.objects.get().label == "cat"
        assert Batch.objects.get().name == "set"

    def test_another_right_for_the_same_batch_is_refused(self, pets_folder: Path) -> None:
        run(pets_folder, "--local-trial")
        with pytest.raises(CommandError, match="came in with the right 'local trial only'"):
            run(pets_folder, rights="our own")

    def test_other_trust_for_the_same_batch_is_refused(self, pets_folder: Path) -> None:
        run(pets_folder, rights="our own")
        with pytest.raises(CommandError, match=r"manage.py accept_batch 'shelter'"):
            run(pets_folder, rights="our own", trust_labels=True)

    def test_an_import_is_accepted_as_a_whole(self, tmp_path: Path) -> None:
        folder(tmp_path / "mixed", {"cat.1.jpg": photo_file(1), "dog.1.jpg": photo_file(2)})
        run(tmp_path / "mixed", rights="our own")
        out = io.StringIO()
        call_command("accept_batch", "mixed", stdout=out)
        assert out.getvalue().startswith("2 photos are in the pool now, 0 show neither")
        assert Photo.objects.pooled().count() == 2

    def test_an_unknown_batch_is_refused(self) -> None:
        with pytest.raises(CommandError, match="There is no batch 'nothing'"):
            call_command("accept_batch", "nothing")

    def test_the_command_imports_it_for_local_trial(
        self, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
    ) -> None:
        settings.PAWCHA_VAR = tmp_path

        def fetched(public: PublicSet, target: Path) -> Iterator[tuple[int, int]]:
            target.parent.mkdir(parents=True)
            with tarfile.open(target, "w:gz") as archive:
                for name in ("images/Abyssinian_1.jpg", "images/beagle_1.jpg"):
                    data = photo_file(len(name))
                    entry = tarfile.TarInfo(name)
                    entry.size = len(data)
                    archive.addfile(entry, io.BytesIO(data))
            yield 1, 1

        monkeypatch.setattr(downloads, "fetch", fetched)
        run("oxford-pets")
        batch = Batch.objects.get()
        assert (batch.name, batch.rights) == ("oxford-pets", Rights.TRIAL)
        assert batch.well_known
        assert sorted(Photo.objects.values_list("label", flat=True)) == ["cat", "dog"]


@pytest.mark.django_db(transaction=True)
class TestWithoutWorkers:
    """When nobody takes the files in."""

    def test_it_says_so_and_keeps_the_files(
        self, pets_folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(import_photos, "PATIENCE", 0.2)
        said = run(pets_folder, rights="our own")
        assert import_photos.NO_WORKER in said
        assert figures(said)["not yet taken in"] == 7
        intake.take_in_all(intake.oldest_waiting(), 60)
        assert Photo.objects.count() == 5

    def test_a_later_run_counts_them_as_stored(self, pets_folder: Path) -> None:
        run(pets_folder, rights="our own", no_wait=True)
        intake.take_in_all(intake.oldest_waiting(), 60)
        assert figures(run(pets_folder, rights="our own"))["already there"] == 6

    def test_a_stop_in_the_middle_loses_nothing(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        top = folder(tmp_path / "many", {f"Cat/{i:02}.jpg": photo_file(i) for i in range(50)})
        monkeypatch.setattr(intake, "send", lambda ids: None)
        spooled = importing.spool_all

        def stopped(*args: Any) -> Iterator[importing.Run]:
            for at, progress in enumerate(spooled(*args)):
                if at == 30:
                    raise KeyboardInterrupt
                yield progress

        monkeypatch.setattr(importing, "spool_all", stopped)
        with pytest.raises(CommandError) as error:
            run(top, rights="our own", no_wait=True)
        assert (str(error.value), error.value.returncode) == (import_photos.STOPPED, 130)
        assert Upload.objects.count() == 31  # All that were read until then.
        monkeypatch.setattr(importing, "spool_all", spooled)
        run(top, rights="our own", no_wait=True)
        assert Upload.objects.waiting().count() == 50

    def test_ctrl_c_is_one_sentence(self, tmp_path: Path) -> None:
        top = folder(tmp_path / "few", {"Cat/1.jpg": photo_file(1)})
        address = urlsplit(os.environ["DATABASE_URL"])
        place = address._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
        words = [sys.executable, "manage.py", "import_photos", str(top), "--local-trial"]
        # No worker: it waits, so there is time to stop it.
        process = subprocess.Popen(
            words,
            cwd=ROOT,
            env={**os.environ, "DATABASE_URL": place},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        until = time.monotonic() + 30
        while not Upload.objects.exists() and time.monotonic() < until:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
        assert said == f"CommandError: {import_photos.STOPPED}\n"
        assert process.returncode == 130
        assert Upload.objects.waiting().count() == 1


@pytest.mark.django_db
class TestRefusals:
    """What it does not even begin."""

    def test_it_asks_for_the_right_to_show_them(self, pets_folder: Path) -> None:
        for words in ([pets_folder], [pets_folder, "--rights", "  "]):
            with pytest.raises(CommandError) as error:
                run(*words)
            assert str(error.value) == import_photos.WHICH_RIGHT

    def test_both_rights_are_too_many(self, pets_folder: Path) -> None:
        with pytest.raises(CommandError, match="not allowed with argument"):
            run(pets_folder, "--rights", "our own", "--local-trial")

    def test_a_missing_path_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(CommandError, match=r"There is no file or folder '.*nowhere'"):
            run(tmp_path / "nowhere", rights="our own")
