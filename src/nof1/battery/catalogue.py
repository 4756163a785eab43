"""Every score that a protocol can name or enter, with its unit, range and direction."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from nof1.battery.questionnaires import QUESTIONNAIRES
from nof1.battery.ratings import HIGHEST, LOWEST, RATINGS
from nof1.battery.spec import Catalogue, Param, ScoreDefinition, ScoreSource, ScoreSpec, Task
from nof1.battery.tasks import LONG_PVT, LONG_PVT_SECONDS, TASKS
from nof1.terms import InstrumentId, ScoreName

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nof1.protocol.model import Instrument, Protocol, RatingItem

__all__ = [
    "CATALOGUE",
    "ScoreSpec",
    "minutes_of",
    "params_of",
    "planned_scores",
    "score_range",
    "scores_of",
    "scores_of_instrument",
    "scores_of_part",
]

CATALOGUE = Catalogue(tasks=TASKS, ratings=RATINGS, questionnaires=QUESTIONNAIRES)
"""What nof1 brings."""
_MINUTES_PER_RATING = Decimal("0.1")
_MINUTES_PER_OUTSIDE_SCORE = Decimal("0.5")  # to type it in; the test itself is not counted
_RATING_SESOI = Decimal(1)


def scores_of(protocol: Protocol) -> dict[ScoreName, ScoreSpec]:
    """Return every score that can be entered in a trial.

    Parameters
    ----------
    protocol : Protocol
        Its instruments.

    Returns
    -------
    dict of ScoreName to ScoreSpec
        In the order of the instruments, the primary scores of each first.

    Raises
    ------
    KeyError
        If an instrument names what is not in the catalogue; the loader refuses that before.
    """
    found = (
        spec
        for name, instrument in protocol.instruments.items()
        for spec in _specs(InstrumentId(name), instrument)
    )
    return {spec.name: spec for spec in found}


def scores_of_part(protocol: Protocol, part: str) -> tuple[ScoreName, ...]:
    """Return the scores that an instrument, or a part of it, can give.

    Parameters
    ----------
    protocol : Protocol
        Names the instruments.
    part : str
        ``wm``, or ``words:delayed``.

    Returns
    -------
    tuple of ScoreName
        Of the instrument as a whole, or of the part.
    """
    instrument, _, which = part.partition(":")
    specs = _specs(InstrumentId(instrument), protocol.instruments[instrument])
    return tuple(spec.name for spec in specs if not which or spec.part == which)


def planned_scores(protocol: Protocol, part: str) -> tuple[ScoreName, ...]:
    """Return the scores that are due when an instrument, or a part of it, is given.

    All items of ratings and outside tests are. Of a task or questionnaire those are that the plan names; where it
    names none, those that the instrument is given for. The others may be entered, and are not missed.

    Parameters
    ----------
    protocol : Protocol
        Names instruments and outcomes.
    part : str
        ``wm``, or ``words:delayed``.

    Returns
    -------
    tuple of ScoreName
        In the order of the catalogue.
    """
    instrument, _, which = part.partition(":")
    specs = _specs(InstrumentId(instrument), protocol.instruments[instrument])
    named = {outcome.score for _, outcome in protocol.outcome_list()}
    run_in = protocol.design.run_in
    if run_in is not None and run_in.stop_when is not None:
        named.add(run_in.stop_when.score)
    if all(spec.source in {"rating", "external"} for spec in specs):
        due = specs
    else:
        due = tuple(s for s in specs if s.name in named) or tuple(s for s in specs if s.is_primary)
    return tuple(spec.name for spec in due if not which or spec.part == which)


def minutes_of(protocol: Protocol, part: str) -> Decimal:
    """Return how long an instrument, or a part of it, takes.

    Parameters
    ----------
    protocol : Protocol
        Names the instruments and their parameters.
    part : str
        ``wm``, or ``words:delayed``.

    Returns
    -------
    Decimal
        [minutes]
    """
    name, _, which = part.partition(":")
    instrument = protocol.instruments[name]
    if instrument.task is not None:
        task = TASKS[instrument.task]
        whole = _task_minutes(task, params_of(instrument))
        return whole / len(task.parts) if which else whole
    if instrument.questionnaire is not None:
        return QUESTIONNAIRES[instrument.questionnaire].minutes
    if instrument.ratings is not None:
        return _MINUTES_PER_RATING * len(instrument.ratings)
    return _MINUTES_PER_OUTSIDE_SCORE * len(instrument.external.scores if instrument.external else {})


def params_of(instrument: Instrument) -> dict[str, Param]:
    """Return the parameters of a task, defaults written out.

    Parameters
    ----------
    instrument : Instrument
        One with a task of the catalogue.

    Returns
    -------
    dict of str to Param
        A vigilance test of five minutes or more has other defaults than the short one.

    Raises
    ------
    KeyError
        If it has no task, or one that is not in the catalogue.
    """
    task = TASKS[instrument.task or ""]
    seconds = instrument.params.get("duration_s", 0)
    is_long = task.id == "pvt" and isinstance(seconds, Decimal) and seconds >= LONG_PVT_SECONDS
    return {**task.params, **(LONG_PVT if is_long else {}), **instrument.params}


def _task_minutes(task: Task, params: Mapping[str, Param]) -> Decimal:
    if isinstance(seconds := params.get("duration_s"), Decimal):
        return seconds / 60
    counts = [params.get(name) for name in ("n", "blocks", "trials", "soa_ms")]
    if task.id == "nback" and all(isinstance(count, int | Decimal) for count in counts):
        n, blocks, trials, soa = (Decimal(str(count)) for count in counts)
        return blocks * (trials + n) * soa / 60_000
    return task.minutes


def scores_of_instrument(name: str, instrument: Instrument) -> tuple[ScoreSpec, ...]:
    """Return every score of an instrument.

    Parameters
    ----------
    name : str
        What the protocol calls it.
    instrument : Instrument
        What it is.

    Returns
    -------
    tuple of ScoreSpec
        The primary ones first.

    Raises
    ------
    KeyError
        If it names what is not in the catalogue.
    """
    return _specs(InstrumentId(name), instrument)


def _specs(name: InstrumentId, instrument: Instrument) -> tuple[ScoreSpec, ...]:
    if instrument.task is not None:
        task = TASKS[instrument.task]
        params = params_of(instrument)
        return tuple(_defined(name, score, "task", params) for score in _primary_first(task.scores))
    if instrument.questionnaire is not None:
        scores = QUESTIONNAIRES[instrument.questionnaire].scores
        return tuple(_defined(name, score, "questionnaire", {}) for score in scores)
    if instrument.ratings is not None:
        return tuple(_rated(name, item) for item in instrument.ratings)
    scores_by_id = instrument.external.scores if instrument.external is not None else {}
    return tuple(
        ScoreSpec(
            name=ScoreName(f"{name}.{code}"),
            label=score.label or f"{name} {code}".replace("_", " ").capitalize(),
            unit=score.unit,
            better=score.better,
            range=score.range,
            whole=False,
            source="external",
        )
        for code, score in scores_by_id.items()
    )


def _primary_first(scores: Iterable[ScoreDefinition]) -> list[ScoreDefinition]:
    return sorted(scores, key=lambda score: not score.is_primary)


def score_range(score: ScoreDefinition, params: Mapping[str, Param]) -> tuple[Decimal, Decimal]:
    """Return the values that a score can have with given parameters.

    Parameters
    ----------
    score : ScoreDefinition
        Of the catalogue.
    params : mapping of str to Param
        Of its task.

    Returns
    -------
    tuple of (Decimal, Decimal)
        Lowest and highest [unit].
    """
    return score.low, _highest(score, params)


def _defined(
    name: InstrumentId, score: ScoreDefinition, source: ScoreSource, params: Mapping[str, Param]
) -> ScoreSpec:
    return ScoreSpec(
        name=ScoreName(f"{name}.{score.id}"),
        label=score.label,
        unit=score.unit,
        better=score.better,
        range=score_range(score, params),
        whole=score.whole,
        source=source,
        part=score.part,
        sesoi=score.sesoi,
        is_primary=score.is_primary,
        noise_sd=score.noise_sd,
    )


def _highest(score: ScoreDefinition, params: Mapping[str, Param]) -> Decimal:
    highest = Decimal(1)
    for name in score.high_is:
        value = params.get(name)
        if not isinstance(value, int | Decimal) or isinstance(value, bool):
            return score.high
        highest *= value
    return highest + score.high_plus if score.high_is else score.high


def _rated(name: InstrumentId, item: str | RatingItem) -> ScoreSpec:
    if isinstance(item, str):
        rating = RATINGS[item]
        return ScoreSpec(
            name=ScoreName(f"{name}.{item}"),
            label=rating.text,
            unit="points",
            better=rating.better,
            range=(Decimal(LOWEST), Decimal(HIGHEST)),
            whole=True,
            source="rating",
            sesoi=_RATING_SESOI,
            is_harm=rating.is_harm,
        )
    return ScoreSpec(
        name=ScoreName(f"{name}.{item.id}"),
        label=item.text,
        unit="points",
        better=item.better,
        range=item.range or (Decimal(LOWEST), Decimal(HIGHEST)),
        whole=item.range is None,
        source="rating",
    )
