"""A real Celery worker for visitors' photos. Its shipped model is in the folder that is named."""

from __future__ import annotations

import sys
from pathlib import Path

from captcha_site.celery import app
from classifier import engine


def main(weights: Path) -> None:
    """Work until it is told to stop."""
    vars(engine)["WEIGHTS"] = weights
    words = ["worker", "--concurrency", "1", "--queues", "classify", "--hostname", "classify@%h"]
    app.worker_main([*words, "--without-mingle", "--without-gossip", "--loglevel", "WARNING"])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
