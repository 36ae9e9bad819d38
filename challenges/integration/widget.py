"""The widget's HTML: a script tag, an element that the script fills, a way without JavaScript."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal
from urllib.parse import urlencode

from django.forms import Media, Script, Widget
from django.forms.utils import flatatt
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from challenges.integration.conf import Service
from challenges.integration.guard import FIELD

# Where the script tag goes: beside the widget, into {{ form.media }}, or nowhere.
Place = Literal["here", "media", "nowhere"]

PASTE: Final = _("Paste the code here")
FALLBACK_TITLE: Final = _("Pick the cats")
# Attributes, not styles: a strict Content-Security-Policy allows no style in the page. The referrer
# tells Pawcha which host asks; Django's default policy would keep it back.
_NOSCRIPT: Final = (
    '<noscript><iframe src="{address}" title="{title}" width="320" height="620"'
    ' referrerpolicy="origin"></iframe>'
    '<div><label>{paste} <textarea name="{field}" rows="3" cols="40" autocomplete="off"'
    ' spellcheck="false"></textarea></label></div></noscript>'
)


class PawchaWidget(Widget):
    """Shows the check. `options` become data- attributes: mode, theme, size, lang, action, ...

    `nonce`: the request's Content-Security-Policy nonce, as text or something lazy.
    """

    def __init__(
        self,
        attrs: Mapping[str, Any] | None = None,
        *,
        service: Service | None = None,
        options: Mapping[str, str] | None = None,
        script: Place = "here",
        noscript: bool = True,
        nonce: object = "",
    ) -> None:
        super().__init__(dict(attrs or {}))
        self.service = service or Service()
        self.options = {name: value for name, value in (options or {}).items() if value}
        self.script: Place = script
        self.noscript = noscript
        self.nonce = nonce

    @property
    def media(self) -> Media:
        """The script, where it was asked to be here."""
        # Media takes objects with __html__; its type does not say so.
        return Media(js=[self._script()] if self.script == "media" else [])  # type: ignore[list-item]

    def render(
        self, name: str, value: Any, attrs: Mapping[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        """Return the HTML. It needs no template, hence no app in INSTALLED_APPS."""
        told = {**self.attrs, **(attrs or {})}
        # Django's word for a wrong input; a div without a role cannot be one.
        told.pop("aria-invalid", None)
        classes = f"pawcha {told.pop('class', '')}".strip()
        data = {f"data-{option}": text for option, text in self.options.items()}
        element = {"class": classes, "data-sitekey": self.service.sitekey, **data, **told}
        script = self._script() if self.script == "here" else ""
        plain = self._without_script() if self.noscript else ""
        return format_html("{}<div{}></div>{}", script, flatatt(element), plain)

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        """Return the token: the script's field has its own name, whatever the form's is."""
        return data.get(FIELD)

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        """Return whether there is no token."""
        return FIELD not in data

    def id_for_label(self, id_: str | None) -> str:
        """Return nothing: a label cannot point into a frame."""
        return ""

    def use_required_attribute(self, initial: Any) -> bool:
        """Return no: a div cannot be required."""
        return False

    def _script(self) -> Script:
        nonce = str(self.nonce or "")
        attributes = {"async": True, **({"nonce": nonce} if nonce else {})}
        return Script(f"{self.service.url}/pawcha/api.js", **attributes)

    def _without_script(self) -> SafeString:
        query = {"k": self.service.sitekey, "hl": self.options.get("lang", "")}
        said = urlencode({name: value for name, value in query.items() if value})
        address = f"{self.service.url}/fallback?{said}"
        return format_html(
            _NOSCRIPT, address=address, title=FALLBACK_TITLE, paste=PASTE, field=FIELD
        )
