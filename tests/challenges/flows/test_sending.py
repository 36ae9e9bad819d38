"""Photos that programs send one by one: what lies on the disk, and what does not."""

from __future__ import annotations

import shutil
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import default_storage

from challenges.exceptions import NoRoom
from challenges.flows import intake, sending
from challenges.models import Batch, Upload
from tests.challenges.uploads import batch, volunteer, work
from tests.drawn import photo_file

__all__ = ["batch", "volunteer"]


def send(person: User, batch: Batch) -> Upload:
    """Send the same photo."""
    return sending.send(person, photo_file(1), "a.jpg", batch=batch.pk, words={})


def test_what_was_taken_in_is_not_spooled_again(volunteer: User, batch: Batch) -> None:
    place = intake.spool_name(send(volunteer, batch).sha256)
    assert default_storage.exists(place)
    work()
    default_storage.delete(place)
    assert send(volunteer, batch).state == Upload.State.STORED
    assert not default_storage.exists(place)


def test_bytes_that_were_gone_are_taken_when_they_come_again(volunteer: User, batch: Batch) -> None:
    place = intake.spool_name(send(volunteer, batch).sha256)
    default_storage.delete(place)
    work()
    assert Upload.objects.get().reason == intake.GONE
    assert send(volunteer, batch).state == Upload.State.WAITING
    work()
    assert Upload.objects.get().state == Upload.State.STORED


def test_a_nearly_full_disk_takes_no_photo(
    volunteer: User, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda place: SimpleNamespace(free=200_000_000))
    with pytest.raises(NoRoom):
        send(volunteer, batch)
    assert not Upload.objects.exists()
