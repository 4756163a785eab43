"""Events that bring observations: scores and their corrections, doses, guesses, harms, deviations, notes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from nof1.audit.event import Event, Part, require_reason, to_plain
from nof1.encoding import canonical_json, sha256_hex
from nof1.errors import EntryError
from nof1.scores.columns import Columns  # noqa: TC001 - resolved when a payload is read
from nof1.terms import EventId  # noqa: TC001 - resolved when a payload is read

Source = Literal["hand", "option", "csv", "web", "simulated", "import"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EnteredValue(Part):
    """One score of a form.

    Attributes
    ----------
    score : str
        ``<instrument>.<score>``.
    value : str or None
        The number as it was typed; None: declared missing.
    missing_reason : str or None
        Why there is no value; given exactly where there is none.
    """

    score: str
    value: str | None = None
    missing_reason: str | None = None

    def __post_init__(self) -> None:
        _require_value_or_reason(self.score, self.value, self.missing_reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreRow(Part):
    """One score with everything that is known about its measurement; what a row of a file becomes.

    Attributes
    ----------
    score : str
        ``<instrument>.<score>``.
    session : int or None
        Planned occasion, from 1; None: unplanned.
    day : int or None
        Study day, from 1.
    observed_at : str or None
        UTC time in ISO format.
    observed_local, observed_offset : str or None
        The local time as typed, and its distance from UTC such as ``+02:00``.
    value, missing_reason : str or None
        As in `EnteredValue`.
    flags : tuple of str
        Short codes: ``late``, ``outside_window``, ``unplanned``, …
    period, block : int or None
        Where the file says them and no schedule of ours does.
    excluded : str or None
        A reason in the file why the row is not counted.
    """

    score: str
    session: int | None = None
    day: int | None = None
    observed_at: str | None = None
    observed_local: str | None = None
    observed_offset: str | None = None
    value: str | None = None
    missing_reason: str | None = None
    flags: tuple[str, ...] = ()
    period: int | None = None
    block: int | None = None
    excluded: str | None = None

    def __post_init__(self) -> None:
        _require_value_or_reason(self.score, self.value, self.missing_reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoresEntered(Event):
    """One form or one battery run was entered: one act, one event, however many numbers.

    Attributes
    ----------
    instrument : str
        Local name of the instrument, or of the battery where several were given together.
    session, day : int or None
        Planned occasion (None: unplanned) and study day, both from 1.
    observed_at, observed_local, observed_offset : str
        UTC time, the local time as typed, its distance from UTC.
    values : tuple of EnteredValue
        At least one; the place in the tuple is the row that a correction names.
    flags : tuple of str
        Short codes that hold for all values.
    source : str
        By which way the values came.
    scorer_version : str or None
        Version of what computed the scores; None: typed by a person.
    raw : str or None
        Responses or trials as JSON text, from which the scores can be computed again.
    """

    KIND: ClassVar[str] = "scores_entered"
    FREE_TEXT: ClassVar[tuple[str, ...]] = ("raw",)
    instrument: str
    session: int | None = None
    day: int | None = None
    observed_at: str
    observed_local: str
    observed_offset: str
    values: tuple[EnteredValue, ...]
    flags: tuple[str, ...] = ()
    source: Source
    scorer_version: str | None = None
    raw: str | None = None

    def __post_init__(self) -> None:
        if not self.values:
            raise EntryError(f"{self.instrument}: found no value to store; give at least one")

    @property
    def rows(self) -> tuple[ScoreRow, ...]:
        """The same values in the shape that imported rows have."""
        return tuple(
            ScoreRow(
                score=entered.score,
                session=self.session,
                day=self.day,
                observed_at=self.observed_at,
                observed_local=self.observed_local,
                observed_offset=self.observed_offset,
                value=entered.value,
                missing_reason=entered.missing_reason,
                flags=self.flags,
            )
            for entered in self.values
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecorded(ScoresEntered):
    """A test was given on the page, to its end or not: its raw trials, and the scores that were computed from them.

    Attributes
    ----------
    run_id : str
        Names the run; the page that sends it again sends the same.
    part : str or None
        Part of the instrument, where parts are given apart.
    given_in : int
        Planned session whose page was open. `session` is the one to which the scores belong: None where an earlier
        run of the same instrument counts.
    ended : str
        ``complete``; or ``aborted``, and there are no scores.
    why : str or None
        Why it was aborted, as the page says it.
    finished_at : str
        UTC time.
    form_seed, form_sha256 : str
        What was shown.
    device : str or None
        Digest of what identifies the device.
    """

    KIND: ClassVar[str] = "run_recorded"
    run_id: str
    part: str | None = None
    given_in: int
    ended: Literal["complete", "aborted"]
    why: str | None = None
    finished_at: str
    form_seed: str
    form_sha256: str
    device: str | None = None
    values: tuple[EnteredValue, ...] = ()

    def __post_init__(self) -> None:
        if (self.ended == "complete") != bool(self.values):
            raise EntryError(
                f"{self.instrument}: a run that came to its end has scores, an aborted one has none; found {self.ended}"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoresImported(Event):
    """Rows of a file, at most 10,000 to an event; all parts of a file are committed together or not at all.

    Attributes
    ----------
    file_name, file_sha256 : str
        The file.
    rows_sha256 : str
        Digest of all rows as they were understood (their canonical JSON, part after part): recognises the same data in
        another file.
    part, n_parts : int
        Which part this is, from 1, and how many there are.
    rows : Columns of ScoreRow
        The place of a row, from 0, is what a correction names.
    source : str
        ``csv`` for entries of this trial, ``import`` for a finished one.
    scorer_version : str or None
        Version of what computed the scores, where known.
    """

    KIND: ClassVar[str] = "scores_imported"
    VERSION: ClassVar[int] = 2  # of which the first has row by row what now is column by column
    MAX_ROWS: ClassVar[int] = 10_000
    file_name: str
    file_sha256: str
    rows_sha256: str
    part: int
    n_parts: int
    rows: Columns[ScoreRow]
    source: Source = "csv"
    scorer_version: str | None = None

    def __post_init__(self) -> None:
        if len(self.rows) > self.MAX_ROWS:
            raise ValueError(f"{len(self.rows)} rows in one event; write at most {self.MAX_ROWS}")
        values, reasons = self.rows.column("value"), self.rows.column("missing_reason")
        if "missing_reason" not in self.rows.given and None not in values:
            return
        for place, (value, reason) in enumerate(zip(values, reasons, strict=True)):
            if (value is None) == (reason is None):
                _require_value_or_reason(self.rows.column("score")[place], value, reason)

    @classmethod
    def of_file(
        cls, rows: Columns[ScoreRow], *, file_name: str, file_sha256: str, source: Source
    ) -> tuple[ScoresImported, ...]:
        """Part the rows of a file into events.

        Parameters
        ----------
        rows : Columns of ScoreRow
            All of them.
        file_name, file_sha256, source : str
            As above.

        Returns
        -------
        tuple of ScoresImported
            In order; empty where there are no rows.
        """
        parts = [rows[start : start + cls.MAX_ROWS] for start in range(0, len(rows), cls.MAX_ROWS)]
        digest = sha256_hex(b"".join(canonical_json(to_plain(part)) for part in parts))
        return tuple(
            cls(
                file_name=file_name,
                file_sha256=file_sha256,
                rows_sha256=digest,
                part=number,
                n_parts=len(parts),
                rows=part,
                source=source,
            )
            for number, part in enumerate(parts, start=1)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreCorrected(Event):
    """A score was replaced. The old one stays, and every report can show it.

    Attributes
    ----------
    replaces : EventId
        The event in which the score was entered first, also when it was corrected before: the latest wins.
    row : int
        Place of the score in that event, from 0.
    score : str
        Its name, so that a wrong row is noticed.
    session : int or None
        Its session, for the reader.
    value, missing_reason : str or None
        As in `EnteredValue`.
    reason : str
        Why; not empty.
    """

    KIND: ClassVar[str] = "score_corrected"
    FREE_TEXT: ClassVar[tuple[str, ...]] = ("reason",)
    replaces: EventId
    row: int
    score: str
    session: int | None = None
    value: str | None = None
    missing_reason: str | None = None
    reason: str

    def __post_init__(self) -> None:
        require_reason(self.reason, f"a correction of {self.score}")
        _require_value_or_reason(self.score, self.value, self.missing_reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseRecorded(Event):
    """A dose was taken, or was not.

    Attributes
    ----------
    taken_on : str
        Local day of the dose (ISO date).
    taken_at, observed_offset : str or None
        UTC time and its distance from local time, where known.
    kit : str or None
        Code on the package.
    taken : bool
        False: left out.
    text : str or None
        What the person wants to say about it.
    replaces : EventId or None
        An earlier record that this one puts right.
    """

    KIND: ClassVar[str] = "dose_recorded"
    FREE_TEXT: ClassVar[tuple[str, ...]] = ("text",)
    taken_on: str
    taken_at: str | None = None
    observed_offset: str | None = None
    period: int | None = None
    kit: str | None = None
    taken: bool
    text: str | None = None
    replaces: EventId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Probability(Part):
    """How likely the person thinks a condition was."""

    condition: str
    percent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GuessRecorded(Event):
    """What the person believed about a period, before anything was opened.

    Attributes
    ----------
    period : int or None
        From 1; None: a guess about the whole trial.
    probabilities : tuple of Probability
        One for each condition, as typed, adding to 100; empty with `dont_know`.
    dont_know : bool
        The person declined to guess.
    reason : str or None
        What the guess rests on.
    replaces : EventId or None
        An earlier guess that this one puts right.
    """

    KIND: ClassVar[str] = "guess_recorded"
    FREE_TEXT: ClassVar[tuple[str, ...]] = ("reason",)
    period: int | None = None
    probabilities: tuple[Probability, ...] = ()
    dont_know: bool = False
    reason: str | None = None
    replaces: EventId | None = None

    def __post_init__(self) -> None:
        if self.dont_know == bool(self.probabilities):
            raise EntryError(
                "a guess is either one number for each condition or 'don't know'; give one of them"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectationRecorded(Event):
    """What the person expects of a comparison, asked once at the start of a trial that is not blinded.

    Attributes
    ----------
    contrast : str
        Name of the comparison.
    effect : str or None
        Expected difference in the unit of the primary outcome, as typed; None: no expectation.
    reason : str or None
        What it rests on.
    replaces : EventId or None
        An earlier expectation that this one puts right.
    """

    KIND: ClassVar[str] = "expectation_recorded"
    FREE_TEXT: ClassVar[tuple[str, ...]] = ("reason",)
    contrast: str
    effect: str | None = None
    reason: str | None = None
    replaces: EventId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AdverseEventRecorded(Event):
    """Something untoward happened, whatever caused it.

    Attributes
    ----------
    term : str
        In the person's own words.
    started_on, ended_on : str or None
        Local days (ISO dates); no end: it lasts.
    severity : int
        1 mild, 2 moderate, 3 severe, 4 life-threatening, 5 death.
    serious : bool
        Death, danger to life, hospital, disability, congenital, or otherwise medically important.
    related : str or None
        The person's own guess at the cause, made before anything is opened.
    action, outcome : str or None
        What was done; how it ended.
    replaces : EventId or None
        An earlier record of the same harm, now with more known.
    """

    KIND: ClassVar[str] = "adverse_event_recorded"
    FREE_TEXT: ClassVar[tuple[str, ...]] = ("term", "related", "action", "outcome")
    term: str
    started_on: str | None = None
    ended_on: str | None = None
    severity: int
    serious: bool
    related: str | None = None
    action: str | None = None
    outcome: str | None = None
    replaces: EventId | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.severity <= 5:
            raise EntryError(f"severity: found {self.severity}; write 1 (mild) to 5 (death)")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviationRecorded(Event):
    """The trial departed from its protocol.

    Attributes
    ----------
    text : str
        What happened.
    category : str or None
        A short code, such as ``wrong_kit`` or ``missed_dose``.
    on : str or None
        Local day (ISO date).
    period : int or None
        Period concerned, from 1.
    """

    KIND: ClassVar[str] = "deviation_recorded"
    FREE_TEXT: ClassVar[tuple[str, ...]] = ("text",)
    text: str
    category: str | None = None
    on: str | None = None
    period: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteRecorded(Event):
    """A remark. Allowed at every stage."""

    KIND: ClassVar[str] = "note_recorded"
    FREE_TEXT: ClassVar[tuple[str, ...]] = ("text",)
    text: str
    on: str | None = None
    about: EventId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged(Event):
    """A person typed that they have read a statement; asked once for a version of the protocol.

    Attributes
    ----------
    statement : str
        What was shown.
    typed : str
        What was typed below it.
    protocol_sha256 : str
        Digest of the protocol that asks.
    """

    KIND: ClassVar[str] = "acknowledged"
    statement: str
    typed: str
    protocol_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyCardShown(Event):
    """An answer about thoughts of death was above zero, and the card with the plan of the protocol was shown.

    Attributes
    ----------
    instrument : str
        Which questionnaire asked.
    about : EventId
        The answers.
    """

    KIND: ClassVar[str] = "safety_card_shown"
    instrument: str
    about: EventId


@dataclass(frozen=True, slots=True, kw_only=True)
class StopRuleFired(Event):
    """A stop rule of the protocol was met, on blinded data.

    Attributes
    ----------
    rule, action : str
        The rule as written and what it asks for (``pause`` or ``stop``).
    day : int or None
        Study day, from 1.
    evidence : tuple of str
        The values that met it, each with its score and day.
    """

    KIND: ClassVar[str] = "stop_rule_fired"
    rule: str
    action: str
    day: int | None = None
    evidence: tuple[str, ...] = ()


def _require_value_or_reason(score: str, value: str | None, missing_reason: str | None) -> None:
    if (value is None) == (missing_reason is None):
        found = "neither" if value is None else "both"
        raise EntryError(f"{score}: found {found}; give either a value or the reason why it is missing")
