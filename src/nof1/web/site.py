"""What every page leans on: the trial, its templates, and how an error of ours is told."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse

from nof1.errors import ConflictError, DocumentError, EntryError, Nof1Error, StageError, StoreError
from nof1.web.assets import environment, static_folder, vendor_folder
from nof1.web.guard import Asked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from starlette.requests import Request

    from nof1.web.access import Access, Visitor
    from nof1.workflow.context import Context

R = TypeVar("R")

FLAG_WORDS = {
    "late": "It is marked as late.",
    "outside_window": "It is marked as outside the planned time.",
    "unplanned": "No session was planned for it; it is kept apart from the analysis.",
    "repeated": "This test had been done; the first one counts.",
    "restarted": "It is marked that it was begun anew.",
    "device_changed": "It is marked that this is another device than before.",
    "over_midnight": "It is marked that midnight passed meanwhile.",
    "clock_changed": "It is marked that clocks were moved meanwhile.",
    "clock_jump": "It is marked that the clock of the device jumped.",
}
"""What is said of the flags that concern the person; those of quality would be feedback."""


@dataclass(frozen=True)
class Site:
    """What every page needs.

    Attributes
    ----------
    folder : Path
        The trial's folder.
    context : Context
        Clock, actor, entropy; its channel is the page.
    access : Access
        Tokens and sessions.
    cookie : str
        Name of the cookie.
    is_lan : bool
        Other devices may come.
    """

    folder: Path
    context: Context
    access: Access
    cookie: str
    is_lan: bool

    def __post_init__(self) -> None:
        """Load the templates once."""
        object.__setattr__(self, "_templates", environment())
        object.__setattr__(self, "_engine", (static_folder() / "engine" / "run.js").is_file())

    @property
    def can_run(self) -> bool:
        """Whether the tests can be given: their engine and jsPsych are installed."""
        return bool(self._engine) and vendor_folder() is not None  # type: ignore[attr-defined]

    def page(
        self,
        name: str,
        visitor: Visitor | None,
        values: Mapping[str, object] | None = None,
        status: int = 200,
    ) -> HTMLResponse:
        """Fill a template in.

        Parameters
        ----------
        name : str
            Of the template, without its ending.
        visitor : Visitor or None
            Whose tokens the forms bring.
        values : mapping of str to object
            What the template shows.
        status : int
            HTTP status.

        Returns
        -------
        HTMLResponse
            Escaped.
        """
        template = self._templates.get_template(f"{name}.html")  # type: ignore[attr-defined]
        shown = {
            "trial": self.folder.name,
            "csrf": visitor.page_token if visitor else "",
            "token_for": visitor.form_token if visitor else (lambda _: ""),
            "new_key": lambda: self.context.entropy(16).hex(),
            "page": name,
            "flag_words": FLAG_WORDS,
            "has_engine": self._engine,  # type: ignore[attr-defined]
            **(values or {}),
        }
        return HTMLResponse(template.render(shown), status)


def site_of(request: Request) -> Site:
    """Return the site of a request."""
    site = request.app.state.site
    if not isinstance(site, Site):
        raise TypeError("the application has no site")
    return site


def asked_of(request: Request) -> Asked:
    """Return what has passed the guard."""
    asked = request.scope["asked"]
    if not isinstance(asked, Asked):
        raise TypeError("the request did not pass the guard")
    return asked


async def in_thread(function: Callable[[], R]) -> R:
    """Do work that waits for the disk beside the loop."""
    return await run_in_threadpool(function)


def status_of(error: Nof1Error) -> int:
    """Return the HTTP status that an error of ours has.

    Parameters
    ----------
    error : Nof1Error
        What was raised.

    Returns
    -------
    int
        409: the stage, or another window; 503: the store; 422: what was given.
    """
    if isinstance(error, ConflictError | StageError):
        return 409
    if isinstance(error, StoreError):
        return 503
    return 422


def told(error: Nof1Error) -> dict[str, object]:
    """Return an error for a program.

    Parameters
    ----------
    error : Nof1Error
        What was raised.

    Returns
    -------
    dict
        ``error``, and ``conflict`` where another window was first.
    """
    if isinstance(error, ConflictError):
        rows = [{"what": what, "stored": stored, "given": given} for what, stored, given in error.rows]
        return {"error": "another window stored something else", "conflict": rows, "advice": error.advice}
    if isinstance(error, DocumentError):
        return {"error": str(error), "problems": [str(problem) for problem in error.problems[:20]]}
    return {"error": str(error)}


def read_json(body: bytes) -> dict[str, object]:
    """Read an object of JSON.

    Parameters
    ----------
    body : bytes
        UTF-8.

    Returns
    -------
    dict of str to object
        Without NaN and infinity.

    Raises
    ------
    EntryError
        If it is none.
    """
    try:
        found = json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise EntryError("this is no JSON that can be read; nothing was stored") from None
    if not isinstance(found, dict):
        raise EntryError("a JSON object is needed; nothing was stored")
    return found


def _no_constant(name: str) -> float:
    raise ValueError(name)
