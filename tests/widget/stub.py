"""A host page around a frame that does what the test says: for tests of api.js alone."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Frame, Page

from tests.widget.fake_service import SITEKEY, TOKEN, FakeService

__all__ = ["HTML", "SITEKEY", "TOKEN", "Host", "show"]

HTML = "text/html; charset=utf-8"
# It answers the hello like the real frame, and then only repeats what the test says.
FRAME = """<!doctype html><html><meta name="color-scheme" content="light"><title>Stub</title>
<body><button>inside</button><script>
  const hellos = [], heard = [];
  var port = null;
  const say = (message) => port.postMessage(message);
  addEventListener("message", ({data, origin, ports}) => {
    if (data?.type !== "pawcha:hello") return;
    hellos.push({...data, origin});
    port = ports[0];
    port.onmessage = (event) => heard.push(event.data);
    say({type: "ready", title: "Pick all the cats"});
  });
</script>
"""
# Every callback and event that the page hears, in order, as [name, ...values].
NOTES = """<script>
  const heard = [];
  const note = (name, answer) => (...values) => { heard.push([name, ...values]); return answer };
  for (const name of ["solved", "expired", "chalexpired", "failed", "opened", "left", "before",
    "after", "timeout", "unsupported", "loaded"]) window[name] = note(name);
  for (const name of ["statechange", "token", "expired", "error", "open", "close"])
    addEventListener(`pawcha:${name}`, ({detail, target}) => heard.push([name, detail, target.id]));
</script>
"""


class Host:
    """What a test can do with a host page and the frames in it."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def ask(self, expression: str) -> Any:
        """Return what an expression is worth in the host page."""
        return self.page.evaluate(expression)

    def frame(self, number: int = 0) -> Frame:
        """Return the frame, once it was greeted."""
        element = self.page.locator("iframe").nth(number).element_handle()
        frame = element.content_frame()
        assert frame is not None
        frame.wait_for_function("window.port")
        return frame

    def hello(self, number: int = 0) -> dict[str, Any]:
        """Return the last hello that a frame got."""
        words: dict[str, Any] = self.frame(number).evaluate("hellos.at(-1)")
        return words

    def say(self, kind: str, number: int = 0, **words: Any) -> None:
        """Let a frame say something, and wait until the page has heard it."""
        self.frame(number).evaluate("words => say(words)", {"type": kind, **words})
        self.page.wait_for_timeout(60)

    def state(self, state: str, **words: Any) -> None:
        """Let the first frame say that it is in another state."""
        self.say("state", state=state, **words)

    def solve(self, number: int = 0, token: str = TOKEN) -> None:
        """Let a frame hand over a token, and go back into the page if it was lifted."""
        self.say("state", number, state="solved", token=token)
        self.say("cover", number, on=False)

    def wait_for(self, kind: str, number: int = 0) -> None:
        """Wait until a frame was told something."""
        self.frame(number).wait_for_function(
            "kind => heard.some(({type}) => type === kind)", arg=kind
        )

    def told(self, number: int = 0) -> list[str]:
        """Return the kinds of messages that a frame got, in order."""
        self.page.wait_for_timeout(60)
        kinds: list[str] = self.frame(number).evaluate("heard.map(({type}) => type)")
        return kinds

    def heard(self, name: str) -> list[Any]:
        """Return what the page heard under a name, in order."""
        return [words[1:] for words in self.ask("heard") if words[0] == name]

    def field(self, name: str) -> str:
        """Return what the page's form would send under a name."""
        value: str = self.ask(f"new FormData(document.forms[0]).get('{name}')")
        return value


def show(page: Page, service: FakeService, body: str, script: str = "/pawcha/api.js") -> Host:
    """Open a host page with the script at its end, or where it says {script}."""
    page.route("**/pawcha/frame*", lambda route: route.fulfill(body=FRAME, content_type=HTML))
    tag = f'<script src="{{origin}}{script}"></script>'
    body = body if "{script}" in body else body + "{script}"
    page.goto(service.page(NOTES + body.replace("{script}", tag)))
    return Host(page)
