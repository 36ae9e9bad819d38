"""Files that people send, and workers that take them in at once."""

from __future__ import annotations

import io
import tarfile
import zipfile

import pytest
from django.contrib.auth.models import Permission, User

from challenges.flows import batches, intake, transfers, unpacking
from challenges.models import Batch, Transfer, Upload
from challenges.models.photos import Rights

OURS = batches.Words(name="ours", rights=Rights.CLEARED, rights_text="taken by our volunteers")


def may(user: User, *codenames: str) -> User:
    """Give the user these permissions and return the user, who forgot what it knew of them."""
    rows = Permission.objects.filter(content_type__app_label="challenges", codename__in=codenames)
    assert rows.count() == len(codenames)
    user.user_permissions.add(*rows)
    return User.objects.get(pk=user.pk)


def uploader(name: str = "uploader") -> User:
    """Return a volunteer who may upload photos, and nothing else."""
    user = User.objects.create_user(name, password="a good long password", is_staff=True)
    return may(user, "upload_batch")


def zipped(files: dict[str, bytes]) -> bytes:
    """Return a zip with these files."""
    with io.BytesIO() as out:
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in files.items():
                archive.writestr(name, data)
        return out.getvalue()


def tarred(files: dict[str, bytes], mode: str = "w:gz") -> bytes:
    """Return a tar with these files."""
    with io.BytesIO() as out:
        with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]
            for name, data in files.items():
                entry = tarfile.TarInfo(name)
                entry.size = len(data)
                archive.addfile(entry, io.BytesIO(data))
        return out.getvalue()


def send(batch: Batch, name: str, data: bytes, fingerprint: str = "") -> Transfer:
    """Send a whole file as its person does; no worker has looked at it yet."""
    assert batch.person is not None
    file = transfers.Announced(name, len(data), fingerprint or name)
    made = transfers.begin(batch, batch.person, file)
    transfers.receive(made, made.offset, io.BytesIO(data[made.offset :]), len(data) - made.offset)
    made.refresh_from_db()
    return made


def work() -> None:
    """Do what the workers' beat does: unpack what arrived, take in what waits."""
    for transfer_id in unpacking.oldest_arrived(10_000):
        while unpacking.unpack(transfer_id, 60):
            pass
    while ids := intake.oldest_waiting():
        intake.take_in_all(ids, 60)


def rows(batch: Batch) -> dict[str, tuple[str, str]]:
    """Return of each file that intake saw: its state, and why."""
    return {row.name: (row.state, row.reason) for row in Upload.objects.filter(batch=batch)}


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let tests send a few bytes at once."""
    monkeypatch.setattr(transfers, "LEAST", 1)


@pytest.fixture
def volunteer(db: None) -> User:
    """Return somebody who may upload photos."""
    return uploader()


@pytest.fixture
def batch(volunteer: User) -> Batch:
    """Return the volunteer's batch, whose right is stated."""
    return batches.make(volunteer, OURS)
