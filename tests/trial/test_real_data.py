"""The published data sets all the way: long table, import, locked tables, and what the analysis gets to see."""

from __future__ import annotations

from pathlib import Path

import pytest

from nof1.analysis.day_records import days_of
from nof1.analysis.describe import adherence_of
from nof1.errors import TableError, WorkspaceError
from nof1.files.locked import read_dataset, read_locked
from nof1.workflow.context import Context
from nof1.workflow.import_trial import import_trial

from .real_data import EXCLUDED, caffeine_table, melatonin_table

PROTOCOLS = Path(__file__).parent / "data_protocols"


def bring_in(name, table, folder):
    """Import a data set and return its receipt."""
    file = folder / f"{name}.csv"
    file.write_bytes(table)
    return import_trial(PROTOCOLS / f"{name}.yaml", file, folder / "data" / name, Context(workspace=folder))


@pytest.fixture(scope="module")
def caffeine(tmp_path_factory, shared_data):
    """Return the imported caffeine trial."""
    return bring_in("caffeine", caffeine_table(shared_data), tmp_path_factory.mktemp("caffeine"))


@pytest.fixture(scope="module")
def melatonin(tmp_path_factory, shared_data):
    """Return the imported melatonin trial."""
    return bring_in("melatonin", melatonin_table(shared_data), tmp_path_factory.mktemp("melatonin"))


def difference(frame, first, second):
    """Return the difference of the condition means of the day means."""
    days = frame.dropna(subset=["value"]).groupby(["condition", "day"])["value"].mean()
    return days[first].mean() - days[second].mean()


@pytest.mark.parametrize(
    ("score", "n", "expected"),
    [("work.productivity", 46, 0.1989), ("sit.mindfulness", 50, 0.28), ("sit.concentration", 50, 0.30)],
)
def test_the_caffeine_numbers_reach_the_analysis(caffeine, score, n, expected):
    """Raw differences, and the missing sessions as gaps."""
    frame = read_dataset(caffeine.trial.folder / "locked").frame(score)
    assert (len(frame), frame["value"].notna().sum()) == (50, n)
    assert round(difference(frame, "caffeine", "placebo"), 4) == expected


def test_the_caffeine_calendar_reaches_the_analysis(caffeine):
    """Days count from the calendar, sessions do not; the guesses add to a hundred."""
    dataset = read_dataset(caffeine.trial.folder / "locked")
    frame = dataset.frame("work.productivity")
    assert (frame["session"].max(), frame["day"].max(), frame["day"].nunique()) == (50, 78, 50)
    assert set(dataset.guesses.groupby("period")["percent"].sum()) == {100}
    assert dataset.sequence in dataset.space


def test_the_melatonin_numbers_reach_the_analysis(melatonin):
    """The published difference of day means, on 193 counted records."""
    frame = read_dataset(melatonin.trial.folder / "locked").frame("ema.mood")
    assert (len(frame), frame["day"].nunique()) == (193, 70)
    assert round(difference(frame, "melatonin", "control"), 5) == 0.86381


def test_what_the_file_lacks_is_counted_by_the_protocol(melatonin, caffeine):
    """Three prompts a day for seventy days are 210; a second date of one day adds none, and 17 have no row."""
    dataset = read_dataset(melatonin.trial.folder / "locked")
    kept, days = adherence_of(dataset), days_of(dataset)
    assert (kept.n_planned, kept.n_rows, kept.n_entered, kept.n_missing) == (210, 195, 193, 17)
    assert sum(one.n_planned - one.n_entered for one in days) == 17
    assert sum(one.n_entered == one.n_planned for one in days) < len(days) == 70
    days = days_of(read_dataset(caffeine.trial.folder / "locked"))
    assert sum(one.n_entered == one.n_planned for one in days) == 46


def test_what_the_author_left_out_is_kept_and_not_counted(melatonin):
    """Two records stay in the tables, unanalysed, and their reason is told; so is the drift."""
    tables = read_locked(melatonin.trial.folder / "locked")
    assert [
        (row.session, row.day, row.value, row.analysed) for row in tables.scores if "excluded" in row.flags
    ] == [
        (128, 44, "85.0", False),
        (129, 44, "82.0", False),
    ]
    told = " ".join(text for _, text in tables.trial.facts)
    assert EXCLUDED in told
    assert "From session 128 on (2026-04-03, day 44) the day index lies 1 day behind the calendar" in told
    assert melatonin.n_excluded == 2


def test_numbers_stay_as_they_were_typed(caffeine, shared_data):
    """0.1 is not 0.10 and not 0.1000000001, from the file to the table."""
    typed = [line.rpartition(",")[2] for line in caffeine_table(shared_data).decode().splitlines()[1:]]
    rows = read_locked(caffeine.trial.folder / "locked").scores
    assert sorted(row.value or "" for row in rows) == sorted(typed)


def test_a_changed_digit_is_refused(melatonin):
    """The data of a finished trial are what was imported, or they are not read."""
    path = melatonin.trial.folder / "locked" / "scores.csv"
    content = path.read_bytes()
    try:
        path.write_bytes(content.replace(b",65.0,", b",66.0,", 1))
        with pytest.raises(WorkspaceError, match=r"scores\.csv is not what was locked"):
            read_dataset(path.parent)
    finally:
        path.write_bytes(content)


def test_a_contradiction_refuses_the_whole_file(tmp_path, shared_data):
    """One dose noted under the other condition: the counts no longer fit the design, and nothing is stored."""
    spoilt = caffeine_table(shared_data).replace(b"\n1,1,placebo,", b"\n1,1,caffeine,")
    with pytest.raises(TableError, match="is not one that the design"):
        bring_in("caffeine", spoilt, tmp_path)
    assert not (tmp_path / "data").exists()
