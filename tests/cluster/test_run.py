"""Many tasks in one process, in several, on a cluster: the same results, failures named, the rest finished."""

from __future__ import annotations

import importlib
import importlib.util
import operator
import signal

import pytest

from nof1.cluster import run
from nof1.cluster.run import mapped, run_all
from nof1.errors import WorkspaceError
from nof1.files.protocols import find_library
from nof1.report.planned_power import power_json
from nof1.workflow.power import plan_power

TASKS = {"anna": 4, "ben": -1, "carla": 9}
HAS_DASK = importlib.util.find_spec("distributed") is not None


def root_of(number: int) -> float:
    """Take a square root; what is below 0 is refused."""
    if number < 0:
        raise ValueError(f"{number} is below 0")
    return number**0.5


def test_a_failure_is_named_and_the_rest_finished():
    """In the order of the tasks; progress tells each once."""
    told = []
    done = run_all(root_of, TASKS, progress=told.append)
    assert list(done) == list(TASKS)
    assert [one.value for one in done.values()] == [2.0, None, 3.0]
    assert done["ben"].error == "ValueError: -1 is below 0"
    assert told[1] == "ben: failed: ValueError: -1 is below 0 (2 of 3)"


def test_several_processes_give_the_same():
    """Results of processes are those of one; a failure comes back as text."""
    for tasks in ({"one": (1, 2), "two": (3,)}, {"fails": (), "works": (5, 1)}):
        alone = run_all(operator.itemgetter(0), tasks)
        assert run_all(operator.itemgetter(0), tasks, n_processes=2) == alone


KILLED = """
import os, signal
from pathlib import Path

def killed(mark):
    if mark is not None and not Path(mark).exists():
        if mark != "always":
            Path(mark).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "worked"
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such signal there")
@pytest.mark.parametrize("mark", ["once", "always"])
def test_a_killed_worker_costs_no_other_task(tmp_path, monkeypatch, mark):
    """What it had is tried once more, alone; only what is killed again is named, and the rest is finished."""
    (tmp_path / "killed_worker.py").write_text(
        KILLED
    )  # workers find what is on the path, which tests are not
    monkeypatch.syspath_prepend(tmp_path)
    killed = importlib.import_module("killed_worker").killed
    tasks = {
        "anna": None,
        "ben": mark if mark == "always" else str(tmp_path / mark),
        "carla": None,
        "dora": None,
    }
    told = []
    done = run_all(killed, tasks, n_processes=2, progress=told.append)
    assert list(done) == list(tasks)
    failed = {name: one.error for name, one in done.items() if one.value != "worked"}
    assert list(failed) == (["ben"] if mark == "always" else [])
    assert all(error.startswith("its process was ended from outside, twice") for error in failed.values())
    assert len(told) == len(tasks)


def test_all_or_an_error_that_names_every_failure():
    """For results that are of use together only."""
    assert mapped(root_of, [1, 4]) == [1.0, 2.0]
    with pytest.raises(WorkspaceError, match=r"2 of 3 tasks failed: task 1: .*task 3: "):
        mapped(root_of, [-1, 4, -2])
    with pytest.raises(ValueError, match="1 or more"):
        run_all(root_of, TASKS, n_processes=0)


def test_power_in_two_processes_has_the_same_digits():
    """Every variant has a generator of its own, so it does not matter where it is simulated."""
    file = find_library("nefiracetam-memory")
    one, two = (plan_power(file, n_trials=100, most_days=90, n_processes=n) for n in (1, 2))
    assert power_json(one) == power_json(two)


@pytest.mark.skipif(HAS_DASK, reason="Dask is installed")
def test_without_dask_the_extra_is_named():
    """What to install, or to leave out."""
    with pytest.raises(WorkspaceError, match="extra 'cluster'"):
        run_all(root_of, TASKS, address="tcp://127.0.0.1:1")


@pytest.mark.skipif(not HAS_DASK, reason="Dask, an extra, is not installed")
@pytest.mark.filterwarnings("ignore")
def test_a_dask_cluster_gives_the_same():
    """A scheduler by its address: results, failures and digits of power are those of one process."""
    from distributed import LocalCluster  # noqa: PLC0415 - an extra

    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None, processes=False) as cluster:
        address = cluster.scheduler_address
        tasks = {"one": (1, 2), "fails": ()}
        assert run_all(operator.itemgetter(0), tasks, address=address) == run_all(
            operator.itemgetter(0), tasks
        )
        file = find_library("nefiracetam-memory")
        here = plan_power(file, n_trials=100, most_days=90)
        assert power_json(plan_power(file, n_trials=100, most_days=90, address=address)) == power_json(here)


def test_a_worker_that_is_interrupted_says_so_and_prints_nothing(capfd):
    """Ctrl+C reaches every process: the task ends in order, and a worker that waits does not notice."""
    with run._pool(1) as pool:
        assert (
            pool.submit(run._interruptible, signal.raise_signal, signal.SIGINT).result().error
            == "interrupted"
        )
        assert pool.submit(run._interruptible, abs, -1).result().value == 1
        assert pool.submit(signal.raise_signal, signal.SIGINT).result() is None  # between two tasks
    assert capfd.readouterr() == ("", "")
