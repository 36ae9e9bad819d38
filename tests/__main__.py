"""python -m tests: the whole suite, in half the time.

Tests in a browser mostly wait, so they run beside all the others, each half with servers of its
own. What the browser half says comes when the other has ended. Words given are for both.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from contextlib import ExitStack

REST = "not browser and not photos"
BROWSER = "browser and not photos"


def pytest(marked: str) -> list[str]:
    """Return the command that runs the tests marked so."""
    return [sys.executable, "-m", "pytest", "-m", marked, *sys.argv[1:]]


def main() -> int:
    """Run both halves and return 0 when both passed."""
    with ExitStack() as stack:
        said = stack.enter_context(tempfile.TemporaryFile())
        browser = subprocess.Popen(pytest(BROWSER), stdout=said, stderr=subprocess.STDOUT)
        stack.callback(browser.wait)
        rest = subprocess.run(pytest(REST), check=False).returncode
        code = browser.wait()
        said.seek(0)
        sys.stdout.flush()
        sys.stdout.buffer.write(said.read())
        sys.stdout.flush()
    return rest or code


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
