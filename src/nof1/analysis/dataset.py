"""A trial as the analysis meets it: the tables of the data folder as frames, the design, and who got what when."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from nof1.analysis.meaning import Meaning, meanings_of
from nof1.encoding import sha256_hex
from nof1.schedule.design import space_done, space_of
from nof1.scores.columns import column_of
from nof1.scores.locked_tables import (
    AdverseEventRow,
    AllocationRow,
    DeviationRow,
    DoseRow,
    GuessRow,
    LockedTables,
    ScoreRow,
    SessionRow,
)
from nof1.terms import PeriodKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nof1.protocol.model import Protocol
    from nof1.schedule.space import SequenceSpace


@dataclass(frozen=True, kw_only=True, eq=False)
class Dataset:
    """The data of one trial, read only.

    Attributes
    ----------
    protocol : Protocol
        What was promised, with what an amendment changed of it.
    protocol_sha256 : str
        Digest of the canonical text to which the draw is bound.
    trial : mapping of str to object
        What trial.json says: id, mode, stages, versions, flags, facts.
    scores, sessions, guesses, doses, adverse_events, deviations : DataFrame
        The tables of the data folder, with numbers as numbers.
    allocation : DataFrame or None
        Columns period, kit, condition; None before unblinding.
    meanings : mapping of str to Meaning
        Unit, direction and scale of every score.
    """

    protocol: Protocol
    protocol_sha256: str
    trial: Mapping[str, object]
    scores: pd.DataFrame
    sessions: pd.DataFrame
    guesses: pd.DataFrame
    doses: pd.DataFrame
    adverse_events: pd.DataFrame
    deviations: pd.DataFrame
    allocation: pd.DataFrame | None
    meanings: Mapping[str, Meaning]

    @classmethod
    def from_tables(
        cls,
        tables: LockedTables,
        *,
        protocol: Protocol | None = None,
        meanings: Mapping[str, Meaning] | None = None,
    ) -> Dataset:
        """Make frames of the tables of a data folder.

        Parameters
        ----------
        tables : LockedTables
            As `nof1.files` reads them.
        protocol : Protocol, optional
            Read from the canonical text in the tables if not given.
        meanings : mapping of str to Meaning, optional
            Looked up for the instruments of the protocol if not given.

        Returns
        -------
        Dataset
            Values that cannot be read as numbers would have been refused before; None becomes NaN.
        """
        if protocol is None:
            from nof1.protocol.digest import protocol_from_canonical  # noqa: PLC0415  (rarely needed)

            protocol = protocol_from_canonical((tables.amended or tables.protocol).encode())
        return cls(
            protocol=protocol,
            protocol_sha256=sha256_hex(tables.protocol.encode()),
            trial=asdict(tables.trial),
            scores=_frame(ScoreRow, tables.scores, numeric=("value",)),
            sessions=_frame(SessionRow, tables.sessions),
            guesses=_frame(GuessRow, tables.guesses, numeric=("percent",)),
            doses=_frame(DoseRow, tables.doses),
            adverse_events=_frame(AdverseEventRow, tables.adverse_events),
            deviations=_frame(DeviationRow, tables.deviations),
            allocation=None if tables.allocation is None else _frame(AllocationRow, tables.allocation),
            meanings=meanings_of(protocol) if meanings is None else meanings,
        )

    @cached_property
    def space(self) -> SequenceSpace:
        """Every sequence that could have been drawn for the blocks that were done; unknown periods are held still."""
        space = self.drawn_space
        if not self.lost_periods or space.sacks is None:
            return space
        return space.opened_in_place(self._known_positions(space))

    @property
    def drawn_space(self) -> SequenceSpace:
        """The same before anything was opened: no period is held still."""
        if self.trial["is_imported"]:
            return space_of(self.protocol)
        treated = self.sessions[self.sessions["kind"] == PeriodKind.TREATMENT]
        return space_done(self.protocol, [int(block) for block in treated["block"].dropna()])

    def _known_positions(self, space: SequenceSpace) -> dict[int, str]:
        return {p - 1: code for p, code in self.condition_of.items() if p <= space.n_periods}

    @property
    def lost_periods(self) -> tuple[int, ...]:
        """Periods of which nobody can tell any more what they were."""
        if self.allocation is None:
            return ()
        unknown = self.allocation["condition"].isna() & self.allocation["period"].notna()
        return tuple(int(period) for period in self.allocation.loc[unknown, "period"])

    @cached_property
    def condition_of(self) -> dict[int, str]:
        """Condition of each period that was opened; empty before unblinding."""
        if self.allocation is None:
            return {}
        known = self.allocation.dropna(subset=["period", "condition"])
        return {
            int(period): str(code) for period, code in zip(known["period"], known["condition"], strict=True)
        }

    @property
    def sequence(self) -> tuple[str, ...] | None:
        """The conditions in order, or None where not every period is known or held still."""
        wanted = range(1, self.space.n_periods + 1)
        if any(period not in self.condition_of for period in wanted):
            if not self.lost_periods or self.space.sacks is None:
                return None
            known = self._known_positions(self.space)
            return tuple(map(str, self.space.agreeing(known).unrank(0)))
        return tuple(self.condition_of[period] for period in wanted)

    @property
    def trial_flags(self) -> tuple[str, ...]:
        """Short codes that hold for the whole trial, such as ``unblinded_before_lock``."""
        flags = self.trial.get("flags", ())
        return tuple(map(str, flags)) if isinstance(flags, list | tuple) else ()

    @property
    def is_blinded(self) -> bool:
        """Whether the conditions are still unknown."""
        return self.allocation is None

    def planned(self, score: str) -> pd.DataFrame:
        """Return every planned occasion of a score, run-in and washout included.

        Parameters
        ----------
        score : str
            ``<instrument>.<score>``.

        Returns
        -------
        DataFrame
            The columns of scores.csv in order of session, `session` numbered anew for this score from 1,
            and `condition` (None in the run-in, in a washout, and before unblinding).

        Raises
        ------
        ValueError
            If the trial has no such score.
        """
        rows = self.scores[self.scores["score"] == score]
        if rows.empty and score not in self.meanings:
            raise ValueError(f"there is no score {score!r} in this trial")
        rows = rows.sort_values("session", kind="stable", ignore_index=True)
        condition = [self.condition_of.get(int(p)) if pd.notna(p) else None for p in rows["period"]]
        return rows.assign(session=range(1, len(rows) + 1), condition=pd.Series(condition, dtype=object))

    def frame(self, score: str, onset_days: int | None = None) -> pd.DataFrame:
        """Return what a fit of a score gets: the rows that the plan counts, missing ones included.

        Parameters
        ----------
        score : str
            ``<instrument>.<score>``.
        onset_days : int, optional
            First days of each period to leave out; the protocol's number if not given.

        Returns
        -------
        DataFrame
            Columns session (occasions of this score from 1, run-in counted), day, period, block, condition,
            value (NaN = missing), late. Rows of the run-in, of a washout, of the onset, and rows that were
            excluded are not there; they count in session.

        Raises
        ------
        ValueError
            If the trial has no such score.
        """
        rows = self.planned(score)
        planned_onset = self.protocol.design.onset_days
        treated = rows["kind"] == PeriodKind.TREATMENT
        if onset_days is None or onset_days == planned_onset:
            counted = rows["analysed"].astype(bool)
        else:
            in_period = rows["day_in_period"]
            after = in_period.isna() | (in_period > onset_days)
            # Left out for another reason than the onset: that reason still holds.
            excluded = ~rows["analysed"].astype(bool) & (in_period.isna() | (in_period > planned_onset))
            counted = after & ~excluded
        held = rows[treated & counted]
        columns = ["session", "day", "period", "block", "condition", "value", "late"]
        return held[columns].reset_index(drop=True)


def _frame(row: type, rows: Sequence[object], numeric: tuple[str, ...] = ()) -> pd.DataFrame:
    names = [item.name for item in fields(row)]
    frame = pd.DataFrame({name: pd.Series(column_of(rows, name), dtype=object) for name in names})
    for name in (
        *numeric,
        *(name for name in ("session", "day", "period", "day_in_period", "block") if name in names),
    ):
        frame[name] = pd.to_numeric(frame[name])
    return frame
