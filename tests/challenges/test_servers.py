"""The code that owners copy into their servers, run: only an outage lets anybody through."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import pytest

from challenges.servers import redeeming

# What is answered on which path: a status and a body.
SAID: Final[dict[str, tuple[int, str]]] = {
    "success": (200, '{"success": true}'),
    "refusal": (200, '{"success": false, "error-codes": ["timeout-or-duplicate"]}'),
    "too many": (429, '{"success": false}'),
    "proxy": (413, "<html>413 Request Entity Too Large</html>"),
    "page": (200, "<html>Welcome to nginx!</html>"),
    "list": (200, '[{"success": true}]'),
    "text": (200, '{"success": "true"}'),
    "away": (503, '{"success": false}'),
    "broken": (500, "<html>500</html>"),
}
PASSES: Final = {"success"}
OUTAGES: Final = {"away", "broken", "slow", "closed"}
CASES: Final = [*SAID, "slow", "closed"]
# How long each snippet waits, and how long it waits here where waiting is all there is.
PATIENCE: Final = {
    "Python": ("timeout=5)", "timeout=0.3)"),
    "Node": ("timeout(5000)", "timeout(300)"),
    "PHP": ('"timeout" => 5,', '"timeout" => 0.3,'),
}
# A proxy refuses the first; the others are no tokens either.
ODD: Final = ["a" * 1_200_000, "a" * 2049, "", "a\n", "a b", "a&secret=x", "<script>"]


class Service(ThreadingHTTPServer):
    """Answers by the path that is asked for."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.enough = threading.Event()
        self.asked = 0
        with socket.create_server(("127.0.0.1", 0)) as gone:
            self.nobody = gone.getsockname()[1]

    def address(self, case: str) -> str:
        """Return where this case is played."""
        port = self.nobody if case == "closed" else self.server_address[1]
        return f"http://127.0.0.1:{port}/{case.replace(' ', '-')}"


class _Handler(BaseHTTPRequestHandler):
    server: Service

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        self.server.asked += 1
        self.rfile.read(int(self.headers["Content-Length"]))
        case = self.path[1:].replace("-", " ")
        if case == "slow":
            self.server.enough.wait(10)
            return
        status, body = SAID[case]
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """Return something that answers as Pawcha, as a proxy, or not at all."""
    monkeypatch.setenv("PAWCHA_SECRET", "s")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with Service() as served:
        thread = threading.Thread(target=served.serve_forever)
        thread.start()
        try:
            yield served
        finally:
            served.enough.set()
            served.shutdown()
            thread.join()


def code(language: str, address: str, *, fail_open: bool) -> str:
    """Return the snippet; with less patience than its owner has where nobody will answer."""
    text = redeeming(address, "pawcha-response", fail_open=fail_open)[language]
    was, hasty = PATIENCE[language]
    assert was in text
    return text.replace(was, hasty) if address.endswith("/slow") else text


def expected(*, fail_open: bool) -> dict[str, bool]:
    """Return who passes: with an outage, only where the owner wants it so."""
    return {case: case in PASSES or (fail_open and case in OUTAGES) for case in CASES}


def python(address: str, token: str, *, fail_open: bool) -> bool:
    """Do what the snippet for Python says."""
    names: dict[str, Any] = {}
    exec(code("Python", address, fail_open=fail_open), names)  # noqa: S102 (owners copy it)
    return bool(names["picked_the_cats"](token))


@pytest.mark.parametrize("fail_open", [True, False])
def test_python_passes_nobody_but_for_a_yes_or_an_outage(
    service: Service, *, fail_open: bool
) -> None:
    found = {case: python(service.address(case), "abc", fail_open=fail_open) for case in CASES}
    assert found == expected(fail_open=fail_open)


def test_python_asks_nothing_about_what_is_no_token(service: Service) -> None:
    assert not any(python(service.address("success"), token, fail_open=True) for token in ODD)
    assert service.asked == 0


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed")
@pytest.mark.parametrize("fail_open", [True, False])
def test_node_passes_nobody_but_for_a_yes_or_an_outage(
    service: Service, tmp_path: Path, *, fail_open: bool
) -> None:
    found = node(service, tmp_path, CASES, ["abc"], fail_open=fail_open)
    wanted = expected(fail_open=fail_open)
    assert found == {case: [wanted[case]] for case in CASES}


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed")
def test_node_asks_nothing_about_what_is_no_token(service: Service, tmp_path: Path) -> None:
    odd = [*ODD, None, ["abc"], {"abc": "abc"}]
    found = node(service, tmp_path, ["success"], odd, fail_open=True)
    assert found == {"success": [False] * len(odd)}
    assert service.asked == 0


def node(
    service: Service, place: Path, cases: list[str], tokens: list[Any], *, fail_open: bool
) -> dict[str, list[bool]]:
    """Do what the snippet for Node says, in each case with each token."""
    for number, case in enumerate(cases):
        text = code("Node", service.address(case), fail_open=fail_open)
        (place / f"{number}.mjs").write_text(text)
    (place / "tokens.json").write_text(json.dumps(tokens))
    (place / "all.mjs").write_text(
        'import { readFileSync } from "node:fs";\n'
        'const tokens = JSON.parse(readFileSync(new URL("tokens.json", import.meta.url)));\n'
        f"const numbers = [...Array({len(cases)}).keys()];\n"
        "const found = await Promise.all(numbers.map(async (number) => {\n"
        "  const { pickedTheCats } = await import(`./${number}.mjs`);\n"
        "  return Promise.all(tokens.map((token) => pickedTheCats(token)));\n"
        "}));\n"
        "console.log(JSON.stringify(found));\n"
        "process.exit();\n"
    )
    run = ["node", str(place / "all.mjs")]
    done = subprocess.run(run, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    return dict(zip(cases, json.loads(done.stdout), strict=True))


@pytest.mark.skipif(shutil.which("php") is None, reason="PHP is not installed")
@pytest.mark.parametrize("fail_open", [True, False])
def test_php_passes_nobody_but_for_a_yes_or_an_outage(
    service: Service, tmp_path: Path, *, fail_open: bool
) -> None:
    found = {}
    for case in CASES:
        text = code("PHP", service.address(case), fail_open=fail_open)
        file = tmp_path / f"{case}.php"
        file.write_text(f"<?php\n{text}\necho json_encode(picked_the_cats('abc'));\n")
        run = ["php", str(file)]
        done = subprocess.run(run, capture_output=True, text=True, timeout=30, check=True)
        found[case] = json.loads(done.stdout)
    assert found == expected(fail_open=fail_open)
