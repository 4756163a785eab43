"""Every record carries the hash of the one before, so that nothing in the middle can change unseen.

A chain alone detects accidents: whoever owns the file can compute it anew, or cut its end off. Heads that have
left the machine (printed, mailed, committed to git) detect that too.

The bytes of a record are the canonical JSON of its columns without the two hashes, the payload being one text.
Its hash is the SHA-256 of the framed fields ``nof1/event/v1``, previous hash (32 bytes), those bytes. The first
previous hash is 32 zero bytes.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

from nof1.audit.record import Record
from nof1.encoding import canonical_json, frame, sha256_hex
from nof1.errors import ChainError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

GENESIS = "00" * 32
"""What the first record has as the hash of the one before."""
HASHED = tuple(field.name for field in fields(Record) if field.name not in {"prev_hash", "hash"})
"""Columns of a record that its hash is over."""
DOMAIN = "nof1/event/v1"
"""What the hash of a record begins with, so that it is no hash of anything else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """The first place at which a chain does not hold.

    Attributes
    ----------
    seq : int
        Place in the chain, from 1.
    found : str
        What is wrong there.
    """

    seq: int
    found: str

    def __str__(self) -> str:
        return f"event {self.seq}: {self.found}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """A head of the chain that was written down elsewhere: one line of heads.txt.

    Attributes
    ----------
    seq : int
        Number of events up to then.
    head : str
        Hash of the last of them.
    at : str
        UTC time.
    what : str
        On which occasion, such as ``locked``.
    """

    seq: int
    head: str
    at: str
    what: str

    def __str__(self) -> str:
        return f"{self.seq} {self.head} {self.at} {self.what}"


def record_bytes(columns: Mapping[str, str | int | None]) -> bytes:
    """Return the bytes of a record that are hashed.

    Parameters
    ----------
    columns : mapping of str to str, int or None
        Values by name of the column; the two hashes are left out if they are there.

    Returns
    -------
    bytes
        Canonical JSON.
    """
    return canonical_json({name: columns[name] for name in HASHED})


def link_hash(prev_hash: str, content: bytes) -> str:
    """Return the hash that binds a record to the one before.

    Parameters
    ----------
    prev_hash : str
        64 hexadecimal digits.
    content : bytes
        As `record_bytes` gives them.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    return sha256_hex(frame(DOMAIN, bytes.fromhex(prev_hash), content))


def record_hash(record: Record) -> str:
    """Compute the hash that a record should have.

    Parameters
    ----------
    record : Record
        Its own hash is not looked at.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    return link_hash(record.prev_hash, record_bytes({name: getattr(record, name) for name in HASHED}))


def seal(record: Record, head: Record | None) -> Record:
    """Give a new record its place at the end of a chain.

    Parameters
    ----------
    record : Record
        Its number and both hashes are not looked at.
    head : Record or None
        The last record; None: the chain is empty.

    Returns
    -------
    Record
        With texts in normal form, number, previous hash and hash.
    """
    values = {name: getattr(record, name) for name in HASHED}
    for name, value in values.items():
        if isinstance(value, str) and not value.isascii():
            values[name] = unicodedata.normalize("NFC", value)
    seq, prev_hash = (head.seq + 1, head.hash) if head else (1, GENESIS)
    placed = Record(**values | {"seq": seq, "prev_hash": prev_hash, "hash": ""})
    return replace(placed, hash=record_hash(placed))


def find_break(records: Iterable[Record]) -> Break | None:
    """Find the first place at which a chain does not hold.

    Parameters
    ----------
    records : iterable of Record
        A whole chain, in order.

    Returns
    -------
    Break or None
        None: the chain is whole.
    """
    prev_hash = GENESIS
    trial_id = None
    seen: set[str] = set()
    for place, record in enumerate(records, start=1):
        trial_id = trial_id or record.trial_id
        if found := _fault(record, place, prev_hash, trial_id, seen):
            return Break(seq=place, found=found)
        seen |= {f"event {record.event_id}", f"attempt {record.idem_key}"}
        prev_hash = record.hash
    return None


def require_whole(records: Iterable[Record]) -> None:
    """Refuse a chain that does not hold.

    Parameters
    ----------
    records : iterable of Record
        A whole chain, in order.

    Raises
    ------
    ChainError
        With the first place, and what to do.
    """
    if found := find_break(records):
        raise ChainError(f"{found}. The history is not what was written; restore a backup made before")


def check_anchors(records: Sequence[Record], anchors: Iterable[Anchor]) -> tuple[str, ...]:
    """Hold a chain against heads that were written down elsewhere.

    Parameters
    ----------
    records : sequence of Record
        A whole chain, in order.
    anchors : iterable of Anchor
        From heads.txt, or typed from paper.

    Returns
    -------
    tuple of str
        One finding for each anchor that the chain does not continue; empty: all are prefixes of it.
    """
    findings = []
    for anchor in anchors:
        if anchor.seq > len(records):
            findings.append(f"{anchor.what}, {anchor.at}: had {anchor.seq} events; {len(records)} are left")
        elif anchor.seq < 1 or records[anchor.seq - 1].hash != anchor.head:
            findings.append(
                f"{anchor.what}, {anchor.at}: event {anchor.seq} or one before it was changed since"
            )
    return tuple(findings)


def parse_anchors(text: str) -> tuple[Anchor, ...]:
    """Read the lines ``seq head time what`` of heads.txt.

    Parameters
    ----------
    text : str
        Empty lines and lines beginning with ``#`` say nothing.

    Returns
    -------
    tuple of Anchor
        In the order of the lines.

    Raises
    ------
    ChainError
        If a line is not of that form.
    """
    anchors = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        seq, head, at, what = (line.split(maxsplit=3) + [""] * 4)[:4]
        if not (seq.isdecimal() and len(head) == 64 and what):
            raise ChainError(f"heads, line {number}: found {line!r}; expected 'seq head time what'")
        anchors.append(Anchor(seq=int(seq), head=head, at=at, what=what))
    return tuple(anchors)


def _fault(record: Record, place: int, prev_hash: str, trial_id: str, seen: set[str]) -> str | None:
    """Say what is wrong with a record at its place, if anything is."""
    values = [getattr(record, name) for name in HASHED]
    texts = [value for value in values if isinstance(value, str) and not value.isascii()]
    if record.seq != place:
        fault = f"its number is {record.seq}: events are missing or were added"
    elif record.trial_id != trial_id:
        fault = f"it belongs to {record.trial_id}, not to {trial_id}"
    elif record.prev_hash != prev_hash:
        fault = "it does not follow on the event before"
    elif f"event {record.event_id}" in seen or f"attempt {record.idem_key}" in seen:
        fault = "its number was used before"
    elif any(isinstance(value, bytes | float) for value in values):
        fault = "a value in it is of a type that is never written"
    elif not all(unicodedata.is_normalized("NFC", text) for text in texts):
        # The hash is over text in normal form; a text that merely looks the same was changed.
        fault = "a text in it was changed"
    elif record_hash(record) != record.hash:
        fault = "its content was changed"
    else:
        fault = None
    return fault
