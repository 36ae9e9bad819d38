"""A reader of the plain page that knows HTML and nothing else, as a text browser does."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode


@dataclass
class PlainPage(HTMLParser):
    """What is on a page: its one form, links, pictures, code and text."""

    html: str
    action: str = ""
    hidden: dict[str, str] = field(default_factory=dict)
    boxes: list[str] = field(default_factory=list)
    ticked: list[str] = field(default_factory=list)
    buttons: list[str] = field(default_factory=list)
    pictures: list[tuple[str, str]] = field(default_factory=list)
    links: dict[str, str] = field(default_factory=dict)
    code: str = ""
    language: tuple[str, str] = ("", "")
    text: str = ""
    _inside: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.html)
        self.text = " ".join(self.text.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said: dict[str, Any] = dict(attrs)
        self._inside.append((tag, said.get("href", "")))
        match tag:
            case "html":
                self.language = (said["lang"], said.get("dir", ""))
            case "form":
                self.action = said["action"]
            case "input" if said["type"] == "hidden":
                self.hidden[said["name"]] = said["value"]
            case "input":
                self.boxes.append(said["value"])
                self.ticked += [said["value"]] if "checked" in said else []
            case "button":
                self.buttons.append(said.get("name", ""))
            case "img":
                self.pictures.append((said["src"], said["alt"]))

    def handle_endtag(self, tag: str) -> None:
        while self._inside and self._inside.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        tag, href = next(
            (one for one in reversed(self._inside) if one[0] in {"a", "textarea", "style"}),
            ("", ""),
        )
        if tag == "a":
            self.links[href] = self.links.get(href, "") + data.strip()
        if tag == "textarea":
            self.code += data
        self.text += " " + data

    def filled_in(self, places: list[int], **more: str) -> str:
        """Return the body of the form with these boxes ticked."""
        pairs = [*self.hidden.items(), *(("pick", self.boxes[place]) for place in places)]
        return urlencode([*pairs, *more.items()])
