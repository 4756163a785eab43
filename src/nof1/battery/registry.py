"""Which module makes and scores which task."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nof1.battery import (
    coding,
    corsi,
    crt4,
    digit_span,
    flanker,
    gonogo,
    nback,
    objloc,
    pvt,
    srt,
    stroop,
    switch,
    wordlist,
)

if TYPE_CHECKING:
    from nof1.battery.form import Form
    from nof1.battery.run import Run
    from nof1.battery.seeds import FormKey
    from nof1.battery.spec import Param

Maker = Callable[["Mapping[str, Param]", "FormKey", "str | None"], "Form"]
Scorer = Callable[["Run", "Run | None"], "dict[str, float | None]"]


@dataclass(frozen=True, slots=True)
class TaskRules:
    """How a task is made and scored.

    Attributes
    ----------
    make : callable
        Parameters, key and part to a form.
    score : callable
        A run, and the run of the study part where there is one, to its scores.
    version : str
        Of the formulas; it changes when the same trials would give another number.
    length : tuple of str
        Parameters whose product says how much is given.
    blocks : mapping of str to tuple of str
        Blocks on which a score rests, where it does not rest on all.
    """

    make: Maker
    score: Scorer
    version: str = "1"
    length: tuple[str, ...] = ("trials",)
    blocks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


RULES: Mapping[str, TaskRules] = {
    "pvt": TaskRules(pvt.make, pvt.score, length=("duration_s",)),
    "srt": TaskRules(srt.make, srt.score),
    "crt4": TaskRules(crt4.make, crt4.score),
    "coding": TaskRules(coding.make, coding.score, length=("duration_s",)),
    "nback": TaskRules(nback.make, nback.score, length=("blocks", "trials")),
    "digit_span": TaskRules(digit_span.make, digit_span.score, length=("lists",)),
    "corsi": TaskRules(corsi.make, corsi.score, length=("lists",)),
    "stroop": TaskRules(stroop.make, stroop.score, length=("incongruent",)),
    "flanker": TaskRules(flanker.make, flanker.score, length=("incongruent",)),
    "gonogo": TaskRules(gonogo.make, gonogo.score),
    "switch": TaskRules(
        switch.make,
        switch.score,
        length=("mixed",),
        blocks=dict.fromkeys(("rcs_mixed", "switch_cost", "error_cost"), ("mixed",)),
    ),
    "wordlist": TaskRules(
        wordlist.make,
        wordlist.score,
        length=("words", "trials"),
        blocks={"delayed": ("recall",), "retention": ("recall",), "recognition_dprime": ("recognition",)},
    ),
    "objloc": TaskRules(objloc.make, objloc.score, length=("glyphs", "trials")),
}
"""By task."""
