"""How servers redeem a token, in several languages: the texts of the snippets. Pure."""

from __future__ import annotations

from typing import Final

_CLOSED: Final = "Pawcha cannot be reached: nobody passes until it is back."
_OPEN: Final = "Pawcha cannot be reached: let them through, as this site has chosen."
_CURL: Final = """\
# the token is in the form field {field}
curl {verify} -d secret=$PAWCHA_SECRET -d response=$TOKEN"""
_PYTHON: Final = '''\
import os

import requests


def picked_the_cats(token: str) -> bool:
    """Return whether the visitor picked the cats. Each token works once."""
    if not token:
        return False
    sent = {{"secret": os.environ["PAWCHA_SECRET"], "response": token}}
    try:
        reply = requests.post("{verify}", data=sent, timeout=5)
        if reply.status_code < 500:
            return reply.json().get("success") is True
    except requests.RequestException:
        pass
    return {python}  # {otherwise}


# picked_the_cats(form["{field}"])'''
_NODE: Final = """\
// Node 18 or newer
export async function pickedTheCats(token) {{
  if (!token) return false;
  const sent = new URLSearchParams({{ secret: process.env.PAWCHA_SECRET, response: token }});
  const signal = AbortSignal.timeout(5000);
  try {{
    const reply = await fetch("{verify}", {{ method: "POST", body: sent, signal }});
    if (reply.status < 500) return (await reply.json()).success === true;
  }} catch {{}}
  return {word}; // {otherwise}
}}

// await pickedTheCats(request.body["{field}"])"""
_PHP: Final = """\
function picked_the_cats(string $token): bool {{
    if ($token === "") return false;
    $sent = http_build_query(["secret" => getenv("PAWCHA_SECRET"), "response" => $token]);
    $how = ["http" => ["method" => "POST", "content" => $sent, "timeout" => 5,
        "ignore_errors" => true, "header" => "Content-Type: application/x-www-form-urlencoded"]];
    $reply = @file_get_contents("{verify}", false, stream_context_create($how));
    $said = $reply === false ? null : json_decode($reply, true);
    if (is_array($said)) return ($said["success"] ?? false) === true;
    return {word}; // {otherwise}
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
        "otherwise": _OPEN if fail_open else _CLOSED,
        "word": "true" if fail_open else "false",
        "python": str(fail_open),
    }
    codes = {"curl": _CURL, "Python": _PYTHON, "Node": _NODE, "PHP": _PHP}
    return {name: code.format(**filled) for name, code in codes.items()}


def django_form(*, fail_open: bool) -> str:
    """Return the form of a Django site."""
    return _DJANGO_FORM.format(options="fail_open=True" if fail_open else "")
