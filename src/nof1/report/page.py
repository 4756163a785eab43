"""The last look at a finished page: nothing in it may run, and nothing may call out."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Final

from typing_extensions import override

from nof1.errors import Problem

_FORBIDDEN: Final = frozenset(
    {
        *("script", "iframe", "frame", "frameset", "object", "embed", "applet", "portal", "base", "link"),
        *("form", "input", "button", "textarea", "select", "audio", "video", "source", "track"),
        *("foreignobject", "animate", "animatetransform", "animatemotion", "set", "handler"),
    }
)
_ADDRESSES: Final = frozenset(
    {
        *("href", "src", "srcset", "data", "action", "formaction", "poster", "background", "cite", "ping"),
        *(
            "longdesc",
            "manifest",
            "profile",
            "usemap",
            "codebase",
            "classid",
            "archive",
            "imagesrcset",
            "srcdoc",
        ),
        *("xml:base", "lowsrc", "dynsrc"),
    }
)
_IMAGE: Final = re.compile(r"data:image/(png|jpeg|gif|webp|svg\+xml)[;,]", re.IGNORECASE)
_ESCAPE: Final = re.compile(r"\\([0-9a-fA-F]{1,6})\s?|\\(.)", re.DOTALL)
_COMMENT: Final = re.compile(r"/\*.*?\*/", re.DOTALL)
_URL: Final = re.compile(r"(?:url|src|image|image-set)\s*\(\s*[\"']?\s*([^\"')]*)", re.IGNORECASE)
_ACTIVE: Final = re.compile(r"@import|expression\s*\(|-moz-binding|behavior\s*:|javascript:", re.IGNORECASE)


def check_page(html: str) -> tuple[Problem, ...]:
    """Find everything in a page that could run, or that would reach for another place.

    Every text of a report is escaped where it is written; this is the second line, and it reads the
    page as a browser would, not as its author meant it.

    Parameters
    ----------
    html : str
        A whole page or a fragment.

    Returns
    -------
    tuple of Problem
        Empty for a page that is only text, style and pictures. Addresses inside the page (``#…``) and
        pictures inside the page (``data:image/…``) are no problem.

    Examples
    --------
    >>> check_page('<p>doi 10.2307/2533558</p>')
    ()
    >>> print(check_page('<p onclick="x()">')[0])
    1:0: <p onclick>: found a handler; a report must not run anything
    """
    reader = _Reader()
    reader.feed(f"{html}</style>")  # a style that is left open runs to the end, as in a browser
    reader.close()
    return tuple(reader.problems)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.problems: list[Problem] = []
        self._is_style = False

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        local = tag.rpartition(":")[2]
        if local in _FORBIDDEN:
            self._add(f"<{tag}>", "found an element that runs or loads something; a report must hold none")
        if local == "style":
            self._is_style = True
        for name, value in attrs:
            self._attribute(tag, name, value or "", attrs)

    @override
    def handle_endtag(self, tag: str) -> None:
        if tag == "style":
            self._is_style = False

    @override
    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self._is_style = False

    @override
    def handle_data(self, data: str) -> None:
        if self._is_style:
            self._css("<style>", data)

    def _attribute(self, tag: str, name: str, value: str, attrs: list[tuple[str, str | None]]) -> None:
        local = name.rpartition(":")[2]
        where = f"<{tag} {name}>"
        if local.startswith("on"):
            self._add(where, "found a handler; a report must not run anything")
        elif local == "style":
            self._css(where, value)
        elif local == "http-equiv":
            if value.strip().lower() != "content-security-policy":
                self._add(where, f"found {value!r}; a report must not send the reader anywhere")
        elif name in _ADDRESSES or local in {"href", "src"}:
            self._address(tag, where, value)
        elif "url(" in value.lower() or "javascript:" in _bare(value):
            is_text = (
                local in {"aria-label", "title", "alt", "content"} and dict(attrs).get("http-equiv") is None
            )
            if not is_text:
                self._css(where, value)

    def _address(self, tag: str, where: str, value: str) -> None:
        bare = _bare(value)
        if bare.startswith("#") or (tag == "img" and _IMAGE.match(bare)):
            return
        self._add(where, f"found the address {value[:80]!r}; a report must not reach outside itself")

    def _css(self, where: str, text: str) -> None:
        plain = _COMMENT.sub("", _ESCAPE.sub(_unescaped, text))
        if _ACTIVE.search(plain):
            self._add(where, "found style that runs or loads something; a report must hold none")
        for address in _URL.findall(plain):
            bare = _bare(address)
            if not (bare.startswith("#") or _IMAGE.match(bare)):
                self._add(
                    where, f"found the address {address[:80]!r}; a report must not reach outside itself"
                )

    def _add(self, where: str, message: str) -> None:
        line, column = self.getpos()
        self.problems.append(Problem(where=where, message=message, line=line, column=column))


def _bare(value: str) -> str:
    """Drop what browsers ignore inside an address: control characters and white space."""
    return "".join(sign for sign in value if sign > " " and sign != "\x7f").lower()


def _unescaped(match: re.Match[str]) -> str:
    if match[1] is None:
        return match[2]
    number = int(match[1], 16)
    return chr(number) if 0 < number < 0x110000 else ""
