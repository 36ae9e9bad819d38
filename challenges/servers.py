"""How servers redeem a token, in several languages: the texts of the snippets. Pure."""

from __future__ import annotations

from typing import Final

# The form of a token. A longer one could make a proxy answer in Pawcha's place.
FORM: Final = "[A-Za-z0-9._~-]{1,2048}"
_CLOSED: Final = "Pawcha cannot be reached: nobody passes until it is back."
_OPEN: Final = "Pawcha cannot be reached: let them through, as this site has chosen."
_CURL: Final = """\
# the token is in the form field {field}
curl {verify} -d secret=$PAWCHA_SECRET -d response=$TOKEN"""
_PYTHON: Final = '''\
import os
import re

import requests

WHEN_AWAY = {python}  # {otherwise}


def picked_the_cats(token: str) -> bool:
    """Return whether the visitor picked the cats. Each token works once."""
    if not re.fullmatch(r"{token}", token):
        return False
    sent = {{"secret": os.environ["PAWCHA_SECRET"], "response": token}}
    try:
        reply = requests.post("{verify}", data=sent, timeout=5)
    except (requests.ConnectionError, requests.Timeout):
        return WHEN_AWAY
    if reply.status_code >= 500:
        return WHEN_AWAY
    try:
        said = reply.json()
    except ValueError:  # some other server answered
        return False
    return isinstance(said, dict) and said.get("success") is True


# picked_the_cats(form["{field}"])'''
_NODE: Final = """\
// Node 18 or newer
const WHEN_AWAY = {word}; // {otherwise}

export async function pickedTheCats(token) {{
  if (typeof token !== "string" || !/^{token}$/.test(token)) return false;
  const sent = new URLSearchParams({{ secret: process.env.PAWCHA_SECRET, response: token }});
  const signal = AbortSignal.timeout(5000);
  let status, text;
  try {{
    const reply = await fetch("{verify}", {{ method: "POST", body: sent, signal }});
    status = reply.status;
    text = await reply.text();
  }} catch {{
    return WHEN_AWAY;
  }}
  if (status >= 500) return WHEN_AWAY;
  try {{
    return JSON.parse(text)?.success === true;
  }} catch {{
    return false; // some other server answered
  }}
}}

// await pickedTheCats(request.body["{field}"])"""
_PHP: Final = """\
const WHEN_AWAY = {word}; // {otherwise}

function picked_the_cats($token): bool {{
    if (!is_string($token) || !preg_match("/^{token}$/D", $token)) return false;
    $sent = http_build_query(["secret" => getenv("PAWCHA_SECRET"), "response" => $token]);
    $how = ["http" => ["method" => "POST", "content" => $sent, "timeout" => 5,
        "ignore_errors" => true, "follow_location" => 0,
        "header" => "Content-Type: application/x-www-form-urlencoded"]];
    $reply = @fopen("{verify}", "r", false, stream_context_create($how));
    if ($reply === false) return WHEN_AWAY;
    $text = stream_get_contents($reply);
    $about = stream_get_meta_data($reply);
    $status = (int) (explode(" ", $about["wrapper_data"][0])[1] ?? 0);
    if ($about["timed_out"] || $status >= 500) return WHEN_AWAY;
    $said = json_decode($text, true);
    return is_array($said) && ($said["success"] ?? false) === true;
}}

// picked_the_cats($_POST["{field}"] ?? "")"""

DJANGO_SETTINGS: Final = """\
# settings.py; pip install --no-deps /path/to/pawcha, and httpx
PAWCHA_URL = "{url}"
PAWCHA_SITEKEY = "{sitekey}"
PAWCHA_SECRET = os.environ["PAWCHA_SECRET"]"""
_DJANGO_FORM: Final = """\
# forms.py
from django import forms
from challenges.integration.forms import PawchaField


class SignUp(forms.Form):
    email = forms.EmailField()
    cats = PawchaField({options})  # last: a mistake above it then costs no token"""
DJANGO_VIEW: Final = """\
# views.py
def sign_up(request):
    form = SignUp(request.POST or None)
    if form.is_valid():  # redeems the token
        return redirect("welcome")
    return render(request, "sign_up.html", {"form": form})"""
DJANGO_PAGE: Final = """\
<!-- sign_up.html -->
<form method="post">
  {% csrf_token %}
  {{ form }}
  <button>Send</button>
</form>"""

HCAPTCHA: Final = """\
# settings.py, for django-hCaptcha
HCAPTCHA_JS_API_URL = "{url}/1/api.js"
HCAPTCHA_VERIFY_URL = "{url}/siteverify"
HCAPTCHA_SITEKEY = "{sitekey}"
HCAPTCHA_SECRET = os.environ["PAWCHA_SECRET"]"""
RECAPTCHA: Final = """\
# settings.py, for django-recaptcha. It speaks https only.
RECAPTCHA_DOMAIN = "{domain}"
RECAPTCHA_PUBLIC_KEY = "{sitekey}"
RECAPTCHA_PRIVATE_KEY = os.environ["PAWCHA_SECRET"]"""
TURNSTILE: Final = """\
# settings.py, for django-turnstile
TURNSTILE_JS_API_URL = "{url}/turnstile/v0/api.js"
TURNSTILE_VERIFY_URL = "{url}/turnstile/v0/siteverify"
TURNSTILE_SITEKEY = "{sitekey}"
TURNSTILE_SECRET = os.environ["PAWCHA_SECRET"]"""


def redeeming(verify: str, field: str, *, fail_open: bool) -> dict[str, str]:
    """Return the code by language: it asks `verify` about the token in the form's `field`."""
    filled = {
        "verify": verify,
        "field": field,
        "token": FORM,
        "otherwise": _OPEN if fail_open else _CLOSED,
        "word": "true" if fail_open else "false",
        "python": str(fail_open),
    }
    codes = {"curl": _CURL, "Python": _PYTHON, "Node": _NODE, "PHP": _PHP}
    return {name: code.format(**filled) for name, code in codes.items()}


def django_form(*, fail_open: bool) -> str:
    """Return the form of a Django site."""
    return _DJANGO_FORM.format(options="fail_open=True" if fail_open else "")
