"""Questionnaires whose scores can be entered; none whose terms forbid it is ever shown.

References
----------
Kroenke et al. 2009, doi 10.1016/j.jad.2008.06.026 (PHQ-8); Kroenke et al. 2001, doi 10.1046/j.1525-1497.2001.016009606.x (PHQ-9);
Spitzer et al. 2006, doi 10.1001/archinte.166.10.1092 (GAD-7); Ang et al. 2017, doi 10.1371/journal.pone.0169938 (AMI).
"""

from __future__ import annotations

from decimal import Decimal

from nof1.battery.spec import Questionnaire, ScoreDefinition
from nof1.terms import Better

_D = Decimal
_UP, _DOWN = Better.HIGHER, Better.LOWER
_PFIZER = "Spitzer, Williams, Kroenke and colleagues; no permission required to reproduce, translate, display or distribute."
_SCORE_ONLY = "Its items belong to their owner; only the score is entered."


def _points(  # noqa: PLR0917 - a row of a table
    id_: str, label: str, better: Better, low: str, high: str, sesoi: str | None = None, *, whole: bool = True
) -> ScoreDefinition:
    return ScoreDefinition(
        id=id_,
        label=label,
        unit="points",
        better=better,
        low=_D(low),
        high=_D(high),
        whole=whole,
        sesoi=_D(sesoi) if sesoi else None,
        is_primary=True,
    )


def _one(  # noqa: PLR0917 - a row of a table
    id_: str, label: str, better: Better, low: str, high: str, recall_days: int | None, *,
    sesoi: str | None = None, whole: bool = True, shown: bool = False, notice: str = _SCORE_ONLY,
) -> Questionnaire:  # fmt: skip
    return Questionnaire(
        id=id_,
        label=label,
        scores=(_points("total", label, better, low, high, sesoi, whole=whole),),
        recall_days=recall_days,
        minutes=_D(2),
        may_be_shown=shown,
        notice=notice,
    )


_ALL = (
    _one(
        "phq8", "Depressive symptoms (PHQ-8)", _DOWN, "0", "24", 14, sesoi="1.7", shown=True, notice=_PFIZER
    ),
    Questionnaire(
        id="phq9",
        label="Depressive symptoms (PHQ-9)",
        scores=(
            _points("total", "Depressive symptoms (PHQ-9)", _DOWN, "0", "27", "1.7"),
            _points("item9", "Thoughts of death (PHQ-9, item 9)", _DOWN, "0", "3"),
        ),
        recall_days=14,
        minutes=_D(2),
        may_be_shown=True,
        notice=_PFIZER,
        asks_about_suicide=True,
    ),
    _one("gad7", "Anxiety (GAD-7)", _DOWN, "0", "21", 14, sesoi="1.5", shown=True, notice=_PFIZER),
    Questionnaire(
        id="ami",
        label="Apathy–Motivation Index",
        scores=(
            _points("total", "Apathy, total", _DOWN, "0", "4", whole=False),
            _points("ba", "Apathy, behavioural activation", _DOWN, "0", "4", whole=False),
            _points("sm", "Apathy, social motivation", _DOWN, "0", "4", whole=False),
            _points("es", "Apathy, emotional sensitivity", _DOWN, "0", "4", whole=False),
        ),
        recall_days=14,
        minutes=_D(3),
        may_be_shown=False,
        notice="Ang, Lockwood, Apps, Muhammed and Husain 2017, CC BY 4.0; scores are entered.",
    ),
    _one("who5", "Well-being (WHO-5)", _UP, "0", "100", 14, sesoi="10"),
    _one("aes", "Apathy Evaluation Scale, total", _DOWN, "18", "72", 28),
    _one("das", "Dimensional Apathy Scale, total", _DOWN, "0", "72", 28),
    Questionnaire(
        id="panas",
        label="Positive and negative affect",
        scores=(
            _points("positive", "Positive affect", _UP, "10", "50"),
            _points("negative", "Negative affect", _DOWN, "10", "50"),
        ),
        recall_days=None,
        minutes=_D(2),
        may_be_shown=False,
        notice=_SCORE_ONLY,
    ),
    _one("kss", "Sleepiness (Karolinska)", _DOWN, "1", "9", None),
    _one("promis", "PROMIS T score; lower is better, as for symptoms", _DOWN, "10", "90", 7, whole=False),
    _one(
        "promis_function",
        "PROMIS T score; higher is better, as for cognitive function",
        _UP,
        "10",
        "90",
        7,
        whole=False,
    ),
    _one("ess", "Daytime sleepiness (Epworth)", _DOWN, "0", "24", 14),
    _one("psqi", "Sleep quality (Pittsburgh)", _DOWN, "0", "21", 30),
)

QUESTIONNAIRES = {questionnaire.id: questionnaire for questionnaire in _ALL}
"""By id."""
