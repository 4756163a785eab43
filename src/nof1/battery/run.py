"""What came back from one run of a form: raw trials, read strictly, as a whole or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from nof1.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nof1.battery.form import Block, Form, Trial

MAX_RECORDS: Final = 5000
_LONGEST_WORD: Final = 60
_LONGEST_LIST: Final = 60
_HOURS: Final = 6 * 3_600_000
_FRAMES_MS: Final = 100  # a few frames late is still in time
_STALL_MS: Final = (
    30_000  # a machine that stalls ends a trial late; longer than this is a mistake of the page
)
_Ms = Annotated[float, Field(ge=0, le=_HOURS, allow_inf_nan=False)]


class Record(BaseModel):
    """One trial as it went.

    Attributes
    ----------
    trial : int
        `Trial.index` in the form.
    onset_ms : float or None
        First frame that carried the stimulus (of a series: that opened the entry), from the start of the run [ms]; None:
        it was never drawn.
    rt_ms : float or None
        From onset to the event of the response (of a series: that finished the entry) [ms]; None: no response.
    response : str, tuple of (str or None), or None
        Id of the choice; of a series the list that was given (empty: nothing was remembered; None: never finished), with
        None in it for what was left out of a placement.
    length : int or None
        Items that were presented, in a staircase.
    early : int
        Presses after the trial before and before this onset.
    device : str or None
        What the response came from.
    trusted : bool
        Whether all events of the trial came from a person's hand.
    hidden : bool
        Whether the page was hidden or out of focus at any time of the trial.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    trial: Annotated[int, Field(ge=0)]
    onset_ms: _Ms | None
    rt_ms: _Ms | None
    response: (
        Annotated[str, Field(max_length=_LONGEST_WORD)]
        | Annotated[
            tuple[Annotated[str, Field(max_length=_LONGEST_WORD)] | None, ...],
            Field(max_length=_LONGEST_LIST, strict=False),
        ]
        | None
    )
    length: Annotated[int, Field(ge=1, le=99)] | None = None
    early: Annotated[int, Field(ge=0, le=10_000)] = 0
    device: Literal["keyboard", "touch", "mouse", "pen"] | None = None
    trusted: bool = True
    hidden: bool = False


class RunRecord(BaseModel):
    """A run as the page sends it.

    Attributes
    ----------
    format : int
        1.
    task, part : str, str or None
        As in the form.
    form_sha256 : str
        `Form.sha256`.
    mode : str
        ``live`` or ``simulated``.
    ended : str
        ``complete``: to its planned end. ``stopped``: before.
    elapsed_ms : float
        Of the blocks that count, pauses left out [ms].
    restarts, interruptions : int
        How often the run was begun anew, and how often it was paused within a block.
    frame_median_ms, frame_p95_ms : float or None
        Time between frames [ms].
    responses : tuple of Record
        Trials that were given, in order, practice too.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    format: Literal[1]
    task: str
    part: str | None = None
    form_sha256: str
    mode: Literal["live", "simulated"]
    ended: Literal["complete", "stopped"]
    elapsed_ms: _Ms
    restarts: Annotated[int, Field(ge=0, le=1000)] = 0
    interruptions: Annotated[int, Field(ge=0, le=1000)] = 0
    frame_median_ms: _Ms | None = None
    frame_p95_ms: _Ms | None = None
    responses: Annotated[tuple[Record, ...], Field(max_length=MAX_RECORDS, strict=False)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A trial of the form together with its record."""

    trial: Trial
    record: Record
    block: str

    @property
    def is_usable(self) -> bool:
        """It was drawn, the page was in sight all the time, and an entry was finished (also with nothing in it)."""
        seen = self.record.onset_ms is not None and not self.record.hidden
        return seen and (self.trial.mode == "press" or self.record.response is not None)

    @property
    def is_answered(self) -> bool:
        """Something was pressed, and in time: a press after the end of a trial that ended late counts as none."""
        return self.record.response is not None and _is_in_time(self.trial, self.record)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run that fits its form.

    Attributes
    ----------
    form : Form
        What was shown.
    record : RunRecord
        As sent.
    given : tuple of Given
        Trials that count, in order.
    """

    form: Form
    record: RunRecord
    given: tuple[Given, ...]

    def of_block(self, block: str) -> tuple[Given, ...]:
        """Return what was given in a block.

        Parameters
        ----------
        block : str
            Its id.

        Returns
        -------
        tuple of Given
            In order.
        """
        return tuple(one for one in self.given if one.block == block)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTable:
    """What reading gave: a run, or all problems."""

    run: Run | None
    problems: tuple[Problem, ...]


def read_run(form: Form, data: object) -> RunTable:
    """Read what the page sent.

    Parameters
    ----------
    form : Form
        Made again from the same key, not taken from the page.
    data : object
        Parsed JSON; see `RunRecord`.

    Returns
    -------
    RunTable
        The run; or, if anything is wrong, no run and every problem.
    """
    try:
        record = RunRecord.model_validate(data)
    except ValidationError as error:
        return RunTable(run=None, problems=tuple(_told(error)))
    problems = tuple(_problems(form, record))
    if problems:
        return RunTable(run=None, problems=problems)
    by_index = {trial.index: (trial, block) for block in form.blocks for trial in block.trials}
    given = [
        Given(trial=by_index[one.trial][0], record=one, block=by_index[one.trial][1].id)
        for one in record.responses
        if not by_index[one.trial][1].is_practice
    ]
    return RunTable(run=Run(form=form, record=record, given=tuple(given)), problems=())


def next_length(block: Block, lengths: Sequence[int], correct: Sequence[bool]) -> int:
    """Return how many items the next list of a staircase has.

    Parameters
    ----------
    block : Block
        With a staircase.
    lengths, correct : sequence
        Of the lists so far, and whether each was given back right.

    Returns
    -------
    int
        Within the rule's lowest and highest.
    """
    rule = block.rule
    lowest, highest = rule.lowest or 1, rule.highest or 1
    if not lengths:
        return rule.start or lowest
    if correct[-1]:
        return min(lengths[-1] + 1, highest)
    wrong = 0
    for length, is_correct in zip(reversed(lengths), reversed(correct), strict=True):
        if is_correct or length != lengths[-1]:
            break
        wrong += 1
    if wrong and wrong % rule.down_after == 0:
        return max(lengths[-1] - 1, lowest)
    return lengths[-1]


def right_answer(trial: Trial, length: int | None) -> tuple[str, ...]:
    """Return what would have been right to give back.

    Parameters
    ----------
    trial : Trial
        A series.
    length : int or None
        Items that were presented; None: all.

    Returns
    -------
    tuple of str
        In the order in which it is to be given.
    """
    shown = trial.answer if length is None else trial.answer[:length]
    return shown[::-1] if trial.entry is not None and trial.entry.order == "backward" else shown


def is_right(trial: Trial, record: Record) -> bool:
    """Tell whether a response is the right one.

    Parameters
    ----------
    trial : Trial
        What was shown.
    record : Record
        What came back.

    Returns
    -------
    bool
        Of a press: the expected choice (or none where none is expected) in time. Of a series: all of it.
    """
    if trial.mode == "series":
        return record.response == right_answer(trial, record.length)
    return (record.response if _is_in_time(trial, record) else None) == trial.expected


def time_limit(trial: Trial) -> int | None:
    """Return how long after its onset a trial can be answered.

    Parameters
    ----------
    trial : Trial
        A press.

    Returns
    -------
    int or None
        [ms]; None: as long as it takes.
    """
    return trial.deadline_ms if trial.length_ms is None else trial.length_ms


def form_problem(form: Form, claimed: object) -> Problem | None:
    """Hold the form that a run says it was given against the form it should have been.

    Parameters
    ----------
    form : Form
        Made again from the same key; the key names the trial.
    claimed : object
        What stands in `RunRecord.form_sha256`.

    Returns
    -------
    Problem or None
        None if they are the same.
    """
    if claimed == form.sha256:
        return None
    return Problem(
        where="form_sha256", message="another form than this was shown; send what belongs to this one"
    )


def _is_in_time(trial: Trial, record: Record) -> bool:
    limit = time_limit(trial)
    return record.rt_ms is None or limit is None or record.rt_ms <= limit + _FRAMES_MS


def _told(error: ValidationError) -> Iterator[Problem]:
    for one in error.errors(include_url=False)[:20]:
        where = ".".join(str(part) for part in one["loc"])
        shown = repr(one["input"])[:60] if not isinstance(one["input"], dict | list | tuple) else "an object"
        yield Problem(where=where, message=f"found {shown}: {one['msg']}")


def _problems(form: Form, record: RunRecord) -> Iterator[Problem]:
    if (record.task, record.part) != (form.task, form.part):
        yield Problem(
            where="task",
            message=f"found {record.task}:{record.part}; this form is of {form.task}:{form.part}",
        )
        return
    if problem := form_problem(form, record.form_sha256):
        yield problem
        return
    by_index = {trial.index: (trial, block) for block in form.blocks for trial in block.trials}
    last = -1
    for number, one in enumerate(record.responses):
        where = f"responses.{number}"
        if one.trial not in by_index:
            yield Problem(
                where=f"{where}.trial", message=f"found {one.trial}; the form has 0 to {len(by_index) - 1}"
            )
            continue
        trial, block = by_index[one.trial]
        yield from _record_problems(where, trial, block, one)
        if block.is_practice:
            continue
        if one.trial <= last:
            yield Problem(
                where=f"{where}.trial", message=f"found {one.trial} after {last}; each trial once, in order"
            )
        last = one.trial
    yield from _staircase_problems(form, record)


def _record_problems(where: str, trial: Trial, block: Block, one: Record) -> Iterator[Problem]:
    if (one.response is None) != (one.rt_ms is None):
        yield Problem(
            where=f"{where}.rt_ms", message="response and rt_ms are given together, or both are null"
        )
    if one.rt_ms is not None and one.onset_ms is None:
        yield Problem(
            where=f"{where}.onset_ms", message="found null with a response; a response follows an onset"
        )
    if (block.rule.kind == "staircase") != (one.length is not None):
        yield Problem(where=f"{where}.length", message="length is given in a staircase, and nowhere else")
    if one.response is None:
        return
    if trial.mode == "press":
        known = [choice.id for choice in block.choices]
        if one.response not in known:
            yield Problem(
                where=f"{where}.response", message=f"found {one.response!r}; write one of {', '.join(known)}"
            )
        limit = time_limit(trial)
        if limit is not None and one.rt_ms is not None and one.rt_ms > limit + _STALL_MS:
            yield Problem(
                where=f"{where}.rt_ms", message=f"found {one.rt_ms:g}; the trial ends after {limit} ms"
            )
    elif not isinstance(one.response, tuple):
        yield Problem(where=f"{where}.response", message=f"found {one.response!r}; write a list")
    else:
        yield from _entry_problems(where, trial, block, one.response)


def _entry_problems(
    where: str, trial: Trial, block: Block, given: tuple[str | None, ...]
) -> Iterator[Problem]:
    entry = trial.entry
    if entry is None:
        return
    if len(given) > entry.limit or (entry.kind == "placement" and len(given) != len(entry.glyphs)):
        wanted = len(entry.glyphs) if entry.kind == "placement" else f"at most {entry.limit}"
        yield Problem(where=f"{where}.response", message=f"found {len(given)} items; write {wanted}")
    known = {choice.id for choice in block.choices}
    for place, item in enumerate(given):
        if item is None:
            if entry.kind != "placement":
                yield Problem(where=f"{where}.response.{place}", message="found null; leave it out")
        elif entry.kind != "words" and item not in known:
            yield Problem(
                where=f"{where}.response.{place}", message=f"found {item!r}; not one of the choices"
            )


def _staircase_problems(form: Form, record: RunRecord) -> Iterator[Problem]:
    for block in form.blocks:
        if block.rule.kind != "staircase":
            continue
        by_index = {trial.index: trial for trial in block.trials}
        lengths: list[int] = []
        correct: list[bool] = []
        for number, one in enumerate(record.responses):
            if one.trial not in by_index or one.length is None:
                continue
            due = next_length(block, lengths, correct)
            if one.trial != block.trials[len(lengths)].index or one.length != due:
                yield Problem(
                    where=f"responses.{number}.length",
                    message=f"found trial {one.trial} with {one.length} items; list {len(lengths) + 1} has {due}",
                )
                return
            lengths.append(one.length)
            correct.append(is_right(by_index[one.trial], one))
