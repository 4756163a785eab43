"""What was to be done and what came of it: who, what, when, what was fixed beforehand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from nof1.protocol.scalars import hours
from nof1.report import digits
from nof1.report.record import pairs
from nof1.report.words import capitalised, counted, label_in, listed, percent

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

    from nof1.analysis.result import PeriodSummary, Results
    from nof1.protocol.treatment import Condition, Constant


def treatment_periods(results: Results) -> tuple[PeriodSummary, ...]:
    """Return the periods without run-in and washout.

    Parameters
    ----------
    results : Results
        With its calendar.

    Returns
    -------
    tuple of PeriodSummary
        In their order.
    """
    return tuple(period for period in results.periods if period.period > 0)


def locked_day(results: Results) -> int | None:
    """Return the day of the trial on which data entry was closed.

    Parameters
    ----------
    results : Results
        With its `record`.

    Returns
    -------
    int or None
        Day 1 is the first; None for imported trials and where the record does not tell.
    """
    start = _date(dict(pairs(results.record.get("facts"))).get("start_on", ""))
    at = dict(pairs(results.record.get("stages"))).get("locked", "")
    if results.imported or start is None or not at:
        return None
    try:
        local = datetime.fromisoformat(at).astimezone(_zone(results))
    except ValueError:
        return None
    return (local.date() - start).days + 1


def ended_periods(results: Results) -> tuple[PeriodSummary, ...]:
    """Return the periods that had ended when data entry was closed.

    Parameters
    ----------
    results : Results
        With calendar and record.

    Returns
    -------
    tuple of PeriodSummary
        All of them, where nothing tells when it was closed.
    """
    day = locked_day(results)
    periods = treatment_periods(results)
    return tuple(one for one in periods if day is None or one.last_day is None or one.last_day <= day)


def days_left(results: Results) -> int:
    """Return how many planned days had not come when data entry was closed.

    Parameters
    ----------
    results : Results
        With calendar and record.

    Returns
    -------
    int
        0 where the trial ran to its end, or nothing tells.
    """
    day = locked_day(results)
    last = max((one.last_day for one in treatment_periods(results) if one.last_day is not None), default=0)
    return 0 if day is None else max(0, last - day)


def who_and_when(results: Results) -> tuple[str, ...]:
    """Say who took part and from when to when.

    Parameters
    ----------
    results : Results
        With protocol and record.

    Returns
    -------
    tuple of str
        Sentences.
    """
    sentences = []
    if results.protocol is not None and results.protocol.participant.description:
        told = results.protocol.participant.description.rstrip(".")
        sentences.append(f"Who could take part, in the words of the protocol: {told}.")
    start = _date(dict(pairs(results.record.get("facts"))).get("start_on", ""))
    last = max((period.last_day for period in results.periods if period.last_day is not None), default=None)
    if start is not None and last is not None:
        end = start + timedelta(days=last - 1)
        planned = "It was planned" if days_left(results) else "It ran"
        sentences.append(f"{planned} from {_told(start)} to {_told(end)}.")
    return tuple(sentences)


def rationale(results: Results) -> str:
    """Return why the trial was made, in the words of its protocol.

    Parameters
    ----------
    results : Results
        With its protocol.

    Returns
    -------
    str
        Empty where the protocol does not say.
    """
    text = "" if results.protocol is None else " ".join(results.protocol.rationale.split())
    return f"Why, in the words of the protocol: {text}" if text else ""


def interventions(results: Results, names: Mapping[str, str]) -> tuple[tuple[str, ...], ...]:
    """List what was taken: name, dose, times, form.

    Parameters
    ----------
    results : Results
        With its protocol.
    names : mapping of str to str
        Condition code to name.

    Returns
    -------
    tuple of tuple of str
        One row for each condition, and one for each thing that was the same throughout.
    """
    if results.protocol is None:
        return ()
    rows = [
        (names.get(str(code), one.name), *_intake(one), _form(one))
        for code, one in results.protocol.conditions.items()
    ]
    rows += [
        (f"{one.name} (in all periods)", *_intake(one), digits.NOTHING) for one in results.protocol.constant
    ]
    return tuple(rows) if any(cell != digits.NOTHING for row in rows for cell in row[1:]) else ()


def measured(results: Results) -> str:
    """Say what the primary outcome is, on which scale, and where its smallest worthwhile difference comes from.

    Parameters
    ----------
    results : Results
        With its protocol.

    Returns
    -------
    str
        One or two sentences; empty without a protocol.
    """
    if results.protocol is None:
        return ""
    from nof1.battery.catalogue import scores_of  # noqa: PLC0415  (only needed where a protocol is at hand)

    outcome = results.primary
    spec = next(
        (one for name, one in scores_of(results.protocol).items() if str(name) == outcome.score), None
    )
    scale = ""
    if spec is not None:
        low, high = (digits.brief(float(end), 6) for end in spec.range)
        scale = f", on a scale from {low} to {digits.with_unit(high, outcome.unit, is_end=True)}"
    text = f"The primary outcome is {label_in(outcome)} ({outcome.score}){scale}; {outcome.better} is better."
    if outcome.sesoi is None:
        return text
    sesoi = digits.with_unit(digits.brief(outcome.sesoi), outcome.unit)
    return f"{text} The smallest worthwhile difference, {sesoi}, is a choice of the protocol."


def fixed_beforehand(results: Results) -> str:
    """Say what the protocol fixed before the data came, and whether a claim needed, and got, a confirmation.

    Parameters
    ----------
    results : Results
        With its protocol.

    Returns
    -------
    str
        Sentences; an import cannot show that its protocol came first.
    """
    if results.protocol is None:
        return ""
    what = "the primary outcome, the comparison and the method"
    if results.imported:
        first = (
            f"The protocol names {what}; nothing here shows that it was written before the data were seen."
        )
    else:
        first = f"Before the order was drawn the protocol fixed {what}; its digest stands at the end."
    if results.protocol.analysis.confirm == "none":
        return f"{first} It asks for no confirmation by the randomization test."
    rule = f"It claims an effect only if the randomization test confirms it with p ≤ {digits.level(results.alpha)}"
    if results.blinded_review:
        return f"{first} {rule}."
    outcome, test = results.primary, results.primary.randomization_test
    if outcome.primary is None or outcome.primary.estimate is None:
        return f"{first} {rule}; nothing was estimated, so there was nothing to confirm."
    if test is None or test.p_value is None:
        return f"{first} {rule}; that test could not be made."
    met = "it did" if test.p_value <= results.alpha else "it did not"
    return f"{first} {rule}; {met} ({digits.fraction(test)})."


def carry_over(results: Results) -> str:
    """Say how much of an effect may last into the next period, by what the protocol states.

    Parameters
    ----------
    results : Results
        With its protocol.

    Returns
    -------
    str
        Empty without a protocol.
    """
    if results.protocol is None:
        return ""
    protocol = results.protocol
    known = [
        (condition.name, condition.half_life)
        for condition in protocol.conditions.values()
        if condition.half_life is not None
    ]
    design = protocol.design
    spared = [
        f"{counted(n, 'day')} of {what}"
        for n, what in ((design.onset_days, "onset left out"), (design.washout_days, "washout"))
        if n
    ]
    lies = "lies" if [n for n in (design.onset_days, design.washout_days) if n] == [1] else "lie"
    between = (
        f"Between one condition and the next {lies} {listed(spared)}."
        if spared
        else ("No day was left out between one condition and the next.")
    )
    if not known:
        return f"How fast an effect fades the protocol does not say, so what carries over cannot be told. {between}"
    told = [
        f"of {name} about {percent(_share(half_life))} is left a day later (half-life {half_life})"
        for name, half_life in known
    ]
    return f"{capitalised(f'by the protocol, {listed(told)}.')} {between}"


def _share(half_life: str) -> float:
    share = 2 ** (-24 / max(float(hours(half_life)), 0.01))
    return round(share, 2) if share >= 0.01 else round(share, 4)


def _intake(one: Condition | Constant) -> tuple[str, str]:
    times = ", ".join(str(time) for time in one.times)
    return one.dose or digits.NOTHING, times or digits.NOTHING


def _form(one: Condition) -> str:
    told = [text for text in (one.form, one.route) if text]
    if one.form and one.capsules > 1:
        told.insert(0, f"{one.capsules} ×")
    return ", ".join(told).replace("×, ", "× ") or digits.NOTHING


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _told(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _zone(results: Results) -> tzinfo:
    try:
        return ZoneInfo(str(results.record.get("zone") or "UTC"))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC
