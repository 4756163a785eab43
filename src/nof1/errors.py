"""Everything that nof1 can refuse, as one tree: each text says where, what was found, and what to do."""

from __future__ import annotations

from dataclasses import dataclass


class Nof1Error(Exception):
    """Base of all errors that are meant to be read by a person; the command prints one and exits with 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong in a document that a person wrote.

    Attributes
    ----------
    where : str
        Path of the value, such as ``design.period_days`` or ``row 3, value``.
    message : str
        What was found and what to write instead.
    line, column : int or None
        Place in the text, counted from 1; None where the document has none.
    """

    where: str
    message: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        place = f"{self.line}:{self.column}: " if self.line is not None else ""
        return f"{place}{self.where}: {self.message}" if self.where else f"{place}{self.message}"


class DocumentError(Nof1Error):
    """A document has problems; all of them are told at once, in the order of the text.

    Parameters
    ----------
    source : str
        Name of the document, usually its path.
    problems : sequence of Problem
        At least one.
    """

    def __init__(self, source: str, problems: tuple[Problem, ...] | list[Problem]) -> None:
        self.source = source
        self.problems = tuple(problems)
        super().__init__(source, self.problems)

    def __str__(self) -> str:
        count = "1 problem" if len(self.problems) == 1 else f"{len(self.problems)} problems"
        # In a list the places stand apart from what follows; on its own a problem reads as file:line:column does.
        lines = [str(problem).replace(": ", "  ", problem.line is not None) for problem in self.problems]
        return "\n".join([f"{self.source}: {count}", *(f"  {line}" for line in lines)])


class ProtocolError(DocumentError):
    """A protocol file is refused."""


class TableError(DocumentError):
    """A table of scores (CSV) is refused as a whole; nothing of it was stored."""


class StageError(Nof1Error):
    """A step was asked for at the wrong stage of the trial."""


class EntryError(Nof1Error):
    """A value that was typed or given by option cannot be taken."""


class ConflictError(EntryError):
    """Another window stored something else meanwhile; both are told, and nothing was added.

    Parameters
    ----------
    rows : sequence of (str, str, str)
        What it is, what is stored, what was given now.
    advice : str
        How the stored one is replaced.
    """

    def __init__(self, rows: tuple[tuple[str, str, str], ...], advice: str) -> None:
        self.rows = rows
        self.advice = advice
        told = "\n".join(f"{what}: stored is {stored}, given now is {given}" for what, stored, given in rows)
        super().__init__(f"{told}\nNothing was added. {advice}")


class TrialNotFoundError(Nof1Error):
    """There is no trial at the given place."""


class StoreError(Nof1Error):
    """The store cannot be read or written."""


class ChainError(StoreError):
    """The history of a trial is not what was written: it was changed or damaged."""


class OutcomeUnknownError(StoreError):
    """Whether an entry was saved cannot be told; a rescue file keeps it."""


class OpeningError(Nof1Error):
    """A secret or a card does not fit the commitment of the trial; nothing was stored."""


class NotebookError(Nof1Error):
    """A notebook stopped with an error; the run was kept so that it can be looked at."""


class ReportError(Nof1Error):
    """A finished report holds something that it must not hold, or does not fit its own results."""


class WorkspaceError(Nof1Error):
    """A file or a folder is not where, or not what, it must be."""
