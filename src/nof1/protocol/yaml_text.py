"""YAML as the protocol uses it: one event stream, a grammar of our own for plain words, a place for everything.

YAML 1.2, because the natural names of two conditions are ``on`` and ``off``. What hides structure (anchors,
aliases, merge keys, tags) is refused.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
)

from nof1.errors import Problem, ProtocolError
from nof1.protocol.words import banned_character, plain_value, unseen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ruamel.yaml.events import Event

Path = tuple[str | int, ...]
"""Keys and places in lists, from 0, that lead to a value."""

MAX_BYTES = 256 * 1024
MAX_DEPTH = 20
MAX_VALUES = 5_000

_NO_CHARACTER = re.compile(r"\\U(?:00[2-9A-Fa-f]|001[1-9A-Fa-f]|0[1-9A-Fa-f]|[1-9A-Fa-f])")
_ADVICE = (
    ("'\\t'", "write spaces instead of the tab"),
    (
        "mapping values are not allowed",
        "put a text that contains ': ' in quotes, and look at the indentation",
    ),
    ("could not find expected ':'", "write `key: value`, with a space after the colon"),
    ("expected <block end>", "look at the indentation of this line and of those above"),
    ("expected ',' or", "close the bracket, and put a comma between two values"),
    ("unexpected end of stream", "close what was opened: a quote or a bracket"),
    ("cannot start any token", "put the text in quotes"),
)


@dataclass(frozen=True, slots=True)
class Place:
    """Line and column, counted from 1."""

    line: int
    column: int


class Unread(NamedTuple):
    """Something in the text that could not be taken as it stands.

    Attributes
    ----------
    path : Path
        What leads to it.
    place : Place
        Where it stands.
    message : str
        What was found, and what to write.
    is_lost : bool
        Whether the value is None now; a key that was written again keeps its first value.
    """

    path: Path
    place: Place
    message: str
    is_lost: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A text as plain values, with the place of each of them.

    Attributes
    ----------
    value : dict of str to object
        Mappings are dicts, lists are lists; in between None, bool, int, Decimal, str.
    keys, values : dict of Path to Place
        Where the key and where the value stands.
    collections : frozenset of Path
        The values that are mappings or lists.
    unread : tuple of Unread
        What could not be taken.
    """

    value: dict[str, object]
    keys: dict[Path, Place] = field(repr=False)
    values: dict[Path, Place] = field(repr=False)
    collections: frozenset[Path] = field(repr=False)
    unread: tuple[Unread, ...] = ()

    def place(self, path: Path, at: Literal["key", "value"] = "value") -> Place:
        """Find where something stands.

        Parameters
        ----------
        path : Path
            What leads to it; what does not exist stands where its parent does.
        at : {"key", "value"}
            A mapping or a list stands where its key does.

        Returns
        -------
        Place
            The key or the value.
        """
        if path in self.values:
            if path in self.keys and (at == "key" or path in self.collections):
                return self.keys[path]
            return self.values[path]
        return self.place(path[:-1], "key") if path else Place(1, 1)


def read_yaml(data: str | bytes, source: str) -> Document:
    """Read a text as plain values.

    Parameters
    ----------
    data : str or bytes
        The text; bytes are UTF-8.
    source : str
        Name of the document.

    Returns
    -------
    Document
        Values, places, and what could not be taken.

    Raises
    ------
    ProtocolError
        If this is not YAML, or YAML that a protocol does not use; one problem alone.
    """
    text = _text(data, source)
    builder = _Builder(source)
    try:
        for event in _events(text, source):
            builder.take(event)
    except (ValueError, OverflowError):  # there is no such character, and the parser does not say where
        found = _NO_CHARACTER.search(text)
        place = _place_after(text[: found.start()]) if found else Place(1, 1)
        raise _alone(
            source, "this is not YAML: an escape of no character; write the character itself", place
        ) from None
    return builder.document()


def _alone(source: str, message: str, place: Place | None = None) -> ProtocolError:
    place = place or Place(1, 1)
    return ProtocolError(source, [Problem(where="", message=message, line=place.line, column=place.column)])


def _text(data: str | bytes, source: str) -> str:
    """Decode, and refuse what a person cannot see."""
    raw = data if isinstance(data, bytes) else data.encode("utf-8", "surrogatepass")
    if len(raw) > MAX_BYTES:
        raise _alone(source, f"found {len(raw)} bytes, more than {MAX_BYTES}; a protocol is shorter")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = _place_after(raw[: error.start].decode("utf-8", "replace"))
        raise _alone(source, "this is not UTF-8; save the file with the encoding UTF-8", place) from None
    if banned := banned_character(text):
        place = _place_after(text[: banned.start()])
        raise _alone(source, unseen(banned[0]), place)
    return text


def _place_after(before: str) -> Place:
    lines = re.split(r"\r\n|\r|\n", before)
    return Place(len(lines), len(lines[-1]) + 1)


def _events(text: str, source: str) -> Iterator[Event]:
    try:
        yield from YAML(typ="safe", pure=True).parse(text)
    except MarkedYAMLError as error:
        problem = str(error.problem or error.context or "it cannot be read")
        advice = next(
            (advice for sign, advice in _ADVICE if sign in problem), "look at quotes and indentation"
        )
        mark = error.problem_mark or error.context_mark
        raise _alone(
            source, f"this is not YAML: {problem}; {advice}", mark and Place(mark.line + 1, mark.column + 1)
        ) from None
    except YAMLError as error:
        raise _alone(source, f"this is not YAML: {error}; look at quotes and indentation") from None


def _place(event: Event) -> Place:
    return Place(event.start_mark.line + 1, event.start_mark.column + 1)


@dataclass(slots=True)
class _Open:
    """A mapping or a list that is being read."""

    path: Path
    value: dict[str, object] | list[object]
    key: str | None = None  # that waits for its value
    is_duplicate: bool = False  # the value that follows is read, and dropped
    seen: dict[str, list[Place]] = field(default_factory=dict)


class _Builder:
    """Builds values from events, without recursion."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.keys: dict[Path, Place] = {}
        self.values: dict[Path, Place] = {}
        self.collections: set[Path] = set()
        self.unread: list[Unread] = []
        self.root: dict[str, object] | None = None
        self.stack: list[_Open] = []
        self.n_values = 0
        self.n_documents = 0

    def take(self, event: Event) -> None:
        """Take the next event."""
        if isinstance(event, NodeEvent):
            self._take_node(event)
        elif isinstance(event, CollectionEndEvent):
            self._close()
        elif isinstance(event, DocumentStartEvent):
            self.n_documents += 1
            if self.n_documents > 1:
                raise self._refused(event, "found a second document; write one protocol per file")
            if event.version or event.tags:
                raise self._refused(event, "found a directive (%); delete the line")

    def document(self) -> Document:
        """Return what was read."""
        if self.root is None:
            raise _alone(self.source, "found nothing; write a protocol, beginning with nof1: 1", Place(1, 1))
        return Document(
            value=self.root,
            keys=self.keys,
            values=self.values,
            collections=frozenset(self.collections),
            unread=tuple(self.unread),
        )

    def _refused(self, event: Event, message: str) -> ProtocolError:
        return _alone(self.source, message, _place(event))

    def _take_node(self, event: NodeEvent) -> None:
        self.n_values += 1
        if self.n_values > MAX_VALUES:
            raise self._refused(event, f"found more than {MAX_VALUES} values; a protocol has fewer")
        if isinstance(event, AliasEvent):
            raise self._refused(event, f"found the alias *{event.anchor}; write the value itself")
        if event.anchor is not None:
            raise self._refused(event, f"found the anchor &{event.anchor}; leave it out")
        if isinstance(event, ScalarEvent | CollectionStartEvent) and event.tag is not None:
            raise self._refused(event, f"found the tag {event.tag}; leave it out")
        inside = self.stack[-1] if self.stack else None
        if inside is not None and isinstance(inside.value, dict) and inside.key is None:
            self._take_key(inside, event)
        elif isinstance(event, ScalarEvent):
            self._take_scalar(inside, event)
        else:
            self._open(inside, event, {} if isinstance(event, MappingStartEvent) else [])

    def _take_key(self, inside: _Open, event: NodeEvent) -> None:
        if not isinstance(event, ScalarEvent):
            raise self._refused(event, "found a key that is a mapping or a list; write a word")
        key = unicodedata.normalize("NFC", event.value)
        if key == "<<":
            raise self._refused(event, "found a merge key (<<); write the keys themselves")
        if banned := banned_character(key):
            raise self._refused(event, unseen(banned[0]))
        place = _place(event)
        earlier = inside.seen.setdefault(key, [])
        earlier.append(place)
        inside.key = key
        inside.is_duplicate = len(earlier) > 1
        path = (*inside.path, key)
        if inside.is_duplicate:
            message = f"written again, after line {earlier[-2].line}; keep one of them"
            self.unread.append(Unread(path, place, message, is_lost=False))
        else:
            self.keys[path] = place

    def _take_scalar(self, inside: _Open | None, event: ScalarEvent) -> None:
        if inside is None:
            raise self._refused(event, "found a text; write a protocol, beginning with nof1: 1")
        path = self._path(inside)
        text = unicodedata.normalize("NFC", event.value)
        # Where nothing stands, the parser's place is that of the next word.
        place = _place(event) if text else self.keys.get(path, _place(event))
        value: object = None
        try:
            if banned := banned_character(text):
                raise ValueError(unseen(banned[0]))  # noqa: TRY301 - one place for both findings
            value = plain_value(text) if event.implicit[0] and event.style is None else text
        except ValueError as error:
            if not self._is_dropped():
                self.unread.append(Unread(path, place, str(error), is_lost=True))
        self._put(inside, path, place, value)

    def _open(self, inside: _Open | None, event: Event, value: dict[str, object] | list[object]) -> None:
        if len(self.stack) >= MAX_DEPTH:
            raise self._refused(event, f"found more than {MAX_DEPTH} levels; a protocol has fewer")
        path = () if inside is None else self._path(inside)
        if inside is not None:
            self._put(inside, path, _place(event), value, is_collection=True)
        elif isinstance(value, dict):
            self.root = value
        else:
            raise self._refused(event, "found a list; write a protocol, beginning with nof1: 1")
        self.stack.append(_Open(path, value))

    def _path(self, inside: _Open) -> Path:
        if isinstance(inside.value, dict):
            # A value that is dropped gets a path that nothing else has.
            return (*inside.path, f"{inside.key}\0" if inside.is_duplicate else str(inside.key))
        return (*inside.path, len(inside.value))

    def _is_dropped(self) -> bool:
        return any(level.is_duplicate for level in self.stack)

    def _put(
        self, inside: _Open, path: Path, place: Place, value: object, *, is_collection: bool = False
    ) -> None:
        if not self._is_dropped():
            self.values[path] = place
            if is_collection:
                self.collections.add(path)
        if isinstance(inside.value, list):
            inside.value.append(value)
        elif not inside.is_duplicate:
            inside.value[str(inside.key)] = value
        if not is_collection:
            inside.key, inside.is_duplicate = None, False

    def _close(self) -> None:
        self.stack.pop()
        if self.stack:
            self.stack[-1].key, self.stack[-1].is_duplicate = None, False
