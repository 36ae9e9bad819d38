"""A hardener that is killed (kill -9, by itself) at a chosen point of laying a rendition aside."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

import django


def main(photo: int, point: str) -> None:
    """Toss a coin for the photo, make its rendition, and die at the point."""
    django.setup()
    from django.core.files.storage import default_storage

    from challenges.flows import render
    from challenges.models import Photo

    def die(*said: Any, **more: Any) -> bool:
        os.kill(os.getpid(), signal.SIGKILL)
        return True

    really_save = default_storage.save

    def save_and_die(name: str, content: Any) -> None:
        really_save(name, content)
        die()

    one = Photo.objects.get(pk=photo)
    coin = render.coin(one, lambda: True)
    if point == "coin":
        die()
    if point == "file":
        default_storage.save = save_and_die  # type: ignore[method-assign, assignment]
    if point == "row":
        render._wear = die
    render.offer(one, b"a", recipe="quick", pushed=coin, strength=0.5, distance=0.1)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
