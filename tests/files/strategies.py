"""Tables of a data folder, for properties of writing and reading them."""

from __future__ import annotations

from dataclasses import fields
from enum import StrEnum
from types import NoneType
from typing import get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from nof1.scores import locked_tables
from nof1.scores.locked_tables import LockedTables, TrialRecord
from nof1.terms import Mode

# An empty text means that there is none, so it is not one of them.
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=12)
CODE = st.from_regex(r"[a-z_]{1,8}", fullmatch=True)
ROW_TYPES = {
    "scores": locked_tables.ScoreRow,
    "sessions": locked_tables.SessionRow,
    "guesses": locked_tables.GuessRow,
    "doses": locked_tables.DoseRow,
    "adverse_events": locked_tables.AdverseEventRow,
    "deviations": locked_tables.DeviationRow,
    "unplanned_scores": locked_tables.UnplannedRow,
    "allocation": locked_tables.AllocationRow,
}


def rows_of(row):
    """Any row of one of the tables."""
    hints = get_type_hints(row)
    return st.builds(row, **{field.name: _value(hints[field.name]) for field in fields(row)})


def _value(hint):
    if NoneType in get_args(hint):
        return st.none() | _value(next(part for part in get_args(hint) if part is not NoneType))
    if get_origin(hint) is tuple:
        return st.lists(CODE, max_size=3).map(tuple)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return st.sampled_from(hint)
    return {bool: st.booleans(), int: st.integers(-5, 10**6), str: TEXT}[hint]


_PAIRS = st.lists(st.tuples(CODE, TEXT), max_size=3)
TRIAL_RECORDS = st.builds(
    TrialRecord,
    id=CODE,
    participant=TEXT,
    mode=st.sampled_from(Mode),
    zone=st.none() | TEXT,
    stages=_PAIRS.map(tuple),
    versions=_PAIRS.map(lambda pairs: tuple(dict(pairs).items())),
    chain_head=st.none() | CODE,
    is_imported=st.booleans(),
    is_simulated=st.booleans(),
    flags=st.lists(CODE, max_size=2).map(tuple),
    facts=_PAIRS.map(tuple),
)
TABLES = st.builds(
    LockedTables,
    trial=TRIAL_RECORDS,
    protocol=TEXT,
    **{
        name: st.lists(rows_of(row), max_size=3).map(tuple)
        for name, row in ROW_TYPES.items()
        if name != "allocation"
    },
    allocation=st.none() | st.lists(rows_of(ROW_TYPES["allocation"]), max_size=3).map(tuple),
)
