"""Doing the same for many: in this process, in several, or on a Dask cluster that is there already."""

from __future__ import annotations

import gc
import signal
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from multiprocessing import get_context
from typing import Any, Generic, TypeVar

from nof1.errors import Nof1Error, WorkspaceError

T = TypeVar("T")
R = TypeVar("R")
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Done(Generic[R]):
    """What came of one task.

    Attributes
    ----------
    value : object or None
        The result; None where it failed.
    error : str or None
        Why it failed: the text of a refusal, or the name of any other error with its text.
    """

    value: R | None = None
    error: str | None = None


def run_all(
    function: Callable[[T], R],
    tasks: Mapping[str, T],
    *,
    n_processes: int = 1,
    address: str | None = None,
    progress: Progress | None = None,
) -> dict[str, Done[R]]:
    """Call a function for every task; one that fails is named, and the rest is finished.

    Parameters
    ----------
    function : callable
        Of one argument. With several processes, or a cluster, it is defined at the top of a module, and whatever it
        draws comes from its argument: then the results are those of one process, to the last digit.
    tasks : mapping of str to object
        Name, such as a participant, to argument.
    n_processes : int
        Local processes; 1: this one. They stay for all tasks.
    address : str, optional
        A Dask scheduler such as ``tcp://host:8786`` in place of local processes.
    progress : callable, optional
        Is told what is done, as it is done.

    Returns
    -------
    dict of str to Done
        In the order of the tasks.

    Raises
    ------
    WorkspaceError
        If the cluster cannot be reached, or Dask is not installed.
    ValueError
        If the number of processes is not 1 or more.
    """
    if n_processes < 1:
        raise ValueError(f"n_processes: found {n_processes}; write 1 or more")
    found: dict[str, Done[R]] = {}
    for name, done in _finished(function, tasks, n_processes, address):
        found[name] = done
        if progress is not None:
            told = f"failed: {done.error}" if done.error else "done"
            progress(f"{name}: {told} ({len(found)} of {len(tasks)})")
    return {name: found[name] for name in tasks}


def guarded(function: Callable[[T], R], task: T) -> Done[R]:
    """Call a function and keep what it says if it fails; the way back from a worker takes plain text alone."""
    try:
        return Done(value=function(task))
    except Exception as error:  # noqa: BLE001 - whatever it is, it is named, and the others go on
        return Done(error=str(error) if isinstance(error, Nof1Error) else f"{type(error).__name__}: {error}")


def _finished(
    function: Callable[[T], R], tasks: Mapping[str, T], n_processes: int, address: str | None
) -> Iterator[tuple[str, Done[R]]]:
    if address is not None:
        with _cluster(address) as client:
            futures = {
                client.submit(guarded, function, task, pure=False): name for name, task in tasks.items()
            }
            for future in import_module("distributed").as_completed(futures, loop=client.loop):
                yield futures[future], _result(future)
    elif n_processes == 1 or len(tasks) < 2:
        for name, task in tasks.items():
            yield name, guarded(function, task)
    else:
        yield from _in_processes(function, tasks, n_processes)


def _in_processes(
    function: Callable[[T], R], tasks: Mapping[str, T], n_processes: int
) -> Iterator[tuple[str, Done[R]]]:
    """Share tasks among local processes.

    Where one of them dies, such as for want of memory, all tasks of that pool are lost. So no more of them are handed
    over than run at once; those that were lost are tried once more, each alone, and the rest gets a new pool.
    """
    left = list(tasks)
    while left:
        lost: list[str] = []
        with _pool(min(n_processes, len(left))) as pool:
            running: dict[Future[Done[R]], str] = {}
            while running or (left and not lost):
                try:
                    while left and not lost and len(running) < n_processes:
                        running[pool.submit(_interruptible, function, tasks[left[0]])] = left[0]
                        del left[0]
                except BrokenExecutor:  # found out before any of those that run
                    if not running:
                        break
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    name = running.pop(future)
                    if isinstance(future.exception(), BrokenExecutor):
                        lost.append(name)
                    else:
                        yield name, _result(future)
        for name in lost:
            with _pool(1) as pool:
                yield name, _result(pool.submit(_interruptible, function, tasks[name]))


def _pool(n_processes: int) -> ProcessPoolExecutor:
    """Make a fresh interpreter for each worker: nothing of this process, such as an open store, is shared.

    They look for circles among their values as seldom as this process does.
    """
    return ProcessPoolExecutor(
        n_processes,
        mp_context=get_context("spawn"),
        initializer=_begin,
        initargs=gc.get_threshold(),
    )


def _begin(*collecting: int) -> None:
    gc.set_threshold(*collecting)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _interruptible(function: Callable[[T], R], task: T) -> Done[R]:
    """Do a task in a worker; Ctrl+C, which reaches every process, ends it in order and prints nothing."""
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        done = guarded(function, task)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        done = Done(error="interrupted")
    return done


def _result(future: Any) -> Done[Any]:
    """Return what a worker sent back; a worker that died is a failure of its task."""
    try:
        done: Done[Any] = future.result()
    except BrokenExecutor:
        return Done(error="its process was ended from outside, twice; is there memory for as many at a time?")
    except Exception as error:  # noqa: BLE001 - as above
        return Done(error=f"{type(error).__name__}: {error}")
    return done


@contextmanager
def _cluster(address: str) -> Iterator[Any]:
    try:
        dask: Any = import_module("distributed")  # an extra
    except ImportError:
        raise WorkspaceError(
            f"{address}: Dask is not installed; install nof1 with the extra 'cluster', or leave the address out"
        ) from None
    try:
        client = dask.Client(address, timeout="10s", set_as_default=False)
    except OSError as error:
        raise WorkspaceError(
            f"{address}: no Dask scheduler answers there ({error}); start one, or leave it out"
        ) from error
    with client:
        yield client


def mapped(
    function: Callable[[T], R],
    tasks: Iterable[T],
    *,
    n_processes: int = 1,
    address: str | None = None,
    progress: Progress | None = None,
) -> list[R]:
    """Call a function for every task and return the results in order.

    Parameters
    ----------
    function, n_processes, address, progress
        As in `run_all`.
    tasks : iterable
        Arguments.

    Returns
    -------
    list
        One result for each.

    Raises
    ------
    WorkspaceError
        If any of them failed; all failures are named.
    """
    named = {f"task {place}": task for place, task in enumerate(tasks, start=1)}
    done = run_all(function, named, n_processes=n_processes, address=address, progress=progress)
    failed = [f"{name}: {one.error}" for name, one in done.items() if one.error is not None]
    if failed:
        raise WorkspaceError(f"{len(failed)} of {len(done)} tasks failed: " + "; ".join(failed))
    return [one.value for one in done.values()]  # type: ignore[misc]  # none of them failed
