"""A notebook run in this very process: no kernel is started, and no name of one run reaches the next."""

from __future__ import annotations

import ast
import io
import json
import platform
import signal
import sys
import threading
import traceback
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from typing import TYPE_CHECKING, Any, Final

import nbformat
from IPython.core.formatters import DisplayFormatter
from nbclient.exceptions import CellTimeoutError
from papermill.engines import Engine, papermill_engines
from typing_extensions import override

from nof1.runner.helper import HelperError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from papermill.engines import NotebookExecutionManager

    from nof1.runner.helper import Helper

IN_PROCESS: Final = "nof1-in-process"
"""Name under which papermill finds the engine."""
ONE_AT_A_TIME: Final = threading.Lock()
"""A process has one working folder and one standard output: papermill changes the one, a run takes the other."""


_CROSSCHECK: Final = "nof1.render_crosscheck(results)"
"""The one cell that takes long and that nothing waits for but the page."""
_CROSSCHECKER: Final = "nof1.report.crosschecked:render_crosscheck"


class InProcessEngine(Engine):  # type: ignore[misc]  # papermill has no types
    """Papermill's parameters and records, and plain Python in place of a kernel.

    The names of a notebook live in a namespace of its own, which is dropped behind it. Modules stay imported, which
    is why a second report is fast; what a notebook changed in them would stay too. So this is for the notebooks that
    ship with nof1: they hold imports, calls and prose, and no magic of IPython.
    """

    @classmethod
    @override
    def execute_managed_notebook(
        cls,
        nb_man: NotebookExecutionManager,
        kernel_name: str,
        *,
        execution_timeout: float | None = None,
        on_cell_start: Any = None,
        helper: Helper | None = None,
        **_others: object,
    ) -> None:
        """Run the cells in their order, up to the first that fails.

        Parameters
        ----------
        nb_man : NotebookExecutionManager
            Papermill's record of the run.
        kernel_name : str
            Not used.
        execution_timeout : float, optional
            Longest time for one cell [s]. It is kept in the main thread, the only one that can be interrupted.
        on_cell_start : callable, optional
            Gets `cell` and `cell_index`, as nbclient gives them.
        helper : Helper, optional
            Computes the cross-check while the figures are drawn.
        **_others : object
            What kernels need.

        Raises
        ------
        CellTimeoutError
            If a cell takes longer.
        """
        run = _Run(helper)
        nb_man.nb.metadata["language_info"] = _language()
        with _written_once(nb_man):
            for place, cell in enumerate(nb_man.nb.cells):
                nb_man.cell_start(cell, place)
                if on_cell_start is not None:
                    on_cell_start(cell=cell, cell_index=place)
                try:
                    if cell.cell_type == "code" and cell.source.strip():
                        with _at_most(execution_timeout, cell), _interruptible() as asked:
                            has_worked = run.fill(cell, asked)
                        if not has_worked:
                            nb_man.cell_exception(cell, cell_index=place)
                            return
                finally:
                    nb_man.cell_complete(cell, cell_index=place)


@contextmanager
def _written_once(nb_man: NotebookExecutionManager) -> Iterator[None]:
    """Keep papermill from writing the notebook before and after every cell; it does so when the run ends, however it ends."""
    output, nb_man.output_path = nb_man.output_path, None
    try:
        yield
    finally:
        nb_man.output_path = output


papermill_engines.register(IN_PROCESS, InProcessEngine)


class _Run:
    """The namespace of one notebook, and what its cells show."""

    def __init__(self, helper: Helper | None = None) -> None:
        self._names: dict[str, object] = {"__name__": "__main__"}
        self._helper = helper
        self._crosscheck: Callable[[], object] | None = None
        self._formatter = DisplayFormatter()
        self._count = 0
        self.outputs: list[nbformat.NotebookNode] = []

    def fill(self, cell: nbformat.NotebookNode, asked: threading.Event) -> bool:
        """Run a cell and keep what it shows in it; return whether it came to its end, unless the person asked for it."""
        self.outputs = cell.outputs = []
        self._count += 1
        cell.execution_count = self._count
        with redirect_stdout(_Stream(self, "stdout")), redirect_stderr(_Stream(self, "stderr")):
            try:
                value = self._value(cell.source, f"<cell {self._count}>")
                if value is not None:
                    data, metadata = self._formatter.format(value)  # type: ignore[no-untyped-call]
                    self.put("execute_result", data=data, metadata=metadata, execution_count=self._count)
            except (Exception, SystemExit, KeyboardInterrupt) as error:  # told as the end of this notebook
                if asked.is_set():  # the person, and not the cell, wants the end
                    raise KeyboardInterrupt from error
                told = traceback.format_exception(error)
                # Papermill takes an exit with 0 for a success, though nothing behind it was run.
                why = _ended(error) if isinstance(error, SystemExit) else str(error)
                self.put("error", ename=type(error).__name__, evalue=why, traceback=told)
                return False
        return True

    def put(self, kind: str, **content: object) -> None:
        """Append an output, made of what JSON knows, as it would come out of a kernel."""
        plain = json.loads(json.dumps(content))
        self.outputs.append(nbformat.v4.new_output(kind, **plain))  # type: ignore[no-untyped-call]

    def _value(self, source: str, name: str) -> object:
        """Run the statements; the value is that of the last one, where it is an expression."""
        body = ast.parse(source, name).body
        last = body.pop() if body and isinstance(body[-1], ast.Expr) and not _is_silenced(source) else None
        exec(compile(ast.Module(body, []), name, "exec"), self._names)  # noqa: S102 - that is what a notebook is
        if not isinstance(last, ast.Expr):
            return None
        if source == _CROSSCHECK and self._crosscheck is not None:
            with suppress(HelperError):  # then it is done here
                return self._crosscheck()
        if self._helper is not None and self._crosscheck is None and "results" in self._names:
            self._crosscheck = self._helper.ask(_CROSSCHECKER, self._names["results"])
        return eval(compile(ast.Expression(last.value), name, "eval"), self._names)  # noqa: S307 - likewise


class _Stream(io.TextIOBase):
    """What a cell prints: one output as long as nothing comes between."""

    def __init__(self, run: _Run, name: str) -> None:
        self._run, self._name = run, name

    @override
    def write(self, text: str, /) -> int:
        last = self._run.outputs[-1] if self._run.outputs else None
        if last is not None and last.output_type == "stream" and last.name == self._name:
            last["text"] += text
        elif text:
            self._run.put("stream", name=self._name, text=text)
        return len(text)


def _ended(error: SystemExit) -> str:
    return f"a cell ended the program with {'no code' if error.code is None else f'code {error.code}'}"


def _is_silenced(source: str) -> bool:
    """Whether a cell ends in a semicolon, which keeps its value to itself."""
    return source.rstrip().endswith(";")


class _TooLongError(BaseException):
    """A cell's time is up: not an Exception, which a cell may catch for reasons of its own."""


@contextmanager
def _at_most(seconds: float | None, cell: nbformat.NotebookNode) -> Iterator[None]:
    """Stop a cell that takes too long."""
    if seconds is None or threading.current_thread() is not threading.main_thread():
        yield
        return

    is_over = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        is_over.set()
        raise _TooLongError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0.0)
            signal.signal(signal.SIGALRM, before)
    except _TooLongError:
        pass
    if is_over.is_set():  # or what it became in a cell that catches everything
        raise CellTimeoutError.error_from_timeout_and_cell("Cell execution timed out", int(seconds), cell)


@contextmanager
def _interruptible() -> Iterator[threading.Event]:
    """Tell Ctrl+C of the person from a KeyboardInterrupt that a cell raises: the event is set by the first alone."""
    asked = threading.Event()
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield asked
        return

    def note(number: int, frame: FrameType | None) -> None:
        asked.set()
        before(number, frame)

    signal.signal(signal.SIGINT, note)
    try:
        yield asked
    finally:
        signal.signal(signal.SIGINT, before)
    if asked.is_set():  # and a cell that catches everything has kept it to itself
        raise KeyboardInterrupt


def _language() -> dict[str, object]:
    """Say what a kernel says about its language, so that the executed notebook opens as one that had a kernel."""
    return {
        "codemirror_mode": {"name": "ipython", "version": sys.version_info.major},
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "nbconvert_exporter": "python",
        "pygments_lexer": f"ipython{sys.version_info.major}",
        "version": platform.python_version(),
    }
