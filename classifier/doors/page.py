"""A reader of the plain page, as a bot reads it: its form, its pictures, its code. Pure."""

from __future__ import annotations

from html.parser import HTMLParser


class Page(HTMLParser):
    """What is on the plain page.

    `hidden` are the hidden fields of its form, `grids` how many pictures each round has, `marks`
    all that the page says about each picture, and `code` the token, if there is one.
    """

    def __init__(self, html: str) -> None:
        """Read the page."""
        super().__init__()
        self.hidden: dict[str, str] = {}
        self.grids: list[int] = []
        self.marks: list[str] = []
        self.code = ""
        self._in_code = self._in_picture = False
        self.feed(html)
        self.code = self.code.strip()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note fields, and what belongs to a picture."""
        said = {name: value or "" for name, value in attrs}
        if tag == "input" and said.get("type") == "hidden":
            self.hidden[said.get("name", "")] = said.get("value", "")
        if tag == "ol":
            self.grids.append(0)
        if tag == "li" and self.grids:
            self.grids[-1] += 1
            self.marks.append("")
            self._in_picture = True
        if tag == "textarea":
            self._in_code = True
        if self._in_picture:
            self.marks[-1] += self.get_starttag_text() or ""

    def handle_endtag(self, tag: str) -> None:
        """Note where a picture or the code ends."""
        self._in_picture = self._in_picture and tag != "li"
        self._in_code = self._in_code and tag != "textarea"

    def handle_data(self, data: str) -> None:
        """Note the code, and words beside a picture."""
        if self._in_code:
            self.code += data
        if self._in_picture:
            self.marks[-1] += data
