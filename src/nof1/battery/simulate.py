"""Made-up people: what the page would send if such a person sat before it. For tests and the demo; marked as simulated."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TYPE_CHECKING, Final

from nof1.battery.nback import LEAD, TARGET
from nof1.battery.run import next_length, right_answer
from nof1.battery.wordlist import OLD
from nof1.battery.words import pool

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np

    from nof1.battery.form import Block, Form, Trial

_NORMAL: Final = NormalDist()
_FRAME_MS: Final = 1000 / 60
# Mean and spread of the normal part, and mean of the exponential part of reaction times [ms].
_SIMPLE, _CHOICE, _CODING = (215.0, 25.0, 65.0), (380.0, 45.0, 90.0), (900.0, 120.0, 250.0)
_CONFLICT_MS, _SWITCH_MS, _MIXED_MS = 80.0, 110.0, 90.0
_SPAN = {"digits": 6.0, "cells": 5.5}
_LEARNED = (0.45, 0.62, 0.75)
_KEPT = 0.62


def simulate_run(
    form: Form, rng: np.random.Generator, *, shift_ms: float = 0.0, ability: float = 0.0
) -> dict[str, object]:
    """Answer a form as a made-up person would.

    Parameters
    ----------
    form : Form
        Of any task.
    rng : numpy.random.Generator
        Chance.
    shift_ms : float
        So much slower than usual; negative: faster [ms].
    ability : float
        So much better than usual, where better is more right and not faster [standard normal units: of d′, of the
        chance of an error, of recall; items of a span].

    Returns
    -------
    dict
        JSON that `nof1.battery.run.read_run` takes.
    """
    person = _Person(form, rng, shift_ms, ability)
    responses = [one for block in form.blocks if not block.is_practice for one in person.block(block)]
    return {
        "format": 1,
        "task": form.task,
        "part": form.part,
        "form_sha256": form.sha256,
        "mode": "simulated",
        "ended": "complete",
        "elapsed_ms": round(person.clock, 1),
        "frame_median_ms": 16.7,
        "frame_p95_ms": 17.0,
        "responses": responses,
    }


class _Person:
    """Somebody with a clock."""

    def __init__(self, form: Form, rng: np.random.Generator, shift_ms: float, ability: float) -> None:
        self.clock = 0.0
        self._form = form
        self._rng = rng
        self._shift = shift_ms
        self._ability = ability

    def block(self, block: Block) -> Iterator[dict[str, object]]:
        begin = self.clock
        lengths: list[int] = []
        rights: list[bool] = []
        for trial in block.trials:
            if block.rule.kind == "timed" and self.clock - begin >= (block.rule.duration_ms or 0):
                return
            if trial.mode == "press":
                record = self._press(trial, block)
                end = begin + (block.rule.duration_ms or 0)
                if block.rule.kind == "timed" and not block.rule.finish_trial and self.clock > end:
                    self.clock = end
                    return
                yield record
                continue
            length = None
            if block.rule.kind == "staircase":
                length = next_length(block, lengths, rights)
            given = self._given(trial, block, length)
            yield self._series(trial, given, length)
            if length is not None:
                lengths.append(length)
                rights.append(tuple(given) == right_answer(trial, length))

    def _press(self, trial: Trial, block: Block) -> dict[str, object]:
        self.clock += trial.before_ms + trial.cue_ms
        self.clock = math.ceil(self.clock / _FRAME_MS) * _FRAME_MS
        onset = self.clock
        response = self._choice(trial, block)
        rt: float | None = max(self._time(trial), 0.0)
        limit = trial.length_ms or trial.deadline_ms
        if response is None or (limit is not None and rt is not None and rt > limit):
            response, rt = None, None
        spent = trial.length_ms if trial.length_ms is not None else rt if rt is not None else limit or 0
        self.clock += spent
        return self._record(trial, onset, rt, response)

    def _series(self, trial: Trial, given: list[str | None], length: int | None) -> dict[str, object]:
        shown = trial.items[:length] if length is not None else trial.items
        self.clock += trial.before_ms + len(shown) * (trial.item_ms + trial.gap_ms)
        onset = self.clock
        rt = 800.0 + 700.0 * len(given) + self._rng.exponential(500.0)
        self.clock += rt
        return self._record(trial, onset, rt, given, length)

    @staticmethod
    def _record(
        trial: Trial, onset: float, rt: float | None, response: object, length: int | None = None
    ) -> dict[str, object]:
        record: dict[str, object] = {
            "trial": trial.index,
            "onset_ms": round(onset, 1),
            "rt_ms": None if rt is None else round(rt, 1),
            "response": response,
            "device": None if response is None else "keyboard",
        }
        return record if length is None else {**record, "length": length}

    def _time(self, trial: Trial) -> float:
        task = self._form.task
        mean, sd, tail = (
            _SIMPLE if task in {"pvt", "srt", "gonogo"} else _CODING if task == "coding" else _CHOICE
        )
        more = {"incongruent": _CONFLICT_MS, "repeat": _MIXED_MS, "switch": _MIXED_MS + _SWITCH_MS}.get(
            trial.kind, 0.0
        )
        return float(self._rng.normal(mean + more + self._shift, sd) + self._rng.exponential(tail))

    def _is(self, chance: float, ability: float = 0.0) -> bool:
        """Draw yes or no, with a chance that ability moves on the normal scale."""
        return bool(self._rng.random() < _NORMAL.cdf(_NORMAL.inv_cdf(chance) + ability))

    def _choice(self, trial: Trial, block: Block) -> str | None:
        half = self._ability / 2  # a d′ is the distance of two rates: each moves by half
        match self._form.task, trial.kind:
            case ("nback", kind):
                yes = self._is(0.85, half) if kind == TARGET else kind != LEAD and self._is(0.08, -half)
                return block.choices[0].id if yes else None
            case ("gonogo", "nogo"):
                return block.choices[0].id if self._is(0.25, -half) else None
            case ("gonogo", _):
                return trial.expected if self._is(0.98, half) else None
            case ("wordlist", kind):
                is_old = self._is(0.9, half) if kind == OLD else self._is(0.1, -half)
                return block.choices[0 if is_old else 1].id
        chance = {"incongruent": 0.93, "switch": 0.92, "repeat": 0.95}.get(trial.kind, 0.97)
        others = [choice.id for choice in block.choices if choice.id != trial.expected]
        if not others or self._is(chance, self._ability):
            return trial.expected
        return others[int(self._rng.integers(len(others)))]

    def _given(self, trial: Trial, block: Block, length: int | None) -> list[str | None]:
        kind = trial.entry.kind if trial.entry is not None else "words"
        if kind in _SPAN:
            return self._list(trial, length, _SPAN[kind])
        learned = (
            _KEPT if not trial.items else _LEARNED[min(self._form.trials.index(trial), len(_LEARNED) - 1)]
        )
        if kind == "placement":
            cells = [choice.id for choice in block.choices]
            return [
                cell if self._is(learned, self._ability) else cells[int(self._rng.integers(len(cells)))]
                for cell in trial.answer
            ]
        words: list[str | None] = [word for word in trial.answer if self._is(learned, self._ability)]
        if self._is(0.2, -self._ability):
            everything = pool("en")
            words.append(everything[int(self._rng.integers(len(everything)))])
        return [self._typed(word) for word in words if word]

    def _typed(self, word: str) -> str:
        """Type a word, with a slip now and then."""
        place = int(self._rng.integers(1, len(word)))
        return word if self._is(0.95) else word[:place] + word[place + 1 :]

    def _list(self, trial: Trial, length: int | None, span: float) -> list[str | None]:
        right = right_answer(trial, length)
        chance = 1 / (1 + math.exp(1.6 * (len(right) - span - self._ability)))
        given: list[str | None] = list(right)
        return given if self._rng.random() < chance else given[:-1]
