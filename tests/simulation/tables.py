"""The tables: which designs are simulated, what is counted, and how the counts are written down."""

from __future__ import annotations

import csv
import io
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nof1.analysis.reference_set import drawn
from nof1.schedule.space import balanced, randomized_blocks

from .days import daily_model, ordinary, prewhitened_counts
from .generator import Trials, generate, randomized
from .periods import mixed_model, naive_t, paired_blocks, period_means, products, randomization_counts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from nof1.schedule.space import SequenceSpace

    from .likelihood import Tests

SEED = 20261123
TRIALS, MANY_TRIALS = 2_000, 20_000
ALPHA, LOOK_AGAIN, BAR = 0.05, 0.055, 0.065
EFFECT = 0.5
N_DRAWS = 999
RHO, PRACTICE, PERIOD_SD = (0.0, 0.3, 0.6), ("none", "log"), (0.0, 0.3, 0.6)
ON_OFF = ("on", "off")
DAILY = {"blocks of two": (20, 50, 70), "blocks of four": (20, 52, 72), "longest run two": (20, 50, 70)}
"""Design to number of days; blocks of four days need a multiple of four."""

Cell = dict[str, object]
Counts = dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table.

    Attributes
    ----------
    number : int
        Part of the seed.
    name : str
        Of the file.
    cells : tuple of dict
        What each row simulates.
    run : callable
        Simulates trials of one cell with a generator and returns counts.
    methods : dict of str to str
        Short name to name, the primary analysis first; further primaries are in `primaries`.
    primaries : tuple of str
        Short names of planned analyses.
    by : str
        What the second summary is split by.
    """

    number: int
    name: str
    cells: tuple[Cell, ...]
    run: Callable[[np.random.Generator, Cell, int], Counts]
    methods: dict[str, str]
    primaries: tuple[str, ...]
    by: str


def contrasts(k: int) -> dict[str, np.ndarray]:
    """Return the first dose against the reference (condition 0), and the linear trend per step of dose."""
    versus = np.zeros(k + 1)
    versus[0], versus[1] = -1.0, 1.0
    linear = np.append(np.arange(k) - (k - 1) / 2.0, 0.0)
    return {"versus": versus, "linear": linear / np.sum(linear**2)}


def space_of_days(design: str, n_days: int) -> SequenceSpace:
    """Return every order that a daily design may draw."""
    if design == "longest run two":
        return balanced(n_days, ON_OFF, max_run=2)
    per_block = 2 if design == "blocks of four" else 1
    return randomized_blocks(n_days // (2 * per_block), ON_OFF, per_block)


def _counted(name: str, tests: Tests, effect: float = EFFECT) -> Counts:
    for numbers in (tests.estimate, tests.se, tests.df):
        if not np.all(np.isfinite(numbers)):
            raise AssertionError(f"{name}: a trial has no number")
    return {
        f"{name}_rejected": int(np.count_nonzero(tests.p_value() <= ALPHA)),
        f"{name}_covered": int(np.count_nonzero(tests.covered())),
        f"{name}_found": int(np.count_nonzero(tests.p_value(effect) <= ALPHA)),
    }


def _two_conditions(rng: np.random.Generator, cell: Cell, n_trials: int) -> Counts:
    n_blocks = cell["blocks"]
    order = randomized(rng, n_blocks, 2, n_trials)
    trials = generate(
        rng, order, cell["days"], k=2, rho=cell["rho"], practice=cell["practice"], sp=cell["period_sd"]
    )
    of, weights = products(trials), np.array([-1.0, 1.0, 0.0])
    mixed, means = mixed_model(of, weights), period_means(of, weights)
    # Zero is in the interval by inversion exactly where p is above alpha.
    limit = ALPHA * 2**n_blocks
    by_chance = randomization_counts(trials) <= limit
    rejected = int(np.count_nonzero(by_chance))
    return {
        "singular": int(np.count_nonzero(mixed.at_bound)),
        "singular_mixed": int(np.count_nonzero(mixed.at_bound & (mixed.p_value() <= ALPHA))),
        "singular_randomization": int(np.count_nonzero(mixed.at_bound & by_chance)),
        "singular_means": int(np.count_nonzero(mixed.at_bound & (means.p_value() <= ALPHA))),
        **_counted("mixed", mixed),
        "randomization_rejected": rejected,
        "randomization_covered": n_trials - rejected,
        "randomization_found": int(np.count_nonzero(randomization_counts(trials.shifted(EFFECT)) <= limit)),
        **_counted("means", means),
        **_counted("paired", paired_blocks(trials)),
        **_counted("naive", naive_t(trials)),
    }


def _daily(rng: np.random.Generator, cell: Cell, n_trials: int) -> Counts:
    space = space_of_days(cell["design"], cell["days"])
    order = 1 - drawn(space, n_trials, rng).T.astype(int)
    trials = generate(rng, order, 1, k=2, rho=cell["rho"], practice=cell["practice"], sp=0.0)
    daily, _ = daily_model(trials)

    def rejected(made: Trials) -> int:
        counts, n_draws = prewhitened_counts(made, lambda: 1.0 - drawn(space, N_DRAWS, rng))
        return int(np.count_nonzero((counts + 1) / (n_draws + 1) <= ALPHA))

    by_chance = rejected(trials)
    return {
        "fallback": int(np.count_nonzero(daily.at_bound)),
        **_counted("daily", daily),
        "randomization_rejected": by_chance,
        "randomization_covered": n_trials - by_chance,
        "randomization_found": rejected(trials.shifted(EFFECT)),
        **_counted("ols", ordinary(trials)),
    }


def _more_conditions(rng: np.random.Generator, cell: Cell, n_trials: int) -> Counts:
    k = cell["conditions"]
    order = randomized(rng, cell["blocks"], k, n_trials)
    trials = generate(rng, order, 7, k=k, rho=cell["rho"], practice=cell["practice"], sp=cell["period_sd"])
    of = products(trials)
    counts: Counts = {}
    for name, weights in contrasts(k).items():
        effect = EFFECT if name == "versus" else EFFECT / (k - 1)
        mixed = mixed_model(of, weights)
        counts["singular"] = int(np.count_nonzero(mixed.at_bound))
        counts |= _counted(f"mixed_{name}", mixed, effect)
        counts |= _counted(f"means_{name}", period_means(of, weights), effect)
    return counts


def _grid(**axes: tuple) -> tuple[Cell, ...]:
    return tuple(dict(zip(axes, values, strict=True)) for values in itertools.product(*axes.values()))


TABLES = {
    "periods": Table(
        number=1,
        name="periods",
        cells=_grid(blocks=(3, 4, 6, 8), days=(5, 7, 14), rho=RHO, practice=PRACTICE, period_sd=PERIOD_SD),
        run=_two_conditions,
        methods={
            "mixed": "**mixed model, Kenward–Roger** (planned)",
            "randomization": "randomization test",
            "means": "period means + trend",
            "paired": "paired t on blocks",
            "naive": "naive t on days",
        },
        primaries=("mixed",),
        by="blocks",
    ),
    "daily": Table(
        number=2,
        name="daily",
        cells=tuple(
            {"design": design, "days": days, **rest}
            for design, lengths in DAILY.items()
            for days in lengths
            for rest in _grid(rho=RHO, practice=PRACTICE)
        ),
        run=_daily,
        methods={
            "daily": "**AR(1) model, first-order Kenward–Roger** (planned)",
            "randomization": "randomization test, prewhitened",
            "ols": "least squares + trend",
        },
        primaries=("daily",),
        by="design",
    ),
    "conditions": Table(
        number=3,
        name="conditions",
        cells=_grid(conditions=(3, 4), blocks=(3, 4, 6), rho=RHO, practice=PRACTICE, period_sd=PERIOD_SD),
        run=_more_conditions,
        methods={
            "mixed_versus": "**mixed model**, dose against reference (planned)",
            "mixed_linear": "**mixed model**, linear trend (planned)",
            "means_versus": "period means, dose against reference",
            "means_linear": "period means, linear trend",
        },
        primaries=("mixed_versus", "mixed_linear"),
        by="blocks",
    ),
}


def simulate(table: Table, place: int, *, again: bool = False) -> Cell:
    """Simulate one cell of a table, 2,000 trials at a time; again: ten times as many, from other seeds."""
    cell = table.cells[place]
    total: Counts = {}
    for part in range(MANY_TRIALS // TRIALS if again else 1):
        rng = np.random.default_rng([SEED, table.number, place, part + (1 if again else 0)])
        for name, count in table.run(rng, cell, TRIALS).items():
            total[name] = total.get(name, 0) + count
    return {"cell": place, **cell, "trials": MANY_TRIALS if again else TRIALS, **total}


def run(table: Table) -> tuple[list[Cell], list[Cell]]:
    """Simulate every cell, and once more those where a planned analysis rejects more often than .055."""
    rows = [simulate(table, place) for place in range(len(table.cells))]
    return rows, [simulate(table, row["cell"], again=True) for row in rows if _is_high(table, row)]


def _is_high(table: Table, row: Cell) -> bool:
    return any(row[f"{name}_rejected"] > LOOK_AGAIN * row["trials"] for name in table.primaries)


def as_csv(rows: list[Cell]) -> str:
    """Write rows as CSV: every number that was counted is an integer."""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]) if rows else ["cell"], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def read(path: Path) -> list[Cell]:
    """Read a committed table."""
    with path.open(encoding="utf-8", newline="") as file:
        return [{key: _number(value) for key, value in row.items()} for row in csv.DictReader(file)]


def _number(text: str) -> object:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def interval(count: int, trials: int) -> tuple[float, float]:
    """Return the 95 % Monte Carlo interval of a share."""
    share = count / trials
    half = 1.96 * np.sqrt(share * (1.0 - share) / trials)
    return share - half, share + half


def settled(table: Table, rows: list[Cell], again: list[Cell]) -> list[Cell]:
    """Return rows with those that were run again in the place of the first run."""
    longer = {row["cell"]: row for row in again}
    return [longer.get(row["cell"], row) for row in rows]


def above_the_bar(table: Table, rows: list[Cell], again: list[Cell]) -> list[str]:
    """Name the cells of planned analyses whose whole interval lies above .065."""
    return [
        f"{table.name} cell {row['cell']}: {name}"
        for row in settled(table, rows, again)
        for name in table.primaries
        if interval(row[f"{name}_rejected"], row["trials"])[0] > BAR
    ]
