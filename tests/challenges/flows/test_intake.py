"""From a file to a photo, whatever the file and whenever the worker dies."""

from __future__ import annotations

import hashlib

import pytest
from django.core.files.storage import default_storage
from django.db import OperationalError
from PIL import Image

from challenges import imaging
from challenges.flows import intake, starters
from challenges.models import Batch, Label, Photo, Upload
from challenges.models.photos import Animal, Rights
from challenges.signals import photos_unlabelled
from tests.challenges.flows.files import hand_in, stored_bytes
from tests.drawn import encoded, photo_file, picture


@pytest.fixture
def batch(db: None) -> Batch:
    """Return an import whose labels wait for a person."""
    return Batch.objects.create(name="shelter", rights=Rights.CLEARED, rights_text="our own")


def take_in(batch: Batch, data: bytes, name: str = "a.jpg", **said: str) -> Upload:
    """Spool a file and take it in."""
    upload = hand_in(batch, data, name, **said)
    intake.take_in(upload.pk)
    upload.refresh_from_db()
    return upload


def photo_of(upload: Upload) -> Photo:
    """Return the photo that the upload became."""
    assert upload.photo is not None
    return upload.photo


def test_it_stores_a_photo_under_its_digest(batch: Batch) -> None:
    upload = take_in(batch, photo_file(1))
    photo = photo_of(upload)
    assert upload.state == Upload.State.STORED
    assert hashlib.sha256(stored_bytes(photo)).hexdigest() == photo.sha256
    assert (photo.width, photo.height, photo.status) == (320, 240, Photo.Status.UNLABELLED)
    assert (photo.rights, photo.group) == (Rights.CLEARED, photo.pk)


def test_the_spooled_bytes_go_after_the_commit(
    batch: Batch, django_capture_on_commit_callbacks: object
) -> None:
    data = photo_file(1)
    upload = hand_in(batch, data)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        intake.take_in(upload.pk)
        assert default_storage.exists(intake.spool_name(upload.sha256))
    assert not default_storage.exists(intake.spool_name(upload.sha256))


def test_the_same_photo_twice_is_one_photo(batch: Batch) -> None:
    first = take_in(batch, encoded(picture(2), "PNG"))
    again = take_in(batch, encoded(picture(2), "WEBP", lossless=True))
    assert again.state == Upload.State.DUPLICATE
    assert again.photo == first.photo
    assert Photo.objects.count() == 1


def test_the_same_file_in_two_batches_is_one_photo(batch: Batch) -> None:
    other = Batch.objects.create(name="other", rights=Rights.CLEARED, rights_text="our own")
    uploads = [hand_in(one, photo_file(3)) for one in (batch, other)]
    intake.take_in(uploads[0].pk)
    default_storage.delete(intake.spool_name(uploads[0].sha256))
    intake.take_in(uploads[1].pk)
    uploads[1].refresh_from_db()
    assert uploads[1].state == Upload.State.DUPLICATE
    assert Photo.objects.count() == 1


def test_a_better_right_is_kept(batch: Batch) -> None:
    trial = Batch.objects.create(name="trial", rights=Rights.TRIAL, rights_text="trial")
    photo = photo_of(take_in(trial, encoded(picture(4), "PNG")))
    take_in(batch, encoded(picture(4), "WEBP", lossless=True))
    photo.refresh_from_db()
    assert (photo.rights, photo.batch) == (Rights.CLEARED, trial)


def test_near_duplicates_share_a_group(batch: Batch) -> None:
    first = photo_of(take_in(batch, photo_file(5)))
    smaller = encoded(picture(5).resize((300, 225)), quality=70)
    copy = photo_of(take_in(batch, smaller))
    stranger = photo_of(take_in(batch, photo_file(6)))
    assert copy != first
    assert copy.group == first.group
    assert stranger.group != first.group


def test_a_photo_between_two_groups_joins_them(
    batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Hashes in a chain: each is near to the next, the ends are not near to each other.
    chain = iter([0b0, 0b1_1111_1111, 0b1_1111])
    monkeypatch.setattr(imaging, "perceptual_hash", lambda image: next(chain))
    one, other, between = (photo_of(take_in(batch, photo_file(seed))) for seed in range(3))
    assert one.group != other.group
    for photo in (one, other, between):
        photo.refresh_from_db()
        assert photo.group == min(one.pk, other.pk)


def test_a_folder_speaks_for_a_person(batch: Batch) -> None:
    photo = photo_of(take_in(batch, photo_file(7), label="cat", label_source="folder"))
    assert (photo.status, photo.label) == (Photo.Status.POOLED, Animal.CAT)
    assert photo.labels.get().source == Label.Source.FOLDER


@pytest.mark.parametrize("source", ["filename", "command"])
def test_another_label_waits_for_a_person(batch: Batch, source: str) -> None:
    photo = photo_of(take_in(batch, photo_file(7), label="dog", label_source=source))
    assert (photo.status, photo.label) == (Photo.Status.PROPOSED, Animal.DOG)


def test_a_batch_with_trusted_labels_is_pooled(batch: Batch) -> None:
    Batch.objects.update(trust_labels=True)
    photo = photo_of(take_in(batch, photo_file(7), label="dog", label_source="filename"))
    assert photo.status == Photo.Status.POOLED


def test_a_label_that_comes_later_is_learnt(batch: Batch) -> None:
    photo = photo_of(take_in(batch, encoded(picture(8), "PNG")))
    take_in(batch, encoded(picture(8), "WEBP", lossless=True), label="cat", label_source="folder")
    photo.refresh_from_db()
    assert (photo.status, photo.label) == (Photo.Status.POOLED, Animal.CAT)


def test_a_new_photo_joins_the_round_that_is_being_dealt(batch: Batch) -> None:
    first = photo_of(take_in(batch, photo_file(1), label="cat", label_source="folder"))
    Photo.objects.filter(pk=first.pk).update(deal_order=41.5)
    second = photo_of(take_in(batch, photo_file(2), label="cat", label_source="folder"))
    assert 41 <= second.deal_order < 42


def test_a_bad_file_is_rejected_with_the_reason(batch: Batch) -> None:
    upload = take_in(batch, b"no photo")
    assert upload.state == Upload.State.REJECTED
    assert upload.reason == "This file is not a photo that can be read: send a JPEG, PNG or WebP."


def test_lost_bytes_are_said(batch: Batch) -> None:
    upload = Upload.objects.create(batch=batch, name="a.jpg", sha256="0" * 64)
    intake.take_in(upload.pk)
    upload.refresh_from_db()
    assert (upload.state, upload.reason) == (Upload.State.REJECTED, intake.GONE)


def test_a_file_that_kills_workers_is_left_out(batch: Batch) -> None:
    upload = hand_in(batch, photo_file(1))
    Upload.objects.filter(pk=upload.pk).update(attempts=intake.ATTEMPTS)
    intake.take_in(upload.pk)
    upload.refresh_from_db()
    assert (upload.state, upload.reason) == (Upload.State.REJECTED, intake.DEADLY)


def test_the_attempt_is_counted_before_decoding(
    batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload, seen = hand_in(batch, photo_file(1)), []

    def look(data: bytes) -> Image.Image:
        seen.append(Upload.objects.get(pk=upload.pk).attempts)
        return picture(1)

    monkeypatch.setattr(imaging, "decode", look)
    intake.take_in(upload.pk)
    assert seen == [1]


def test_a_full_disk_is_not_the_file_s_fault(batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = hand_in(batch, photo_file(1))

    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(default_storage, "save", full)
    with pytest.raises(OSError, match="No space left"):
        intake.take_in_all([upload.pk], 10)
    upload.refresh_from_db()
    assert (upload.state, upload.attempts) == (Upload.State.WAITING, 0)


def test_one_strange_file_does_not_stop_the_others(
    batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    uploads = [hand_in(batch, photo_file(seed)) for seed in range(3)]
    hashes = iter([1, "nonsense", 3 << 20])
    monkeypatch.setattr(imaging, "perceptual_hash", lambda image: next(hashes))
    assert intake.take_in_all([upload.pk for upload in uploads], 60) == []
    assert Photo.objects.count() == 2


def test_what_there_is_no_time_for_is_left(batch: Batch) -> None:
    assert intake.take_in_all([1, 2, 3], 0) == [1, 2, 3]


def test_it_tells_of_photos_without_a_label_once(batch: Batch) -> None:
    heard: list[object] = []

    def hear(**said: object) -> None:
        heard.append(said["sender"])

    photos_unlabelled.connect(hear)
    try:
        ids = [hand_in(batch, photo_file(seed)).pk for seed in range(3)]
        intake.take_in_all(ids, 60)
        labelled = hand_in(batch, photo_file(9), label="cat", label_source="folder")
        intake.take_in_all([labelled.pk], 60)
    finally:
        photos_unlabelled.disconnect(hear)
    assert heard == [Photo]


def test_taking_in_twice_changes_nothing(batch: Batch) -> None:
    upload = take_in(batch, photo_file(1), label="cat", label_source="folder")
    assert intake.take_in(upload.pk) is None
    assert (Photo.objects.count(), Label.objects.count()) == (1, 1)


def test_an_upload_that_is_gone_is_left_alone(db: None) -> None:
    assert intake.take_in(987_654) is None


def test_starter_pictures_are_stored_once(db: None) -> None:
    for _ in range(2):
        photo = starters.add_starter(picture(1), Animal.CAT, 17)
    assert (photo.rights, photo.label, photo.status) == ("starter", "cat", "pooled")
    assert Photo.objects.count() == 1
    assert starters.missing_seeds(Animal.CAT, [16, 17, 18]) == [16, 18]


def test_starter_pictures_come_in_portions(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starters, "PORTION", 2)
    monkeypatch.setattr(starters, "SEEDS", {Animal.CAT: range(3), Animal.DOG: range(3, 6)})
    assert [starters.draw_some(Animal.CAT) for _ in range(3)] == [True, True, False]
    assert Photo.objects.pooled().filter(label=Animal.CAT).count() == 3


def test_the_database_being_away_leaves_the_file_waiting(
    batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = hand_in(batch, photo_file(1))

    def away(*args: object) -> None:
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(intake, "store", away)
    with pytest.raises(OperationalError):
        intake.take_in_all([upload.pk], 10)
    upload.refresh_from_db()
    assert (upload.state, upload.attempts) == (Upload.State.WAITING, 0)
