"""A second process beside the one that makes a report: it loads what only the end needs, while the analysis runs."""

from __future__ import annotations

import gc
import io
import os
import pickle
import queue
import signal
import sys
import threading
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from functools import partial
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from multiprocessing.connection import Connection

_LATE: Final = (
    "nof1.report.crosschecked",
    "statsmodels.regression.mixed_linear_model",
    "statsmodels.stats.diagnostic",
    "statsmodels.graphics.gofplots",
    "pingouin",
    "nof1.runner.pdf",
    "weasyprint",
)
"""What takes long to load, in the order in which a report needs it: its cross-check, and what makes PDFs."""


class HelperError(Exception):
    """The second process did not answer; whoever asked does it alone."""


class Helper:
    """One process that answers questions in their order.

    What it does is what its asker would do, on a copy of the same values, so the answer is the same. Whoever gets none
    does the work alone.

    Parameters
    ----------
    load : sequence of str
        Modules that it loads before the first question.
    """

    def __init__(self, load: Sequence[str] = _LATE) -> None:
        context = get_context(
            "spawn"
        )  # a fresh interpreter: nothing of this process, such as an open store, is shared
        self._line, there = context.Pipe()
        self._process = context.Process(
            target=_answer_all, args=(there, tuple(load), gc.get_threshold()), daemon=True
        )
        self._process.start()
        there.close()
        self._questions: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._answers: dict[int, tuple[bool, Any]] = {}
        self._n_asked = 0
        threading.Thread(target=self._send, daemon=True).start()

    def ask(self, function: str, *values: object, **named: object) -> Callable[[], Any]:
        """Ask for what a function returns, and go on.

        Parameters
        ----------
        function : str
            Module and name, as ``math:sqrt``: whoever asks need not load it.
        *values, **named : object
            Its arguments.

        Returns
        -------
        callable
            Waits for the answer and returns it. It raises `HelperError` where there is none, because the function
            failed or printed something, the process ended, or the arguments cannot be sent.
        """
        try:
            question = pickle.dumps((function, values, named))
        except Exception as error:  # noqa: BLE001 - what cannot be pickled says so in many ways
            return partial(_nothing, f"{type(error).__name__}: {error}")
        self._questions.put(question)
        number, self._n_asked = self._n_asked, self._n_asked + 1
        return partial(self._answer, number)

    def close(self) -> None:
        """End the process, whatever it does."""
        self._questions.put(None)
        self._process.kill()
        self._process.join()
        self._line.close()

    def _send(self) -> None:
        """Hand questions over as they are taken, so that nobody waits while the other process is loading."""
        with suppress(OSError):  # it has ended
            while (question := self._questions.get()) is not None:
                self._line.send_bytes(question)

    def _answer(self, number: int) -> Any:
        try:
            while number not in self._answers:
                self._answers[len(self._answers)] = pickle.loads(self._line.recv_bytes())  # noqa: S301 - of our own process
        except (EOFError, OSError) as error:
            raise HelperError("the second process has ended") from error
        is_answer, value = self._answers[number]
        if not is_answer:
            raise HelperError(value)
        return value


@contextmanager
def helper_if_cold() -> Iterator[Helper | None]:
    """Start a second process where it pays: with two processors, and nothing of what it would load loaded here.

    Yields
    ------
    Helper or None
        None where this process is warm, as one that makes many reports is, has no second processor, or is not the
        command: a new process begins with the main module of this one, and a person's script would be run again.
    """
    if _n_processors() < 2 or not _is_command() or any(name in sys.modules for name in _LATE):
        yield None
        return
    try:
        helper = Helper()
    except OSError:  # no more processes, no memory: it goes without
        yield None
        return
    try:
        yield helper
    finally:
        helper.close()


def _nothing(why: str) -> None:
    raise HelperError(why)


def _is_command() -> bool:
    """Whether this process is `nof1` or `python -m nof1`."""
    main = Path(getattr(sys.modules["__main__"], "__file__", None) or "")
    return main.stem == "nof1" or main.parts[-2:] == ("nof1", "__main__.py")


def _n_processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _answer_all(line: Connection, load: Sequence[str], collecting: tuple[int, int, int]) -> None:
    """Load what is needed late, then answer until nobody asks any more; look for circles as seldom as the asker."""
    gc.set_threshold(*collecting)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the asker, who ends this process
    for name in load:
        with suppress(ImportError, OSError):  # whoever needs it says so
            import_module(name)
    with suppress(EOFError, OSError):
        while True:
            question = line.recv_bytes()
            try:
                answer = pickle.dumps((True, _answer_to(question)))
            except Exception as error:  # noqa: BLE001 - whatever it is, the asker does it alone and will see
                answer = pickle.dumps((False, f"{type(error).__name__}: {error}"))
            line.send_bytes(answer)


def _answer_to(question: bytes) -> object:
    function, values, named = pickle.loads(question)  # noqa: S301 - of the process that started this one
    module, _, name = function.partition(":")
    printed = io.StringIO()
    with redirect_stdout(printed), redirect_stderr(printed):
        value: object = getattr(import_module(module), name)(*values, **named)
    if printed.getvalue():
        raise HelperError("it printed something")
    return value
