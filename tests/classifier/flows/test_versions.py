"""Which network labels, and how another takes its place."""

from __future__ import annotations

import json
import logging
import threading
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, connections
from django.test import Client

pytest.importorskip("torch", reason="this machine only serves: torch is not installed")

from classifier import engine
from classifier.exceptions import BadRun, BadVersion, WeightsError
from classifier.flows import versions
from classifier.models import ModelVersion
from tests.challenges.admin.test_photos import Queries
from tests.classifier import made
from tests.classifier.made import a_run, shipped

__all__ = ["shipped"]


@pytest.fixture
def first(db: None, tmp_path: Path, shipped: Path) -> ModelVersion:
    """Return a candidate."""
    return versions.add(a_run(tmp_path, "first"))


@pytest.fixture
def second(first: ModelVersion, tmp_path: Path) -> ModelVersion:
    """Return another candidate."""
    return versions.add(a_run(tmp_path, "second"))


def labels_now() -> str:
    """Return the name of what would label the next photos, as its file says it."""
    return engine.load(*versions.active()).spec.name


def test_the_shipped_model_labels_until_another_is_promoted(db: None, shipped: Path) -> None:
    assert versions.active() == (shipped, versions.digest(shipped))
    assert labels_now() == versions.active_name() == "shipped-1"


def test_a_run_becomes_a_candidate_with_its_figures(first: ModelVersion) -> None:
    assert (first.name, first.status, first.arch) == ("first", "candidate", "pawnet")
    assert first.metrics["test"]["right"] == 49
    assert first.data["photos"]["train"] == {"cat": 400, "dog": 400}
    assert default_storage.size(first.storage_name) == first.size


def test_what_a_run_of_other_photos_has_learned_from_is_kept(
    first: ModelVersion, tmp_path: Path
) -> None:
    run = a_run(tmp_path, "from-a-folder")
    config = json.loads((run / "config.json").read_text())
    (run / "config.json").write_text(json.dumps(config | {"data": ["photos/"]}))
    learned = versions.add(run).learned
    assert set(learned["sha256"]) == {"0" * 16}
    # Of the pool the photos for testing were left out before.
    assert first.learned == {}


def test_promotion_and_rollback_need_no_restart(first: ModelVersion, second: ModelVersion) -> None:
    said = [labels_now()]
    for version in (first, second):
        versions.promote(version, "anna")
        said.append(labels_now())
    versions.roll_back("anna")
    said.append(labels_now())
    versions.roll_back("anna")
    said.append(labels_now())
    assert said == ["shipped-1", "first", "second", "first", "shipped-1"]
    assert [v.status for v in ModelVersion.objects.all()] == ["retired", "retired"]
    with pytest.raises(BadVersion, match="nothing to roll back to"):
        versions.roll_back("anna")


def test_one_may_go_back_to_the_shipped_model_at_once(
    first: ModelVersion, second: ModelVersion
) -> None:
    versions.promote(first, "anna")
    versions.promote(second, "anna")
    assert versions.roll_back("anna", to_shipped=True) is None
    assert labels_now() == "shipped-1"


def test_asking_what_labels_is_one_query(
    first: ModelVersion, django_assert_max_num_queries: Queries
) -> None:
    versions.promote(first, "anna")
    versions.active()
    with django_assert_max_num_queries(1):
        versions.active()


def test_at_most_one_is_active(first: ModelVersion, second: ModelVersion) -> None:
    versions.promote(first, "anna")
    with pytest.raises(IntegrityError):
        ModelVersion.objects.filter(pk=second.pk).update(status="active")


def test_what_is_active_is_not_promoted_again(first: ModelVersion) -> None:
    versions.promote(first, "anna")
    with pytest.raises(BadVersion, match="first is active already"):
        versions.promote(first, "anna")


def test_a_comparison_that_was_overtaken_promotes_nothing(
    first: ModelVersion, second: ModelVersion, shipped: Path
) -> None:
    compared_with = versions.active()[1]
    versions.promote(first, "anna")
    with pytest.raises(BadVersion, match="Another version was promoted while second was compared"):
        versions.promote(second, "retraining", over=compared_with)
    assert labels_now() == "first"


@pytest.mark.django_db(transaction=True)
def test_of_two_promotions_at_once_one_is_active(tmp_path: Path, shipped: Path) -> None:
    both = [versions.add(a_run(tmp_path, name)) for name in ("one", "other")]
    start, failed = threading.Barrier(2), []

    def promote(version: ModelVersion) -> None:
        try:
            start.wait()
            versions.promote(version, "anna")
        except Exception as error:
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=promote, args=(version,)) for version in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert sorted(ModelVersion.objects.values_list("status", flat=True)) == ["active", "retired"]
    last = ModelVersion.objects.get(status="active")
    assert last.previous is not None
    assert last.previous.status == "retired"


# --- files that are not whole --------------------------------------------------------------------


def overwrite(version: ModelVersion, data: bytes) -> None:
    """Put something else where the weights are stored."""
    default_storage.save(version.storage_name, ContentFile(data))


def spoilt(version: ModelVersion, how: str) -> str:
    """Spoil the stored file and return what is said about it."""
    with default_storage.open(version.storage_name) as file:
        data = file.read()
    if how == "missing":
        default_storage.delete(version.storage_name)
        return "is missing"
    if how == "half-written":
        overwrite(version, data[: len(data) // 2])
        return "is half-written"
    overwrite(version, data[:-1] + bytes([data[-1] ^ 1]))
    return "was changed after it was added"


@pytest.mark.parametrize("how", ["missing", "half-written", "tampered"])
def test_a_file_that_is_not_whole_is_not_promoted(first: ModelVersion, how: str) -> None:
    said = spoilt(first, how)
    with pytest.raises(WeightsError, match=f"{said}.*put it back from a backup"):
        versions.promote(first, "anna")
    assert labels_now() == "shipped-1"


@pytest.mark.parametrize("how", ["missing", "half-written", "tampered"])
def test_a_worker_that_finds_such_a_file_labels_on_with_the_shipped_model(
    first: ModelVersion, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    versions.promote(first, "anna")
    said = spoilt(first, how)
    made.forget()
    with caplog.at_level(logging.ERROR):
        assert [labels_now(), labels_now()] == ["shipped-1", "shipped-1"]
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert said in record.getMessage()
    assert record.getMessage().endswith("Until then the shipped model labels.")


def test_a_file_that_was_put_back_is_used_again(
    first: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    versions.promote(first, "anna")
    with default_storage.open(first.storage_name) as file:
        data = file.read()
    spoilt(first, "half-written")
    made.forget()
    monkeypatch.setattr(versions, "AGAIN", 0.0)
    assert labels_now() == "shipped-1"
    overwrite(first, data)
    assert labels_now() == "first"


def test_a_local_copy_that_was_changed_is_fetched_again(first: ModelVersion) -> None:
    versions.promote(first, "anna")
    copy, _ = versions.active()
    copy.write_bytes(b"something else")
    # A new worker on the same machine.
    versions._checked.clear()
    assert labels_now() == "first"
    assert versions.digest(copy) == first.sha256


def test_a_copy_that_is_changed_under_a_worker_is_not_used(
    first: ModelVersion, caplog: pytest.LogCaptureFixture
) -> None:
    versions.promote(first, "anna")
    copy, sha256 = versions.active()
    engine._loaded.pop(sha256, None)
    data = copy.read_bytes()
    copy.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    assert versions.load().name == "shipped-1"
    assert "Until then the shipped model labels." in caplog.text
    # After a while it is looked at again, and fetched anew.
    versions._unusable.clear()
    assert versions.load().name == "first"


def test_nobody_rolls_back_to_a_spoilt_file(first: ModelVersion, second: ModelVersion) -> None:
    versions.promote(first, "anna")
    versions.promote(second, "anna")
    spoilt(first, "tampered")
    with pytest.raises(WeightsError, match="or the shipped model"):
        versions.roll_back("anna")
    assert labels_now() == "second"


def test_weights_have_no_address(first: ModelVersion, client: Client) -> None:
    for top in ("", "media/", "static/"):
        assert client.get(f"/{top}{first.storage_name}").status_code == 404


# --- runs that will not do -----------------------------------------------------------------------


def test_a_half_written_run_is_not_added(db: None, tmp_path: Path, shipped: Path) -> None:
    run = a_run(tmp_path, "broken")
    path = run / "weights.safetensors"
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(WeightsError, match="half-written or damaged: copy it again"):
        versions.add(run)
    assert not ModelVersion.objects.exists()


def test_a_run_that_is_not_finished_is_not_added(db: None, tmp_path: Path, shipped: Path) -> None:
    run = a_run(tmp_path, "unfinished")
    (run / "result.json").unlink()
    with pytest.raises(BadRun, match=r"There is no result\.json"):
        versions.add(run)


def test_a_network_of_other_animals_is_not_added(db: None, tmp_path: Path, shipped: Path) -> None:
    run = a_run(tmp_path, "farm", classes=("cat", "cow"))
    with pytest.raises(WeightsError, match="tells cat, cow apart, but not dog"):
        versions.add(run)


def test_the_same_weights_or_name_are_not_added_twice(first: ModelVersion, tmp_path: Path) -> None:
    with pytest.raises(BadVersion, match="there already, as first"):
        versions.add(tmp_path / "first")
    with pytest.raises(BadVersion, match="another version called first"):
        versions.add(a_run(tmp_path / "elsewhere", "first"))
    with pytest.raises(BadVersion, match="another version called shipped-1"):
        versions.add(a_run(tmp_path / "elsewhere", "shipped-1"))


def test_a_name_that_is_not_there_names_those_that_are(first: ModelVersion) -> None:
    assert versions.named("first") == first
    with pytest.raises(BadVersion, match=r"no version 'last'\. The latest: first"):
        versions.named("last")


def test_a_shipped_model_without_its_description_says_so(db: None, shipped: Path) -> None:
    shipped.with_suffix(".json").write_text(json.dumps({}))
    with pytest.raises(WeightsError, match="get that file again with Pawcha"):
        versions.active()
