"""Which other designs are looked at: those that fit into the days, and that nof1 would take for a protocol."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from nof1.analysis.simulate import occasions_of
from nof1.protocol.facts import n_days
from nof1.protocol.treatment import MOST_BLOCKS, MOST_PERIODS
from nof1.schedule.design import ceiling_problems, design_problems, space_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nof1.protocol.model import Protocol

BLOCKS: Final = (3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 40, 48, 64, 80, 100, 128, 160, MOST_BLOCKS)
PARTS: Final = (0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0, 32.0)
"""Of a daily design: parts of the periods that are planned."""
DAYS: Final = (3, 5, 7, 10, 14)
MOST_A_LENGTH: Final = 8
"""Designs with periods of one length, the planned one not counted."""
_NEAR: Final = 0.9
"""Share of the longest design above which another is too much like it."""
_CYCLE: Final = 16
"""Of so many numbers in a row at least one makes a whole number of rows of a Williams design."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A design.

    Attributes
    ----------
    what : str
        In words.
    is_planned : bool
        Whether it is that of the protocol.
    n_days : int
        What the trial takes, run-in and washouts included.
    changes : mapping of str to int
        Keys of the protocol's `design` with their new values.
    """

    what: str
    is_planned: bool
    n_days: int
    changes: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """The designs that are looked at.

    Attributes
    ----------
    choices : tuple of Choice
        The planned one always, also where it takes more days; nothing else that nof1 would refuse.
    limits : tuple of str
        The person's own limits because of which longer designs were left out, each with its value.
    shortest_days : int or None
        Where no design fits: what the shortest takes [days].
    can_grow : bool
        Whether more days would give further designs.
    """

    choices: tuple[Choice, ...]
    limits: tuple[str, ...]
    shortest_days: int | None
    can_grow: bool


def grid_of(protocol: Protocol, most_days: int) -> Grid:
    """Choose designs with other numbers of blocks (or periods) and other lengths of periods.

    Parameters
    ----------
    protocol : Protocol
        The plan.
    most_days : int
        Longer trials are left out [days].

    Returns
    -------
    Grid
        Some for each length of a period, from the shortest to the longest that fits.
    """
    design = protocol.design
    key = "blocks" if design.blocks is not None else "periods"
    planned: int | None = getattr(design, key)
    is_daily = design.period_days == 1
    lengths = {1} if is_daily else {*(days for days in DAYS if days > design.onset_days), design.period_days}
    cells = [
        [
            _Cell(protocol=protocol, key=key, number=number, period_days=length, planned=planned)
            for number in _numbers(protocol, key, planned)
        ]
        for length in sorted(lengths)
    ]
    ladder = _ladder(protocol, key, planned)
    choices: list[Choice] = []
    limits: dict[str, None] = {}
    can_grow = False
    rows = [row for row in cells if row[0].is_due()]
    for row in rows:
        fitting = [cell for cell in row if cell.n_days <= most_days]
        allowed = fitting[: bisect_left(fitting, True, key=lambda cell: bool(cell.limits()))]
        for cell in fitting[len(allowed) :][:1]:
            limits |= dict.fromkeys(cell.limits())
        choices += [cell.choice() for cell in _spread(allowed, ladder) if not cell.is_planned]
        beyond = row[len(fitting) :][:_CYCLE]
        can_grow = can_grow or any(not cell.limits() and cell.exists() for cell in beyond)
    own = _Cell(protocol=protocol, key=key, number=planned, period_days=design.period_days, planned=planned)
    fits = bool(choices) or own.n_days <= most_days
    return Grid(
        choices=(*choices, own.choice()),
        limits=tuple(limits),
        shortest_days=None if fits else _shortest(rows, own.n_days),
        can_grow=can_grow,
    )


def with_design(protocol: Protocol, changes: Mapping[str, int]) -> Protocol:
    """Return a protocol with another design.

    Parameters
    ----------
    protocol : Protocol
        The plan.
    changes : mapping of str to int
        Keys of its `design` with their new values.

    Returns
    -------
    Protocol
        Not checked.
    """
    design = protocol.design.model_copy(update=dict(changes))
    return protocol.model_copy(update={"design": design})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cell:
    """A number of blocks (or periods) of some length."""

    protocol: Protocol
    key: str
    number: int | None
    period_days: int
    planned: int | None

    @property
    def changes(self) -> dict[str, int]:
        return {"period_days": self.period_days} | ({self.key: self.number} if self.number else {})

    @property
    def changed(self) -> Protocol:
        return with_design(self.protocol, self.changes)

    @property
    def n_days(self) -> int:
        return _days(self.changed)

    @property
    def is_planned(self) -> bool:
        return self.number == self.planned and self.period_days == self.protocol.design.period_days

    def exists(self) -> bool:
        """Whether nof1 takes it: nothing is wrong with it that is not wrong with the plan."""
        wrong = {path for path, _ in design_problems(self.changed)}
        return not wrong or wrong <= {path for path, _ in design_problems(self.protocol)}

    def limits(self) -> list[str]:
        """Return the person's own limits that it breaks."""
        changed = self.changed
        try:
            broken = list(ceiling_problems(changed, space_of(changed)))
        except ValueError:  # no such design
            return []
        return [f"{'.'.join(path)}: {getattr(changed.safety, path[1])}" for path, _ in broken]

    def is_due(self) -> bool:
        """Whether the score is ever due in periods of this length."""
        try:
            occasions_of(self.changed)
        except ValueError:
            return False
        return True

    def choice(self) -> Choice:
        days = "1 day" if self.period_days == 1 else f"{self.period_days} days"
        return Choice(
            what=f"{self.number} {self.key} of {days}" if self.number else f"periods of {days}",
            is_planned=self.is_planned,
            n_days=self.n_days,
            changes=self.changes,
        )


def _numbers(protocol: Protocol, key: str, planned: int | None) -> Sequence[int | None]:
    """Return every number of blocks (or periods) that a protocol can say, of three blocks and more."""
    if planned is None or protocol.design.kind == "fixed":
        return [planned]
    k = len(protocol.conditions)
    if key == "blocks":
        return range(min(BLOCKS[0], planned), MOST_BLOCKS + 1)
    return range(min(BLOCKS[0] * k, planned), MOST_PERIODS + 1, k)


def _ladder(protocol: Protocol, key: str, planned: int | None) -> set[int | None]:
    """Return numbers whose steps become coarser."""
    if planned is None:
        return {None}
    k = len(protocol.conditions)
    if protocol.design.period_days == 1:
        return {k * round(planned * part / k) for part in PARTS}
    return set(BLOCKS) if key == "blocks" else {k * n for n in BLOCKS}


def _spread(allowed: Sequence[_Cell], ladder: set[int | None]) -> list[_Cell]:
    """Pick some that exist, from the shortest to the longest."""
    last = next((cell for cell in reversed(allowed[-_CYCLE:]) if cell.exists()), None)
    if last is None:
        return []
    steps = [cell for cell in allowed if cell.number in ladder and cell.n_days < _NEAR * last.n_days]
    steps = [cell for cell in steps if cell.exists()]
    if len(steps) >= MOST_A_LENGTH:
        every = (len(steps) - 1) / (MOST_A_LENGTH - 2)
        steps = [steps[round(i * every)] for i in range(MOST_A_LENGTH - 1)]
    return [*steps, last]


def _shortest(rows: Sequence[Sequence[_Cell]], planned: int) -> int:
    shorter = (takewhile(lambda cell: cell.n_days < planned and not cell.limits(), row) for row in rows)
    firsts = (next((cell.n_days for cell in row if cell.exists()), planned) for row in shorter)
    return min([*firsts, planned])


def _days(protocol: Protocol) -> int:
    return n_days(protocol.design, len(protocol.conditions)) or 0
