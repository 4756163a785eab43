"""The cognitive tests: structure with every default, and their scores.

References
----------
Noise of one session: Monte Carlo with ex-Gaussian reaction times and binomial responses, a floor for what a day brings.
Basner and Dinges 2011, doi 10.1093/sleep/34.5.581 (PVT); Basner et al. 2011, PMC3197786 (3-minute PVT, 355 ms); Woods et
al. 2011, PMC2978794 (mean span); Vandierendonck 2017, doi 10.5334/joc.6 (rate-correct score).
"""

from __future__ import annotations

from decimal import Decimal

from nof1.battery.spec import Param, ScoreDefinition, Task
from nof1.terms import Better

_D = Decimal
_UP, _DOWN = Better.HIGHER, Better.LOWER


def _score(  # noqa: PLR0917 - a row of a table
    id_: str,
    label: str,
    unit: str,
    better: Better,
    low: str,
    high: str,
    sesoi: str | None = None,
    **more: object,
) -> ScoreDefinition:
    return ScoreDefinition(
        id=id_,
        label=label,
        unit=unit,
        better=better,
        low=_D(low),
        high=_D(high),
        sesoi=_D(sesoi) if sesoi else None,
        noise_sd=_D(str(more.pop("noise"))) if "noise" in more else None,
        is_primary=sesoi is not None or bool(more.pop("is_primary", False)),
        **more,  # type: ignore[arg-type]  # whole, part, high_is
    )


def _median_rt(name: str = "median_rt") -> ScoreDefinition:
    return _score(name, "Median reaction time", "ms", _DOWN, "100", "30000")


def _accuracy() -> ScoreDefinition:
    return _score("accuracy", "Share of correct responses", "proportion", _UP, "0", "1")


def _interference(id_: str, label: str) -> Task:
    return Task(
        id=id_,
        label=label,
        construct="interference control",
        minutes=_D(4),
        run_in_sessions=3,
        params={
            "congruent": _D(36), "incongruent": _D(36), "neutral": _D(0), "deadline_ms": _D(2500),
            "iti_ms": (_D(500), _D(900)), "practice": _D(12),
        },
        scores=(
            _score("rcs_incongruent", "Correct responses per second, conflicting trials", "1/s", _UP, "0", "5", "0.08", noise="0.05"),
            _score("interference", "Extra time on conflicting trials", "ms", _DOWN, "-1000", "2000", noise="32"),
            _score("error_cost", "Extra errors on conflicting trials", "proportion", _DOWN, "-1", "1"),
        ),
    )  # fmt: skip


def _span(  # noqa: PLR0917 - a row of a table
    id_: str, label: str, construct: str, unit: str, longest: int, params: dict[str, object]
) -> Task:
    # A list of the longest length that is always right lies half an item above that length.
    most, high_is = str(longest), ("blocks",) if "blocks" in params else ()
    half = _D("0.5")
    return Task(
        id=id_,
        label=label,
        construct=construct,
        minutes=_D(4),
        run_in_sessions=2,
        params={"lists": _D(14), **params},  # type: ignore[dict-item]  # numbers and words
        words={"direction": ("forward", "backward")} if "direction" in params else {},
        scores=(
            _score("mean_span", "Mean span", unit, _UP, "0", str(longest + half), "0.5", noise="0.47", high_is=high_is, high_plus=half),
            _score("te_ml", "Longest list before two errors", unit, _UP, "0", most, whole=True, noise="0.82", high_is=high_is),
            _score("max_len", "Longest correct list", unit, _UP, "0", most, whole=True, high_is=high_is),
            _score("total_correct", "Correct lists", "lists", _UP, "0", "14", whole=True, high_is=("lists",)),
            *(
                [_score("product", "Span × correct lists", "points", _UP, "0", "126", whole=True, high_is=("blocks", "lists"))]
                if id_ == "corsi"
                else []
            ),
        ),
    )  # fmt: skip


_ALL = (
    Task(
        id="pvt",
        label="Vigilance test",
        construct="vigilant attention",
        minutes=_D(3),
        run_in_sessions=2,
        params={
            "duration_s": _D(180), "isi_s": (_D(1), _D(4)), "lapse_ms": _D(355), "timeout_s": _D(10),
        },
        scores=(
            _score("speed", "Response speed", "1/s", _UP, "0.03", "10", "0.2", noise="0.1"),
            _score("lapses", "Lapses of attention", "count", _DOWN, "0", "200", whole=True, noise="2.6"),
            _score("false_starts", "False starts", "count", _DOWN, "0", "500", whole=True),
            _score("perf", "Share of responses in time", "proportion", _UP, "0", "1"),
            _median_rt(),
            _score("p10_rt", "Fastest tenth of reaction times", "ms", _DOWN, "100", "30000"),
            _score("p90_rt", "Slowest tenth of reaction times", "ms", _DOWN, "100", "30000"),
            _score("sd_speed", "Spread of response speed", "1/s", _DOWN, "0", "10"),
        ),
    ),
    Task(
        id="srt",
        label="Simple reaction time",
        construct="reaction time, as a control for timing",
        minutes=_D("1.5"),
        run_in_sessions=2,
        params={"trials": _D(40), "foreperiod_s": (_D(1), _D(3))},
        scores=(
            _score("median", "Median reaction time", "ms", _DOWN, "100", "1500", "15", noise="10.8"),
            _score("speed", "Response speed", "1/s", _UP, "0.5", "10", noise="0.123"),
            _score("cv", "Spread of reaction times (SD / mean)", "ratio", _DOWN, "0", "5"),
        ),
    ),
    Task(
        id="crt4",
        label="Choice reaction time",
        construct="choice reaction time",
        minutes=_D("1.5"),
        run_in_sessions=2,
        params={"trials": _D(60), "positions": _D(4), "rsi_ms": _D(500)},
        scores=(
            _score("rcs", "Correct responses per second", "1/s", _UP, "0", "10", is_primary=True),
            _accuracy(),
            _median_rt(),
            _score("post_error_slowing", "Slowing after an error", "ms", _DOWN, "-2000", "2000"),
        ),
    ),
    Task(
        id="coding",
        label="Symbol–digit coding",
        construct="processing speed",
        minutes=_D("1.5"),
        run_in_sessions=8,
        params={"duration_s": _D(90), "symbols": _D(9)},
        scores=(
            _score("correct", "Correct symbols in 90 seconds", "count", _UP, "0", "150", "3", noise="2.5"),
            _accuracy(),
            _score("rate_first", "Correct per second, first 30 s", "1/s", _UP, "0", "5"),
            _score("rate_last", "Correct per second, last 30 s", "1/s", _UP, "0", "5"),
        ),
    ),
    Task(
        id="nback",
        label="N-back",
        construct="working memory updating",
        minutes=_D("4.2"),
        run_in_sessions=5,
        params={
            "n": _D(2), "blocks": _D(2), "trials": _D(48), "targets": _D(16), "lures": _D(6), "practice": _D(20),
            "on_ms": _D(500), "soa_ms": _D(2500),
        },
        scores=(
            _score("dprime", "Discrimination (d′)", "d'", _UP, "-6", "6", "0.3", noise="0.4"),
            _score("criterion", "Response criterion; no direction is the good one", "c", _DOWN, "-3", "3"),
            _score("lure_fa", "False alarms to lures", "proportion", _DOWN, "0", "1"),
            _score("hit_rt", "Reaction time of hits", "ms", _DOWN, "100", "5000"),
        ),
    ),
    _span(
        "digit_span", "Digit span", "verbal working memory", "items", 14,
        {"direction": "backward", "start": _D(2), "item_ms": _D(1000)},
    ),
    _span("corsi", "Block span", "spatial working memory", "blocks", 9, {"start": _D(3), "item_ms": _D(1000), "blocks": _D(9)}),
    _interference("stroop", "Colour–word test"),
    _interference("flanker", "Flanker test"),
    Task(
        id="gonogo",
        label="Go / no-go",
        construct="response inhibition",
        minutes=_D(4),
        run_in_sessions=2,
        params={
            "trials": _D(160), "nogo": _D(40), "on_ms": _D(250), "window_ms": _D(900), "iti_ms": (_D(300), _D(700)),
        },
        scores=(
            _score("commission", "Responses that should have been withheld", "proportion", _DOWN, "0", "1", "0.08", noise="0.067"),
            _score("omission", "Responses that were left out", "proportion", _DOWN, "0", "1"),
            _score("go_median_rt", "Median reaction time", "ms", _DOWN, "100", "2000"),
            _score("go_cv", "Spread of reaction times (SD / mean)", "ratio", _DOWN, "0", "5"),
            _score("dprime", "Discrimination (d′)", "d'", _UP, "-6", "6"),
        ),
    ),
    Task(
        id="switch",
        label="Task switching",
        construct="cognitive flexibility",
        minutes=_D(5),
        run_in_sessions=4,
        params={"single": _D(24), "mixed": _D(96), "cue_ms": _D(300), "deadline_ms": _D(4000)},
        scores=(
            _score("rcs_mixed", "Correct responses per second, mixed trials", "1/s", _UP, "0", "5", "0.08"),
            _score("switch_cost", "Extra time after a switch", "ms", _DOWN, "-1000", "3000", noise="42"),
            _score("mixing_cost", "Extra time in mixed trials", "ms", _DOWN, "-1000", "3000"),
            _score("error_cost", "Extra errors after a switch", "proportion", _DOWN, "-1", "1"),
        ),
    ),
    Task(
        id="wordlist",
        label="Word list",
        construct="verbal learning and recall",
        minutes=_D(6),
        run_in_sessions=2,
        params={
            "words": _D(12), "trials": _D(3), "word_ms": _D(1500), "gap_ms": _D(500), "delay_min": (_D(15), _D(25)),
            "lang": "en",
        },
        parts=("study", "delayed"),
        words={"lang": ("en",)},
        scores=(
            _score(
                "immediate", "Words recalled at once, all trials", "words", _UP, "0", "36", "3",
                whole=True, part="study", high_is=("words", "trials"), noise="2.5",
            ),
            _score(
                "delayed", "Words recalled later", "words", _UP, "0", "12", "1",
                whole=True, part="delayed", high_is=("words",), noise="1.4",
            ),
            _score("slope", "Words gained per trial", "words", _UP, "-12", "12", part="study"),
            _score("retention", "Later recall / last trial", "ratio", _UP, "0", "12", part="delayed", high_is=("words",)),
            _score("intrusions", "Words that were not on the list", "count", _DOWN, "0", "200", whole=True, part="study"),
            _score("repetitions", "Words said twice", "count", _DOWN, "0", "200", whole=True, part="study"),
            _score("recognition_dprime", "Recognition (d′)", "d'", _UP, "-5", "5", part="delayed"),
        ),
    ),
    Task(
        id="objloc",
        label="Object locations",
        construct="spatial learning and memory",
        minutes=_D(5),
        run_in_sessions=2,
        params={"glyphs": _D(8), "cells": _D(16), "trials": _D(3), "glyph_ms": _D(1500), "delay_min": (_D(15), _D(25))},
        parts=("study", "delayed"),
        scores=(
            _score(
                "immediate", "Objects placed at once, all trials", "items", _UP, "0", "24",
                whole=True, part="study", high_is=("glyphs", "trials"), is_primary=True,
            ),
            _score(
                "delayed", "Objects placed later", "items", _UP, "0", "8",
                whole=True, part="delayed", high_is=("glyphs",), is_primary=True,
            ),
            _score("distance_error", "Mean distance from the right place", "cells", _DOWN, "0", "6", part="study"),
        ),
    ),
)  # fmt: skip

TASKS = {task.id: task for task in _ALL}
"""By id."""

LONG_PVT: dict[str, Param] = {"isi_s": (_D(2), _D(10)), "lapse_ms": _D(500), "timeout_s": _D(30)}
"""Defaults of a vigilance test of five minutes or more; its scores cannot be compared with those of the short one."""
LONG_PVT_SECONDS = 300

FLAGS = (
    "anticipation", "fast_guess", "timeout_rate", "accuracy_floor", "monotone", "tab_hidden", "frame_drop",
    "device_changed", "untrusted_events", "interrupted", "restarted", "late", "short_form", "duration_outlier",
    "straight_lining",
)  # fmt: skip
"""What can be said about the quality of a session; a protocol may leave such sessions out."""
