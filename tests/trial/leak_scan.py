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
import shutil
import sqlite3
import subprocess
import zipfile
import zlib
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pypdf
import zxingcpp
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PAGE = 4096
NEAR = 48
"""A code and a condition within so many bytes of one page stand beside each other."""
_HEX = re.compile(rb"(?:[0-9a-fA-F]{2}){8,}")
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
    found = []
    for path in sorted(root.rglob("*")):
        name = str(path.relative_to(root))
        found += [f"{name}: its name holds {what}" for what in _in_text(path.name, known)]
        if path.is_file():
            allowed = known.slips and re.fullmatch(known.slips, path.name)
            keys = replace(
                known,
                secret=None,
                kits={c: (k, "a blank never stands in what is read") for c, (k, _) in known.kits.items()},
            )
            found += [f"{name}: {what}" for what in _in_file(path, keys if allowed else known)]
    return found + _orders(root, known)


def _in_file(path: Path, known: Known) -> Iterator[str]:
    data = path.read_bytes()
    if data.startswith(b"%PDF"):
        yield from _in_pdf(data, known)
    for form, content in _forms(data):
        for what in _keys(content, known):
            yield f"{what}, as {form}"
    for form, content in _packed(data):
        for what in (*_keys(content, known), *_beside(content, known)):
            yield f"{what}, {form}"
    if data.startswith(b"SQLite format 3\0"):
        yield from _in_rows(path, known)
        for place in range(0, len(data), PAGE):
            yield from (
                f"{what}, on page {place // PAGE + 1}" for what in _near(data[place : place + PAGE], known)
            )
    elif path.suffix not in {".sqlite", ".nof1"} and b"\0" not in data:
        yield from _beside(data, known)
    else:
        yield from _near(data, known)
    for form, content in _forms(data)[1:]:
        yield from (f"{what}, as {form}" for what in _near(content, known))


def _forms(data: bytes) -> list[tuple[str, bytes]]:
    """Return the bytes as they are, and what they mean in other writings."""
    forms = [("bytes", data)]
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
    plain = re.sub(rb"[\s\-]", b"", data).lower()
    if known.secret is not None:
        if known.secret in data or known.secret[::-1] in data:
            yield "the secret"
        if known.secret.hex().encode() in plain:
            yield "the secret in digits"
    for code, (_, key) in known.kits.items():
        if key.lower().encode() in plain:
            yield f"the card key of {code}"


def _in_pdf(data: bytes, known: Known) -> Iterator[str]:
    """Read every page as a person does, and every square on it as a camera does; a page is a record."""
    texts = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages]
    if shutil.which("pdftoppm"):
        pictures = subprocess.run(
            ["pdftoppm", "-gray", "-r", "110", "-"], input=data, capture_output=True, check=True
        )
        stream = pictures.stdout
        while stream:
            head = stream.split(b"\n", 3)
            width, height = map(int, head[1].split())
            end = sum(len(part) + 1 for part in head[:3]) + width * height
            texts += [code.text for code in zxingcpp.read_barcodes(Image.open(io.BytesIO(stream[:end])))]
            stream = stream[end:]
    for text in texts:
        yield from (f"{what}, on a page" for what in (*_keys(text.encode(), known), *_in_text(text, known)))


def _orders(root: Path, known: Known) -> list[str]:
    """Look for what tells without a word: order of time, place or length that parts the conditions."""
    found = []
    paths = {
        code: path
        for path in sorted(root.rglob("*"))
        if path.is_file()
        for code in known.kits
        if code in path.name
    }
    if paths.keys() == known.kits.keys():
        for what, key in (("time", lambda code: paths[code].stat().st_mtime_ns),
                          ("length", lambda code: paths[code].stat().st_size)):  # fmt: skip
            if len({key(code) for code in paths}) > 1 and _parts(sorted(paths, key=key), known):
                found.append(f"files named by kit: their {what} parts the conditions")
    for path in sorted(root.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            at = {code: data.find(code.encode()) for code in known.kits}
            order = sorted(at, key=at.__getitem__)
            if min(at.values()) >= 0 and order != sorted(order) and _parts(order, known):
                found.append(f"{path.name}: the order of the codes parts the conditions")
            if data.startswith(b"SQLite format 3\0"):
                found += _row_order(path, known)
    return found


def _row_order(path: Path, known: Known) -> list[str]:
    found = []
    with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as connection:
        for (table,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
            texts = [repr(row) for row in connection.execute(f'SELECT * FROM "{table}"')]  # noqa: S608 - its own names
            held = [[code for code in known.kits if code in text] for text in texts]
            order = list(dict.fromkeys(codes[0] for codes in held if len(codes) == 1))
            if len(order) == len(known.kits) and order != sorted(order) and _parts(order, known):
                found.append(f"{path.name}: the order of rows in {table} parts the conditions")
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
    """Look at every record of a text: a line, or a whole JSON document."""
    text = data.decode("utf-8", "replace")
    try:
        json.loads(text)
        records = [text]
    except ValueError:
        records = _without_protocol(text, known).splitlines()
    for record in records:
        yield from _in_text(record, known)


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
        for match in re.finditer(re.escape(code.encode()), data):
            around = data[max(0, match.start() - NEAR) : match.end() + NEAR].decode("latin-1")
            for name in known.names:
                if re.search(rf"(?<![A-Za-z]){re.escape(name)}(?![A-Za-z])", around):
                    yield f"{name} near {code}"
