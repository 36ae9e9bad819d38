"""A worker that is killed on purpose: reads ids of uploads, takes them in in a child of its own.

Started once by the test, it forks for each line, so that fifty deaths take seconds. For a line of
ids it answers with the child's process id, then with "over" when the child has ended.
"""

from __future__ import annotations

import os
import sys

import django


def main() -> None:
    """Serve lines until the input ends."""
    django.setup()
    from challenges.flows import intake

    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            for word in line.split():
                intake.take_in(int(word))
            os._exit(0)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()
        os.waitpid(child, 0)
        sys.stdout.write("over\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
