"""The two published trials give the published numbers, and the whole analysis runs on them."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from nof1.analysis.daily_model import fit_daily_model
from nof1.analysis.period_means import fit_period_means
from nof1.analysis.randomization_interval import randomization_interval
from nof1.analysis.randomization_test import randomization_test
from nof1.schedule.space import balanced

CAFFEINE = ("caffeine", "placebo")
MELATONIN = ("melatonin", "control")


@pytest.fixture(scope="module")
def caffeine(shared_data):
    """Fifty sessions on fifty days within seventy-seven."""
    table = pd.read_csv(shared_data / "caffeine.csv")
    on = pd.to_datetime(table["dose_at"].str[:10])
    return table.assign(period=table["session"], day=(on - on.min()).dt.days + 1, condition=table["arm"])


@pytest.fixture(scope="module")
def melatonin(shared_data):
    """Seventy days, three prompts each, two records left out by the author."""
    table = pd.read_csv(shared_data / "melatonin" / "melatonin_ema.csv")
    excluded = pd.read_csv(shared_data / "melatonin" / "excluded_observations.csv")
    table = table[~table["datetime"].isin(excluded["datetime"])].reset_index(drop=True)
    day = table["study_day"].astype(int)
    return table.assign(session=np.arange(1, len(table) + 1), day=day, period=day, value=table["mood"])


@pytest.mark.parametrize(
    ("score", "difference", "n"),
    [("productivity", 0.1989, 46), ("mindfulness", 0.28, 50), ("concentration", 0.30, 50)],
)
def test_caffeine(caffeine, score, difference, n):
    """Raw differences as known; the daily model and both randomization tests run over the calendar's gaps."""
    frame = caffeine.assign(value=caffeine[score])
    mean = frame.groupby("condition")["value"].mean()
    assert mean["caffeine"] - mean["placebo"] == pytest.approx(difference, abs=1e-4)
    plain = fit_period_means(frame, CAFFEINE, None)
    assert (plain.estimate, plain.n_sessions) == (pytest.approx(mean["caffeine"] - mean["placebo"]), n)
    found = fit_daily_model(frame, CAFFEINE)
    assert found.p_value == pytest.approx(
        {"productivity": 0.0144, "mindfulness": 0.0325, "concentration": 0.0037}[score], abs=5e-4
    )
    space = balanced(50, CAFFEINE)
    for statistic in ("residual", "prewhitened"):
        test = randomization_test(frame, space, CAFFEINE, statistic=statistic)
        assert 0 < test.p_value < 0.05
        low, high = randomization_interval(frame, space, CAFFEINE, statistic=statistic)
        assert 0 < low < found.estimate < high


def test_melatonin(melatonin, shared_data):
    """Difference of day means 0.86381 over 193 records, Welch t 0.65589, and nothing found."""
    schedule = json.loads((shared_data / "melatonin" / "melatonin_schedule.json").read_text())
    sequence = tuple("melatonin" if schedule[str(day)] else "control" for day in range(1, 71))
    space = balanced(70, MELATONIN, max_run=2)
    assert sequence in space
    plain = fit_period_means(melatonin, MELATONIN, None)
    assert plain.estimate == pytest.approx(0.86381, abs=1e-5)
    assert plain.n_sessions == 193
    # With 35 days each, Welch's statistic is that of equal variances.
    assert plain.statistic == pytest.approx(0.65589, abs=1e-5)
    daily = fit_daily_model(melatonin, MELATONIN)
    assert daily.details["n_days"] == 70
    assert daily.p_value > 0.3
    test = randomization_test(melatonin, space, MELATONIN, statistic="prewhitened", sequence=sequence)
    assert test.n_sequences == 100_000
    assert test.p_value == pytest.approx(daily.p_value, abs=0.05)
