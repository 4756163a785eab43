"""Whether the report of a trial can be made now, and what came of it; nothing here loads what makes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nof1.audit.stage import require_opened
from nof1.errors import StageError

if TYPE_CHECKING:
    from pathlib import Path

    from nof1.workflow.trial import Trial


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """A finished report.

    Attributes
    ----------
    folder, html : Path
        Where it is.
    verdict : str
        The verdict on the primary outcome.
    results : dict
        results.json.
    """

    folder: Path
    html: Path
    verdict: str
    results: dict[str, object]


def require_reportable(trial: Trial, *, blinded: bool = False) -> None:
    """Refuse a report that comes too early, and a blinded review that comes too late.

    Parameters
    ----------
    trial : Trial
        As it stands.
    blinded : bool
        Whether a blinded review is meant.

    Raises
    ------
    StageError
        With what comes next.
    """
    if not blinded:
        require_opened(trial.state.position)
    elif trial.state.unblinding is not None:
        raise StageError(
            f"{trial.name} is unblinded, so nothing can be reviewed blind; next: nof1 report {trial.name}"
        )
