"""What to write into one's own pages and server, for each way to speak with Pawcha. Pure.

No snippet holds a secret: servers read it from the environment variable PAWCHA_SECRET.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from challenges import servers
from challenges.hosts import is_loopback


@dataclass(frozen=True, slots=True)
class Server:
    """How a server redeems a token: in which language, or with which library.

    The `brief` ones suffice where there is little room.
    """

    name: str
    code: str
    brief: bool = False


@dataclass(frozen=True, slots=True)
class Snippet:
    """A way to embed Pawcha. `note` says which client it is for; `servers` redeem the token."""

    key: str
    name: str
    note: str
    page: str
    servers: tuple[Server, ...]

    @property
    def server(self) -> str:
        """Return the shortest way to redeem a token."""
        return "\n\n".join(one.code for one in self.servers if one.brief)


@dataclass(frozen=True, slots=True)
class Hint:
    """Something to know about this site's hosts; `urgent` where it will not work as it is."""

    text: str
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class _Dialect:
    key: str
    name: str
    note: str
    page: str
    field: str
    verify: str
    # Lines for settings.py, of the Django library that is made for this one.
    library: str = ""


_TAG: Final = """\
<script src="{url}/%s" async></script>
<div class="%s" data-sitekey="{sitekey}"></div>"""
_ELEMENT: Final = """\
<script src="{url}/pawcha/api.js" async></script>
<pawcha-widget sitekey="{sitekey}"></pawcha-widget>"""
_INVISIBLE: Final = """\
<form id="sign-up" method="post">
  <div class="g-recaptcha" data-sitekey="{sitekey}" data-size="invisible"
       data-callback="sendIt"></div>
  <button>Send</button>
</form>
<script src="{url}/recaptcha/api.js" async></script>
<script>
  const form = document.getElementById("sign-up");
  const sendIt = () => form.submit();
  form.addEventListener("submit", (event) => {{
    event.preventDefault();
    grecaptcha.execute();
  }});
</script>"""
_V3: Final = """\
<form id="sign-up" method="post">
  <input type="hidden" name="g-recaptcha-response">
  <button>Send</button>
</form>
<script src="{url}/recaptcha/api.js?render={sitekey}"></script>
<script>
  const form = document.getElementById("sign-up");
  form.addEventListener("submit", (event) => {{
    event.preventDefault();
    grecaptcha.ready(async () => {{
      const token = await grecaptcha.execute("{sitekey}", {{ action: "signup" }});
      form.elements["g-recaptcha-response"].value = token;
      form.submit();
    }});
  }});
</script>"""
_INLINE: Final = (
    " Where a Content-Security-Policy forbids code in the page, put the second script into a file."
)
_OURS: Final = ("pawcha-response", "siteverify")
_GOOGLES: Final = ("g-recaptcha-response", "recaptcha/api/siteverify")
_DIALECTS: Final = (
    _Dialect(
        "pawcha",
        "Pawcha",
        "Our own widget: put both lines inside your form.",
        _TAG % ("pawcha/api.js", "pawcha"),
        *_OURS,
    ),
    _Dialect(
        "element",
        "<pawcha-widget>",
        "Our own widget as an element, for pages that are built of components.",
        _ELEMENT,
        *_OURS,
    ),
    _Dialect(
        "hcaptcha",
        "hCaptcha",
        "For a page or a client made for hCaptcha.",
        _TAG % ("1/api.js", "h-captcha"),
        "h-captcha-response",
        "siteverify",
        servers.HCAPTCHA,
    ),
    _Dialect(
        "recaptcha",
        "reCAPTCHA v2",
        "For a page or a client made for reCAPTCHA's check box.",
        _TAG % ("recaptcha/api.js", "g-recaptcha"),
        *_GOOGLES,
        servers.RECAPTCHA,
    ),
    _Dialect(
        "invisible",
        "reCAPTCHA invisible",
        "For a page made for reCAPTCHA v2 invisible: the photos come when the form is sent."
        + _INLINE,
        _INVISIBLE,
        *_GOOGLES,
        servers.RECAPTCHA,
    ),
    _Dialect(
        "v3",
        "reCAPTCHA v3",
        "For a page made for reCAPTCHA v3. Everybody sees the photos, and the score is always 1.0: "
        "Pawcha knows yes and no." + _INLINE,
        _V3,
        *_GOOGLES,
        servers.RECAPTCHA,
    ),
    _Dialect(
        "turnstile",
        "Turnstile",
        "For a page or a client made for Turnstile.",
        _TAG % ("turnstile/v0/api.js", "cf-turnstile"),
        "cf-turnstile-response",
        "turnstile/v0/siteverify",
        servers.TURNSTILE,
    ),
)


def snippets(url: str, sitekey: str, *, fail_open: bool = False) -> list[Snippet]:
    """Return all ways, for the Pawcha at `url` and this site key.

    With `fail_open` the servers let visitors through while Pawcha cannot be reached.
    """
    django = Snippet(
        "django",
        "Django",
        "A form field that shows the widget and redeems the token.",
        servers.DJANGO_PAGE,
        (
            Server(
                "settings.py", servers.DJANGO_SETTINGS.format(url=url, sitekey=sitekey), brief=True
            ),
            Server("forms.py", servers.django_form(fail_open=fail_open), brief=True),
            Server("views.py", servers.DJANGO_VIEW),
        ),
    )
    return [*(_of(one, url, sitekey, fail_open=fail_open) for one in _DIALECTS), django]


def _of(dialect: _Dialect, url: str, sitekey: str, *, fail_open: bool) -> Snippet:
    filled = {"url": url, "sitekey": sitekey, "domain": urlsplit(url).netloc}
    codes = servers.redeeming(f"{url}/{dialect.verify}", dialect.field, fail_open=fail_open)
    ways = [Server(name, code, brief=name == "curl") for name, code in codes.items()]
    if dialect.library:
        ways.append(Server("Django library", dialect.library.format(**filled)))
    page = dialect.page.format(**filled)
    return Snippet(dialect.key, dialect.name, dialect.note, page, tuple(ways))


def policy_header(url: str) -> str:
    """Return the Content-Security-Policy that a page with the widget needs."""
    return f"Content-Security-Policy: script-src 'self' {url}; frame-src {url}"


def hints(url: str, hosts: list[str]) -> list[Hint]:
    """Return what the owner of these hosts should know, for the Pawcha at `url`."""
    local = [host for host in hosts if is_loopback(host)]
    public = [host for host in hosts if not is_loopback(host)]
    return [*_of_address(url, public), *_of_hosts(local, public)]


def _of_address(url: str, public: list[str]) -> list[Hint]:
    parts = urlsplit(url)
    if parts.scheme == "https" or not (public or not is_loopback(parts.netloc)):
        return []
    if is_loopback(parts.netloc):
        text = (
            f"Pawcha's own address is {url}, which only this machine can reach. Before visitors of "
            f"{public[0]} come, set PUBLIC_URL to an https address that they can reach."
        )
    else:
        text = (
            f"Production needs https: Pawcha's own address is {url}, and browsers show no plain "
            "http frame in an https page. Set PUBLIC_URL to its https address."
        )
    return [Hint(text, urgent=True)]


def _of_hosts(local: list[str], public: list[str]) -> list[Hint]:
    found = []
    if local:
        found.append(
            Hint(
                f"{' and '.join(local)}: this very machine, so plain http is fine. Open your page "
                "by exactly this name: to a browser localhost and 127.0.0.1 are two hosts."
            )
        )
    if public:
        found.append(Hint(f"{', '.join(public)}: the pages have to be served over https."))
    stars = [host for host in public if host.startswith("*.")]
    if stars:
        parent = stars[0].removeprefix("*.")
        found.append(
            Hint(f"{stars[0]} stands for www.{parent}, but neither for {parent} nor a.b.{parent}.")
        )
    return found
