"""`nof1 pool` over folders: what can be read is pooled, what cannot is named."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
from click.testing import CliRunner

from nof1.analysis.simulate import Person
from nof1.analysis.simulate_tables import simulate_tables
from nof1.cli.main import cli
from nof1.errors import WorkspaceError
from nof1.files.locked import write_locked
from nof1.files.pooled import read_datasets
from nof1.files.protocols import find_library, read_protocol
from nof1.workflow.context import Context
from nof1.workflow.pool import pool


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Return a folder of six finished trials."""
    plan = read_protocol(find_library("nefiracetam-memory"))
    folder = tmp_path_factory.mktemp("data")
    rng = np.random.default_rng(5)
    active = next(iter(plan.conditions))
    for name in ("anna", "ben", "carla", "dora", "emil", "fred"):
        tables = simulate_tables(plan, {active: 1.0}, rng, person=Person(sd=0.5), participant=name)
        write_locked(folder / name / "locked", tables)
    return folder


def test_folders_are_read_and_pooled(data, tmp_path):
    """A changed file is not pooled: the trial is named, the others are."""
    pooled = pool(sorted(data.iterdir()), Context(workspace=tmp_path))
    assert pooled.estimate.n_participants == 6
    assert pooled.left_out == ()
    assert list(read_datasets(data)) == ["anna", "ben", "carla", "dora", "emil", "fred"]
    scores = data / "ben" / "locked" / "scores.csv"
    text = scores.read_bytes()
    scores.write_bytes(text + b"\n")
    try:
        pooled = pool(sorted(data.iterdir()), Context(workspace=tmp_path))
    finally:
        scores.write_bytes(text)
    assert [name for name, _ in pooled.left_out] == ["ben"]
    assert pooled.estimate.n_participants == 5


def test_the_command(data):
    """For a person and for a program; names go on request."""
    trials = [str(path) for path in sorted(data.iterdir())]
    told = json.loads(CliRunner().invoke(cli, ["pool", *trials, "--json", "--without-names"]).stdout)
    assert [one["participant"] for one in told["estimate"]["individuals"]] == [
        f"P{n:02d}" for n in range(1, 7)
    ]
    text = CliRunner().invoke(cli, ["pool", *trials]).stdout
    assert "6 people" in text
    assert "anna" in text
    wrong = CliRunner().invoke(cli, ["pool", *trials, "--contrast", "tea"])
    assert wrong.exit_code == 2
    wrong = CliRunner().invoke(cli, ["pool", *trials, "--score", "foo", "--json"])
    assert (wrong.exit_code, wrong.stdout) == (2, "")
    assert "no trial has a score 'foo'; there are " in wrong.stderr


def test_a_trial_that_runs_is_not_locked_yet(data, registered, tmp_path):
    """It is no broken folder; one whose data folder was lost after the lock is."""
    running = registered.copy(tmp_path)
    pooled = pool([*sorted(data.iterdir()), running.folder], Context(workspace=tmp_path))
    assert pooled.left_out == (("coffee", "not locked yet"),)


def test_a_lost_data_folder_is_not_a_trial_that_runs(data, locked, tmp_path):
    """It was locked: what is missing is named."""
    shutil.rmtree(locked.folder / "locked")
    ((name, reason),) = pool([*sorted(data.iterdir()), locked.folder], Context(workspace=tmp_path)).left_out
    assert name == "coffee"
    assert "holds no trial.json" in reason


def test_without_names_no_name_and_no_place_is_told(data, registered, tmp_path):
    """Neither on stdout nor on stderr, to a person or a program: of a copy, a running, a broken, an absent trial, a store."""
    running = registered.copy(tmp_path / "petra").folder
    shutil.copytree(data / "anna", tmp_path / "anna-again")
    shutil.copytree(data / "ben", tmp_path / "gustav")
    (tmp_path / "gustav" / "locked" / "scores.csv").write_text("changed")
    trials = [
        str(path) for path in (*sorted(data.iterdir()), running, tmp_path / "anna-again", tmp_path / "gustav")
    ]
    hidden = ("anna", "ben", "carla", "dora", "emil", "fred", "gustav", "petra", "coffee", "/", "trial.json")
    wanted = CliRunner().invoke(cli, ["pool", *trials, "--without-names"])
    assert "Left out: 1 trial (not locked yet)." in wanted.stdout
    assert "Left out: 1 trial (the same trial as another one)." in wanted.stdout
    assert "Reading a trial, 1 of 9" in wanted.stderr
    told = CliRunner().invoke(cli, ["pool", *trials, "--without-names", "--json"])
    assert [name for name, _ in json.loads(told.stdout)["left_out"]] == ["", "", ""]
    nothing = CliRunner().invoke(cli, ["pool", str(running), str(tmp_path / "gustav"), "--without-names"])
    absent = CliRunner().invoke(cli, ["pool", *trials, "heinrich", "--without-names"])
    store = CliRunner().invoke(cli, ["pool", "postgresql:///gustav?host=/nowhere", "--without-names"])
    assert [one.exit_code for one in (wanted, told, nothing, absent, store)] == [0, 0, 1, 1, 1]
    for one in (wanted, told, nothing, absent, store):
        shown = one.stdout + one.stderr + repr(one.exception or "")
        assert not [name for name in (*hidden, "heinrich") if name in shown], shown


def test_nothing_to_pool_is_said(tmp_path):
    """Which trial, and why."""
    (tmp_path / "empty").mkdir()
    with pytest.raises(WorkspaceError, match="empty"):
        pool([tmp_path / "empty"], Context(workspace=tmp_path))
    with pytest.raises(WorkspaceError, match="no finished trial"):
        read_datasets(tmp_path)
