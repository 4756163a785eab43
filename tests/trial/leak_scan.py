"""Looks on the participant's side for what only the preparer may know: by bytes, whatever the form of a file.

Allowed is the text of the protocol, which names the conditions, and a guess, which names them beside no kit.
"""

from __future__ import annotations

import base64
import binascii
import csv
import gzip
import io
import itertools
import json
import re
import sqlite3
import zipfile
import zlib
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pypdf
import zxingcpp
from PIL import Image

from ..report.sheets.printed import pictures_of  # noqa: TID252 - tests have no absolute names

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PAGE = 4096
OVERLAP = 256
"""Longer than a secret in any writing, so that none is cut in two by the end of a page."""
NEAR = 48
"""A code and a condition within so many bytes of one page stand beside each other."""
SHORT = 2000
"""Letters of a JSON document that is one record. A report has thousands, and names conditions and kits far apart."""
_HEX = re.compile(rb"(?:[0-9a-fA-F]{2}){8,}")
_SQLITE = b"SQLite format 3\0"
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{16,}={0,2}")


@dataclass(frozen=True)
class Known:
    """What the preparer knows.

    Attributes
    ----------
    secret : bytes
        32 bytes; None where it is public.
    kits : dict of str to tuple of (str, str)
        Code to condition and card key.
    names : tuple of str
        Codes and names of all conditions.
    protocol : tuple of str
        Texts that may name conditions: the file and its canonical form.
    slips : str
        Pattern of the names of files in which card keys may stand, without codes: printed slips.
    """

    secret: bytes | None
    kits: dict[str, tuple[str, str]]
    names: tuple[str, ...]
    protocol: tuple[str, ...]
    slips: str = ""

    @classmethod
    def of(cls, kits: Path, protocol: tuple[str, ...], names: tuple[str, ...]) -> Known:
        """Read what `kit draw` wrote for the preparer."""
        secret = bytes.fromhex("".join((kits / "preparer-only" / "secret.txt").read_text().split()))
        with (kits / "preparer-only" / "packing-list.csv").open(newline="") as file:
            rows = {row["kit"]: (row["condition"], row["card_key"]) for row in csv.DictReader(file)}
        return cls(secret=secret, kits=rows, names=names, protocol=protocol)


def find_leaks(root: Path, known: Known) -> list[str]:
    """Return a line for every place below a folder that tells what it must not."""
    return Watch([root], known).look()


def leaks_in(text: str, known: Known, source: str = "terminal") -> list[str]:
    """Return a line for everything that a text tells: what a terminal shows, a log, the words of a process."""
    return [f"{source}: {what}" for what in _in_bytes(text.encode("utf-8", "surrogateescape"), known)]


class Watch:
    """Looks again and again, and reads only what changed since the last look, by content and not by its time.

    A file that changed is read as a whole; of a database only the pages that are new, with the ends of their neighbours.
    """

    def __init__(self, roots: list[Path], known: Known) -> None:
        self._roots, self._known = roots, known
        self._told: dict[Path, tuple[bytes, list[str]]] = {}
        self._pages: set[bytes] = set()

    def look(self) -> list[str]:
        """Return a line for every place that tells."""
        found = []
        for root in self._roots:
            for path in sorted(root.rglob("*")):
                name = str(path.relative_to(root))
                found += [f"{name}: its name holds {what}" for what in _in_text(path.name, self._known)]
                if path.is_file():
                    found += [f"{name}: {what}" for what in self._file(path)]
            found += _order_of_files(root, self._known)
        return found

    def _file(self, path: Path) -> list[str]:
        data = path.read_bytes()
        before, told = self._told.get(path, (None, []))
        if before != data:
            known = self._known
            if known.slips and re.fullmatch(known.slips, path.name):
                never = "a blank never stands in what is read"
                known = replace(
                    known, secret=None, kits={code: (of, never) for code, (of, _) in known.kits.items()}
                )
            told = [*self._content(path, data, known), *_order_in(data, self._known)]
            if data.startswith(_SQLITE):
                told += _row_order(path, self._known)
            if not told:  # pages of a file that tells are read anew every time
                self._pages.update(_pages(data) if data.startswith(_SQLITE) else ())
            self._told[path] = data, told
        return told

    def _content(self, path: Path, data: bytes, known: Known) -> Iterator[str]:
        if not data.startswith(_SQLITE):
            yield from _in_bytes(data, known, is_text=path.suffix != ".nof1" and b"\0" not in data)
            return
        yield from _in_rows(path, known)
        yield from (f"{what}, {form}" for form, content in _packed(data) for what in _told(content, known))
        for page in _pages(data):
            if page not in self._pages:
                yield from (
                    f"{what}, on a page of the database" for what in _in_forms(page, known, is_text=False)
                )


def _pages(data: bytes) -> Iterator[bytes]:
    """Cut a database into its pages, each with the ends of its neighbours."""
    for place in range(0, len(data), PAGE):
        yield data[max(0, place - OVERLAP) : place + PAGE + OVERLAP]


def _in_bytes(data: bytes, known: Known, *, is_text: bool = True) -> Iterator[str]:
    if data.startswith(b"%PDF"):
        yield from _in_pdf(data, known)
    yield from (f"{what}, {form}" for form, content in _packed(data) for what in _told(content, known))
    yield from _in_forms(data, known, is_text=is_text)


def _told(content: bytes, known: Known) -> Iterator[str]:
    yield from _keys(content, known)
    yield from _beside(content, known)


def _in_forms(data: bytes, known: Known, *, is_text: bool) -> Iterator[str]:
    for place, (form, content) in enumerate(_forms(data)):
        beside = _beside if is_text and not place else _near
        yield from (f"{what}, as {form}" for what in (*_keys(content, known), *beside(content, known)))


def _forms(data: bytes) -> list[tuple[str, bytes]]:
    """Return the bytes as they are, and what they mean in other writings."""
    forms = [("bytes", data)]
    if b"\0" in data:  # letters of our alphabets have one in two bytes
        forms += [
            (order, data[shift:].decode(order, "ignore").encode("utf-8", "ignore"))
            for order in ("utf-16-le", "utf-16-be")
            for shift in (0, 1)
        ]
    forms.append(("hex", b"\n".join(binascii.unhexlify(match[0]) for match in _HEX.finditer(data))))
    decoded = []
    for match in _BASE64.finditer(data):
        text = match[0].rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
        for shift in range(4):
            whole = text[shift:]
            whole = whole[:-1] if len(whole) % 4 == 1 else whole
            with suppress(binascii.Error):
                decoded.append(base64.b64decode(whole + b"=" * (-len(whole) % 4)))
    forms.append(("base64", b"\n".join(decoded)))
    return forms


def _packed(data: bytes) -> Iterator[tuple[str, bytes]]:
    for match in re.finditer(rb"\x1f\x8b\x08", data):
        with suppress(OSError, EOFError, zlib.error):
            yield "in gzip", gzip.decompress(data[match.start() :])
    for match in re.finditer(rb"x[\x01\x5e\x9c\xda]", data):
        with suppress(zlib.error):
            yield "in zlib", zlib.decompressobj().decompress(data[match.start() :])
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                yield f"in {name}", archive.read(name)


def _keys(data: bytes, known: Known) -> Iterator[str]:
    """Yield secrets and card keys in any grouping; they may stand nowhere."""
    plain = data.translate(None, b" \t\r\n\x0b\x0c-").lower()
    if known.secret is not None:
        if known.secret in data or known.secret[::-1] in data:
            yield "the secret"
        numbers = repr(list(known.secret))[1:-1].replace(" ", "")
        if repr(known.secret)[2:-1].encode() in data or numbers.encode() in plain:
            yield "the secret as a program prints it"
        if known.secret.hex().encode() in plain:
            yield "the secret in digits"
    for code, (_, key) in known.kits.items():
        if key.lower().encode() in plain:
            yield f"the card key of {code}"


def _in_pdf(data: bytes, known: Known) -> Iterator[str]:
    """Read every page as a person does, and every square on it as a camera does; a page is a record."""
    texts = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages]
    texts += [
        code.text
        for picture in pictures_of(data, dpi=110)
        for code in zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)))
    ]
    for text in texts:
        yield from (f"{what}, on a page" for what in (*_keys(text.encode(), known), *_in_text(text, known)))


def _order_of_files(root: Path, known: Known) -> list[str]:
    """Look for what tells without a word: files named by kit whose times or lengths part the conditions."""
    found = []
    paths = {
        code: path
        for path in sorted(root.rglob("*K-*"))
        if path.is_file()
        for code in known.kits
        if code in path.name
    }
    if paths.keys() == known.kits.keys():
        for what, key in (("time", lambda code: paths[code].stat().st_mtime_ns),
                          ("length", lambda code: paths[code].stat().st_size)):  # fmt: skip
            if len({key(code) for code in paths}) > 1 and _parts(sorted(paths, key=key), known):
                found.append(f"files named by kit: their {what} parts the conditions")
    return found


def _order_in(data: bytes, known: Known) -> list[str]:
    """Look for an order of the codes, other than that of the alphabet, that parts the conditions."""
    at = {code: data.find(code.encode()) for code in known.kits}
    order = sorted(at, key=at.__getitem__)
    if at and min(at.values()) >= 0 and order != sorted(order) and _parts(order, known):
        return ["the order of the codes parts the conditions"]
    return []


def _row_order(path: Path, known: Known) -> list[str]:
    found = []
    with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as connection:
        for (table,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
            texts = [repr(row) for row in connection.execute(f'SELECT * FROM "{table}"')]  # noqa: S608 - its own names
            held = [[code for code in known.kits if code in text] for text in texts]
            order = list(dict.fromkeys(codes[0] for codes in held if len(codes) == 1))
            if len(order) == len(known.kits) and order != sorted(order) and _parts(order, known):
                found.append(f"the order of rows in {table} parts the conditions")
    return found


def _parts(order: list[str], known: Known) -> bool:
    """Say whether each condition stands together in one run."""
    conditions = [known.kits[code][0] for code in order]
    runs = 1 + sum(a != b for a, b in itertools.pairwise(conditions))
    return len(set(conditions)) > 1 and runs == len(set(conditions))


def _in_rows(path: Path, known: Known) -> Iterator[str]:
    """Look at every row of every table: a row is a record."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as connection:
        tables = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
        ]
        for table in tables:
            for row in connection.execute(f'SELECT * FROM "{table}"'):  # noqa: S608 - its own names
                text = " ".join(
                    value.decode("latin-1") if isinstance(value, bytes) else str(value) for value in row
                )
                yield from (f"{what}, in a row of {table}" for what in _in_text(text, known))


def _beside(data: bytes, known: Known) -> Iterator[str]:
    """Look at every record of a text: a line, or a JSON document; of a long one every part that is short."""
    text = data.decode("utf-8", "replace")
    try:
        records = list(_short_parts(json.loads(text)))
    except ValueError:
        records = _without_protocol(text, known).splitlines()
    for record in records:
        yield from _in_text(record, known)


def _short_parts(value: object, name: str = "") -> Iterator[str]:
    """Cut a JSON value into texts: itself where it is short or one text, else its members with their names."""
    text = json.dumps(value, ensure_ascii=False)
    if len(text) <= SHORT or not isinstance(value, (dict, list)):
        yield from f"{name} {value if isinstance(value, str) else text}".splitlines()
        return
    for key, member in value.items() if isinstance(value, dict) else ((name, member) for member in value):
        yield from _short_parts(member, key)


def _in_text(text: str, known: Known) -> Iterator[str]:
    kits = [code for code in known.kits if code in text]
    if kits:
        rest = _without_protocol(text, known)
        named = [
            name for name in known.names if re.search(rf"(?<![A-Za-z]){re.escape(name)}(?![A-Za-z])", rest)
        ]
        if named:
            yield f"{named[0]} beside {kits[0]}"


def _without_protocol(text: str, known: Known) -> str:
    for allowed in known.protocol:
        for form in (
            allowed,
            *(json.dumps(allowed, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False)),
        ):
            text = text.replace(form, "")
    return text


def _near(data: bytes, known: Known) -> Iterator[str]:
    """Look for a condition close to a code, where there are no records: free pages, journals, noise."""
    for code in known.kits:
        for match in re.finditer(re.escape(code.encode()), data) if code.encode() in data else ():
            around = data[max(0, match.start() - NEAR) : match.end() + NEAR].decode("latin-1")
            for name in known.names:
                if re.search(rf"(?<![A-Za-z]){re.escape(name)}(?![A-Za-z])", around):
                    yield f"{name} near {code}"
