"""Random events of every kind, made from the types of their fields, and whole chains of records."""

from __future__ import annotations

import types
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Literal, NewType, Union, get_args, get_origin, get_type_hints
from unicodedata import normalize

from hypothesis import strategies as st

from nof1.audit import events
from nof1.audit.chain import seal
from nof1.audit.event import Event, Part
from nof1.audit.free_text import set_texts_apart
from nof1.audit.record import Record, utc_text
from nof1.encoding import canonical_json
from nof1.scores.columns import Columns

MISSING_REASONS = ("forgot", "ill", "technical", "refused", "other")
PROTOCOL_SHA256 = "ab" * 32


def texts(min_size: int = 0) -> st.SearchStrategy[str]:
    """Text of any script, in the normal form in which it is stored."""
    return st.text(st.characters(codec="utf-8"), min_size=min_size, max_size=12).map(
        partial(normalize, "NFC")
    )


def reasons() -> st.SearchStrategy[str]:
    """Text that is not blank."""
    return texts(min_size=1).filter(lambda text: text.strip())


def parts(kind: type[Part]) -> st.SearchStrategy[Part]:
    """Draw a part or an event of a kind, as its own rules allow."""
    hints = get_type_hints(kind)
    given = {field.name: _values(field.name, hints[field.name]) for field in fields(kind)}
    if kind in {events.EnteredValue, events.ScoreRow, events.ScoreCorrected}:
        given["missing_reason"] = st.none()
        missing = given | {"value": st.none(), "missing_reason": st.sampled_from(MISSING_REASONS)}
        return st.builds(kind, **given | {"value": _numbers()}) | st.builds(kind, **missing)
    if kind in {events.KitsRegistered, events.ExtensionRegistered}:
        given["kits"] = given["kits"].map(lambda kits: tuple(sorted(kits)))
    if kind is events.ScoresEntered:
        given["values"] = st.lists(parts(events.EnteredValue), min_size=1, max_size=3).map(tuple)
    if kind is events.RunRecorded:
        values = st.lists(parts(events.EnteredValue), min_size=1, max_size=3).map(tuple)
        whole = given | {"ended": st.just("complete"), "values": values}
        return st.builds(kind, **whole) | st.builds(
            kind, **given | {"ended": st.just("aborted"), "values": st.just(())}
        )
    if kind is events.AdverseEventRecorded:
        given["severity"] = st.integers(1, 5)
    if kind is events.TrialRandomized:
        return st.builds(kind, **given | {"secret": st.none()})
    if kind is events.GuessRecorded:
        unsure = given | {"dont_know": st.just(True), "probabilities": st.just(())}
        sure = given | {
            "dont_know": st.just(False),
            "probabilities": st.lists(parts(events.Probability), min_size=1, max_size=3).map(tuple),
        }
        return st.builds(kind, **unsure) | st.builds(kind, **sure)
    return st.builds(kind, **given)


def any_events() -> st.SearchStrategy[Event]:
    """Draw an event of any kind."""
    return st.sampled_from(events.EVENTS).flatmap(parts)


@st.composite
def chains(draw: st.DrawFn, min_size: int = 1, max_size: int = 6) -> list[Record]:
    """Random events, sealed into a chain; their order makes no sense to a trial."""
    chain: list[Record] = []
    salt = draw(st.binary(min_size=16, max_size=16))
    for place, event in enumerate(draw(st.lists(any_events(), min_size=min_size, max_size=max_size))):
        chain.append(seal(unsealed(event, place, salt), chain[-1] if chain else None))
    return chain


def unsealed(event: Event, place: int = 0, salt: bytes = bytes(16)) -> Record:
    """Return a record that has no place in a chain yet."""
    payload, _ = set_texts_apart(event, lambda n: salt[:n])
    return Record(
        seq=0,
        event_id=f"{place:032x}",
        trial_id="caffeine",
        kind=event.KIND,
        version=event.VERSION,
        payload=canonical_json(payload).decode(),
        observed_at=None,
        observed_offset=None,
        recorded_at=utc_text(datetime(2026, 4, 3, 8, tzinfo=UTC) + timedelta(minutes=place)),
        actor="participant",
        channel="test",
        reason=None,
        replaces=None,
        idem_key=f"attempt {place}",
        protocol_sha256=PROTOCOL_SHA256,
        prev_hash="",
        hash="",
    )


def _numbers() -> st.SearchStrategy[str]:
    return st.decimals(min_value=-1000, max_value=1000, places=2).map(str)


def _values(name: str, hint: object) -> st.SearchStrategy:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in {Union, types.UnionType}:
        (inner,) = (argument for argument in arguments if argument is not types.NoneType)
        return st.none() | _values(name, inner)
    if origin is tuple:
        return st.lists(_values(name, arguments[0]), max_size=3).map(tuple)
    if origin is Columns:
        return st.lists(parts(arguments[0]), max_size=3).map(partial(Columns.of, arguments[0]))
    if origin is Literal:
        return st.sampled_from(arguments)
    if isinstance(hint, type) and issubclass(hint, Part):
        return parts(hint)
    if isinstance(hint, NewType):
        hint = hint.__name__
    return {
        str: reasons() if name == "reason" else texts(),
        int: st.integers(-(10**30), 10**30),
        bool: st.booleans(),
        "EventId": st.binary(min_size=16, max_size=16).map(bytes.hex),
    }[hint]
