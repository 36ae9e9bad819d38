"""Several workers at intake, and workers that are killed in the middle."""

from __future__ import annotations

import contextlib
import hashlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.core.files.storage import default_storage
from django.db import connection, connections

from challenges import imaging
from challenges.flows import intake
from challenges.models import Batch, Photo, Upload
from challenges.models.photos import Rights
from tests.challenges.flows.files import hand_in, stored_bytes
from tests.drawn import encoded, photo_file, picture

# Times that a worker is killed in the middle of its work.
SEEDS = 50


@pytest.mark.django_db(transaction=True)
def test_two_workers_do_not_miss_each_other_s_photo() -> None:
    batch = Batch.objects.create(name="twins", rights=Rights.CLEARED, rights_text="our own")
    copies = [encoded(picture(1), quality=quality) for quality in range(60, 92, 4)]
    ids = [hand_in(batch, data).pk for data in copies]

    def work(mine: list[int]) -> None:
        try:
            intake.take_in_all(mine, 60)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(ids[start::4] + ids,)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(Upload.objects.values_list("state", flat=True)) <= {"stored", "duplicate"}
    assert Photo.objects.values("group").distinct().count() == 1
    assert Photo.objects.count() == len({imaging.strip(imaging.decode(data)) for data in copies})


@pytest.fixture
def doomed() -> Iterator[subprocess.Popen[str]]:
    """Yield a process that takes in uploads in children, which the test kills."""
    address = urlsplit(os.environ["DATABASE_URL"])
    place = address._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.challenges.flows.doomed"],
        cwd=Path(__file__).parents[3],
        env={
            **os.environ,
            "DATABASE_URL": place,
            "DJANGO_SETTINGS_MODULE": "captcha_site.settings",
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    yield process
    process.stdin.close()  # type: ignore[union-attr]
    process.wait(timeout=20)
    process.stdout.close()  # type: ignore[union-attr]


def _kill_in_the_middle(doomed: subprocess.Popen[str], ids: list[int], after: float) -> None:
    assert doomed.stdin is not None
    assert doomed.stdout is not None
    doomed.stdin.write(" ".join(map(str, ids)) + "\n")
    doomed.stdin.flush()
    child = int(doomed.stdout.readline())
    time.sleep(after)
    with contextlib.suppress(ProcessLookupError):  # It may be done already.
        os.kill(child, signal.SIGKILL)
    assert doomed.stdout.readline() == "over\n"


def _nothing_confirmed_is_lost(batch: Batch) -> None:
    for photo in Photo.objects.all():
        assert hashlib.sha256(stored_bytes(photo)).hexdigest() == photo.sha256
        assert photo.labels.exists()
    for upload in batch.uploads.all():
        if upload.state == Upload.State.WAITING:
            assert default_storage.exists(intake.spool_name(upload.sha256))
        else:
            assert upload.photo is not None, upload.reason


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_the_middle_loses_nothing(doomed: subprocess.Popen[str]) -> None:
    batch = Batch.objects.create(name="doomed", rights=Rights.CLEARED, rights_text="our own")
    interrupted = 0
    for seed in range(SEEDS):
        chance = random.Random(seed)
        ids = [
            hand_in(batch, photo_file(1000 + 4 * seed + i), label="cat", label_source="folder").pk
            for i in range(4)
        ]
        _kill_in_the_middle(doomed, ids, chance.uniform(0, 0.12))
        _nothing_confirmed_is_lost(batch)
        interrupted += Upload.objects.waiting().exists()
        for _ in range(50):
            # The dead worker's locks go as soon as PostgreSQL notices.
            intake.take_in_all(ids, 60)
            if not Upload.objects.waiting().exists():
                break
            time.sleep(0.02)
        assert not Upload.objects.waiting().exists()
    _nothing_confirmed_is_lost(batch)
    assert Photo.objects.pooled().count() == batch.uploads.count() == 4 * SEEDS
    assert interrupted > SEEDS / 5
