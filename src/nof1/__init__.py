"""Blinded N-of-1 trials, from protocol to report; names in order of use."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from nof1.version import __version__

if TYPE_CHECKING:  # for editors and mypy; at run time names load on first use
    from nof1.analysis.analyse import analyse
    from nof1.analysis.bayes_grid import effect_posterior
    from nof1.analysis.blinding_index import bang_index, james_index
    from nof1.analysis.closed_test import closed_randomization_test
    from nof1.analysis.crosscheck import crosscheck
    from nof1.analysis.daily_model import fit_daily_model
    from nof1.analysis.equivalence import equivalence_test
    from nof1.analysis.mixed_model import fit_mixed_model
    from nof1.analysis.multiplicity import adjust_p_values
    from nof1.analysis.paired_blocks import fit_paired_blocks
    from nof1.analysis.period_means import fit_period_means
    from nof1.analysis.pooled import fit_pooled
    from nof1.analysis.pooled_trials import pool_trials
    from nof1.analysis.power import simulate_power
    from nof1.analysis.randomization_interval import randomization_interval
    from nof1.analysis.randomization_test import randomization_test
    from nof1.files.locked import read_blinded, read_dataset
    from nof1.files.protocols import read_protocol
    from nof1.report.crosschecked import render_crosscheck
    from nof1.report.figures import plot_estimate, plot_periods, plot_scores
    from nof1.report.planned_power import render_power
    from nof1.report.pooled import plot_forest, render_pooled
    from nof1.report.render import render
    from nof1.schedule.space import balanced, counterbalanced, fixed, randomized_blocks, williams
    from nof1.workflow.stored import read_datasets

_HOME = {
    "read_protocol": "nof1.files.protocols",
    "randomized_blocks": "nof1.schedule.space",
    "balanced": "nof1.schedule.space",
    "williams": "nof1.schedule.space",
    "counterbalanced": "nof1.schedule.space",
    "fixed": "nof1.schedule.space",
    "read_dataset": "nof1.files.locked",
    "read_blinded": "nof1.files.locked",
    "analyse": "nof1.analysis.analyse",
    "render": "nof1.report.render",
    "fit_mixed_model": "nof1.analysis.mixed_model",
    "fit_daily_model": "nof1.analysis.daily_model",
    "fit_period_means": "nof1.analysis.period_means",
    "fit_paired_blocks": "nof1.analysis.paired_blocks",
    "randomization_test": "nof1.analysis.randomization_test",
    "randomization_interval": "nof1.analysis.randomization_interval",
    "closed_randomization_test": "nof1.analysis.closed_test",
    "equivalence_test": "nof1.analysis.equivalence",
    "effect_posterior": "nof1.analysis.bayes_grid",
    "adjust_p_values": "nof1.analysis.multiplicity",
    "bang_index": "nof1.analysis.blinding_index",
    "james_index": "nof1.analysis.blinding_index",
    "crosscheck": "nof1.analysis.crosscheck",
    "read_datasets": "nof1.workflow.stored",
    "fit_pooled": "nof1.analysis.pooled",
    "pool_trials": "nof1.analysis.pooled_trials",
    "render_pooled": "nof1.report.pooled",
    "plot_forest": "nof1.report.pooled",
    "simulate_power": "nof1.analysis.power",
    "render_power": "nof1.report.planned_power",
    "render_crosscheck": "nof1.report.crosschecked",
    "plot_periods": "nof1.report.figures",
    "plot_scores": "nof1.report.figures",
    "plot_estimate": "nof1.report.figures",
}
__all__ = [
    "__version__",
    "adjust_p_values",
    "analyse",
    "balanced",
    "bang_index",
    "closed_randomization_test",
    "counterbalanced",
    "crosscheck",
    "effect_posterior",
    "equivalence_test",
    "fit_daily_model",
    "fit_mixed_model",
    "fit_paired_blocks",
    "fit_period_means",
    "fit_pooled",
    "fixed",
    "james_index",
    "plot_estimate",
    "plot_forest",
    "plot_periods",
    "plot_scores",
    "pool_trials",
    "randomization_interval",
    "randomization_test",
    "randomized_blocks",
    "read_blinded",
    "read_dataset",
    "read_datasets",
    "read_protocol",
    "render",
    "render_crosscheck",
    "render_pooled",
    "render_power",
    "simulate_power",
    "williams",
]


def __getattr__(name: str) -> object:
    """Load a public name on first use, so that the command starts without pandas."""
    if name not in _HOME:
        raise AttributeError(f"nof1 has no public name {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
