"""A trial as a REDCap project: the data dictionary with its 18 columns, and the data as repeating instruments.

REDCap shows labels as HTML and fills in ``[names]`` inside them, so both are taken out of what a person wrote.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nof1.encoding import decimal_text
from nof1.terms import MissingReason

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nof1.battery.spec import ScoreSpec
    from nof1.protocol.model import Protocol
    from nof1.scores.locked_tables import LockedTables

COLUMNS = (
    "Variable / Field Name",
    "Form Name",
    "Section Header",
    "Field Type",
    "Field Label",
    "Choices, Calculations, OR Slider Labels",
    "Field Note",
    "Text Validation Type OR Show Slider Number",
    "Text Validation Min",
    "Text Validation Max",
    "Identifier?",
    "Branching Logic (Show field only if...)",
    "Required Field?",
    "Custom Alignment",
    "Question Number (surveys only)",
    "Matrix Group Name",
    "Matrix Ranking?",
    "Field Annotation",
)
"""The header of a data dictionary."""
LONGEST_NAME = 26
"""REDCap warns of longer names of variables."""
_KEYS = ("record_id", "redcap_repeat_instrument", "redcap_repeat_instance")
_SEVERITY = "1, mild | 2, moderate | 3, severe | 4, life-threatening | 5, death"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a form.

    Attributes
    ----------
    name, form, label : str
        Variable, form, and what is asked.
    type : str
        ``text``, ``notes``, ``dropdown`` or ``yesno``.
    choices, note, check, low, high : str
        Choices as ``code, label | …``; a note; the check of a text with its bounds.
    """

    name: str
    form: str
    label: str
    type: str = "text"
    choices: str = ""
    note: str = ""
    check: str = ""
    low: str = ""
    high: str = ""

    def row(self) -> tuple[str, ...]:
        """Return its row of the dictionary."""
        told = (self.name, self.form, "", self.type, self.label, self.choices, self.note, self.check)
        return (*told, self.low, self.high, *[""] * (len(COLUMNS) - len(told) - 2))


def dictionary(protocol: Protocol, specs: Mapping[str, ScoreSpec]) -> tuple[Field, ...]:
    """Return the fields of a project for one trial, form by form.

    Parameters
    ----------
    protocol : Protocol
        Names the conditions.
    specs : mapping of str to ScoreSpec
        Every score of the trial.

    Returns
    -------
    tuple of Field
        ``record_id`` first; the rows of a form lie together, as REDCap asks.
    """
    codes = " | ".join(f"{code}, {label(one.name)}" for code, one in protocol.conditions.items())
    whole = {"check": "integer"}
    fields = [
        Field(name="record_id", form="trial", label="Pseudonym of the participant"),
        Field(name="trial_id", form="trial", label="Trial"),
        Field(name="trial_mode", form="trial", label="Blinding"),
        Field(name="trial_protocol", form="trial", label="Digest of the protocol (SHA-256)"),
        Field(name="ses_number", form="session", label="Session", **whole),
        Field(name="ses_on", form="session", label="Date", check="date_ymd"),
        Field(name="ses_day", form="session", label="Day of the trial", **whole),
        Field(name="ses_period", form="session", label="Period; 0: run-in", **whole),
        Field(name="ses_block", form="session", label="Block", **whole),
    ]
    for name, field in score_names(specs).items():
        fields += _score(specs[name], field)
    fields += [
        Field(name="dose_on", form="dose", label="Date of the dose", check="date_ymd"),
        Field(name="dose_taken", form="dose", label="Taken", type="yesno"),
        Field(name="dose_kit", form="dose", label="Code on the package"),
        Field(name="dose_text", form="dose", label="Remark", type="notes"),
        Field(name="gs_period", form="guess", label="Period", **whole),
        Field(name="gs_condition", form="guess", label="Condition", type="dropdown", choices=codes),
        Field(name="gs_percent", form="guess", label="How likely", note="percent", check="number", low="0", high="100"),
        Field(name="gs_reason", form="guess", label="What it rests on", type="notes"),
        Field(name="ae_term", form="adverse_event", label="What happened", type="notes"),
        Field(name="ae_started_on", form="adverse_event", label="First day", check="date_ymd"),
        Field(name="ae_ended_on", form="adverse_event", label="Last day", check="date_ymd"),
        Field(name="ae_severity", form="adverse_event", label="Severity", type="dropdown", choices=_SEVERITY),
        Field(name="ae_serious", form="adverse_event", label="Serious", type="yesno"),
        Field(name="ae_related", form="adverse_event", label="Supposed cause", type="notes"),
        Field(name="ae_action", form="adverse_event", label="What was done", type="notes"),
        Field(name="ae_outcome", form="adverse_event", label="How it ended", type="notes"),
        Field(name="dev_on", form="deviation", label="Date", check="date_ymd"),
        Field(name="dev_text", form="deviation", label="Departure from the protocol", type="notes"),
        Field(name="per_number", form="period", label="Period", **whole),
        Field(name="per_condition", form="period", label="Condition", type="dropdown", choices=codes, note="empty until it is known"),
    ]  # fmt: skip
    return tuple(fields)


def score_names(specs: Mapping[str, ScoreSpec]) -> dict[str, str]:
    """Name the variable of every score: small letters, digits, underscores, each once.

    Parameters
    ----------
    specs : mapping of str to object
        By name of the score.

    Returns
    -------
    dict of str to str
        Score to variable.

    Examples
    --------
    >>> score_names({"day.mood": None, "day_a.b": None, "day.a_b": None})
    {'day.mood': 's_day_mood', 'day_a.b': 's_day_a_b', 'day.a_b': 's_day_a_b_2'}
    """
    names: dict[str, str] = {}
    taken: set[str] = set()
    for score in specs:
        base = "s_" + re.sub(r"[^a-z0-9]+", "_", score.lower()).strip("_")
        # The longest form of it ends in _why and perhaps a number.
        base = base[: LONGEST_NAME - len("_99_why")].rstrip("_")
        name = next(one for one in _numbered(base) if one not in taken)
        taken.add(name)
        names[score] = name
    return names


def _numbered(base: str) -> Iterator[str]:
    yield base
    number = 2
    while True:
        yield f"{base}_{number}"
        number += 1


def _score(spec: ScoreSpec, name: str) -> list[Field]:
    reasons = " | ".join(f"{one.value}, {one.value.replace('_', ' ')}" for one in MissingReason)
    low, high = (decimal_text(bound) for bound in spec.range)
    return [
        Field(
            name=name,
            form="session",
            label=label(spec.label),
            note=label(f"{spec.unit}; {spec.better.value} is better"),
            check="integer" if spec.whole else "number",
            low=low,
            high=high,
        ),
        Field(
            name=f"{name}_why",
            form="session",
            label=label(f"Why missing: {spec.label}"),
            type="dropdown",
            choices=reasons,
        ),
    ]


def label(text: str) -> str:
    """Make a text of a person harmless in a label or a choice: no markup, no filling in, no further choice.

    Parameters
    ----------
    text : str
        Any.

    Returns
    -------
    str
        On one line.

    Examples
    --------
    >>> label("<b>[user-name]</b> | 2")
    '&lt;b&gt;(user-name)&lt;/b&gt; / 2'
    """
    plain = " ".join(text.split()).replace("|", "/").replace("[", "(").replace("]", ")")
    return html.escape(plain, quote=False)


def records(
    tables: LockedTables, fields: tuple[Field, ...], specs: Mapping[str, ScoreSpec]
) -> tuple[tuple[str, ...], list[dict[str, str]]]:
    """Return the data of a trial: one record, and an instance for every session, dose, guess and event.

    Parameters
    ----------
    tables : LockedTables
        Of the trial; guesses and allocation as far as they may be known.
    fields : tuple of Field
        From `dictionary`.
    specs : mapping of str to ScoreSpec
        Every score of the trial.

    Returns
    -------
    tuple of (tuple of str, list of dict)
        The columns, and rows by column.
    """
    columns = (_KEYS[0], *_KEYS[1:], *(field.name for field in fields[1:]))
    rows = []
    counted: dict[str, int] = {}
    for form, values, instance in _instances(tables, score_names(specs)):
        row = dict.fromkeys(columns, "")
        row["record_id"] = tables.trial.participant
        if form != "trial":
            counted[form] = instance or counted.get(form, 0) + 1
            row |= {"redcap_repeat_instrument": form, "redcap_repeat_instance": str(counted[form])}
        rows.append(row | {name: _plain(value) for name, value in values.items()})
    return columns, rows


def _instances(
    tables: LockedTables, names: Mapping[str, str]
) -> Iterator[tuple[str, dict[str, object], int | None]]:
    facts = dict(tables.trial.facts)
    about = {
        "trial_id": tables.trial.id,
        "trial_mode": tables.trial.mode.value,
        "trial_protocol": facts.get("protocol_sha256", ""),
    }
    yield "trial", dict(about), None
    by_session: dict[int, dict[str, object]] = {}
    for score in tables.scores:
        field = names[score.score]
        held = by_session.setdefault(score.session, {})
        held[field] = score.value
        held[f"{field}_why"] = score.missing_reason
    for session in tables.sessions:
        where = {
            "ses_number": session.session,
            "ses_on": session.on,
            "ses_day": session.day,
            "ses_period": session.period,
            "ses_block": session.block,
        }
        yield "session", where | by_session.get(session.session, {}), session.session
    for dose in tables.doses:
        told = {"dose_on": dose.on, "dose_taken": dose.taken, "dose_kit": dose.kit, "dose_text": dose.text}
        yield "dose", dict(told), None
    for guess in tables.guesses:
        told = {
            "gs_period": guess.period,
            "gs_condition": guess.condition,
            "gs_percent": guess.percent,
            "gs_reason": guess.reason,
        }
        yield "guess", dict(told), None
    for event in tables.adverse_events:
        yield (
            "adverse_event",
            {
                f"ae_{name}": getattr(event, name)
                for name in (
                    "term", "started_on", "ended_on", "severity", "serious", "related", "action", "outcome",
                )
            },
            None,
        )  # fmt: skip
    for deviation in tables.deviations:
        yield "deviation", {"dev_on": deviation.on, "dev_text": deviation.text}, None
    for period in tables.allocation or ():
        if period.period is not None:
            yield "period", {"per_number": period.period, "per_condition": period.condition}, period.period


def _plain(value: object) -> str:
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, bool) else str(value)
