"""The page as an application: which address answers with what, behind the guard."""

from __future__ import annotations

import sys
import traceback
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from nof1.errors import ConflictError, DocumentError, Nof1Error, StageError, StoreError
from nof1.terms import Channel
from nof1.web.assets import environment, static_folder, vendor_folder
from nof1.web.guard import CSRF_FIELD, Asked, Guard, wants_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from starlette.requests import Request
    from starlette.types import ASGIApp, Scope

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


def make_app(
    folder: Path, context: Context, access: Access, *, hosts: frozenset[str], is_lan: bool = False
) -> ASGIApp:
    """Make the page of a trial.

    Parameters
    ----------
    folder : Path
        The trial's folder.
    context : Context
        Clock, actor, entropy.
    access : Access
        Tokens and sessions.
    hosts : frozenset of str
        Every ``host:port`` under which it may be called.
    is_lan : bool
        Other devices may come.

    Returns
    -------
    ASGIApp
        Guarded.
    """
    from nof1.web import forms, pages, runs  # noqa: PLC0415 - they import `Site` from here

    port = min(hosts).rpartition(":")[2]
    site = Site(
        folder=folder,
        context=replace(context, channel=Channel.WEB),
        access=access,
        cookie=f"nof1_{port}",
        is_lan=is_lan,
    )
    vendor = vendor_folder()
    app = Starlette(
        routes=[
            *pages.ROUTES,
            *forms.ROUTES,
            *runs.ROUTES,
            Mount("/static", StaticFiles(directory=static_folder())),
            *([Mount("/vendor", StaticFiles(directory=vendor))] if vendor else []),
        ],
        exception_handlers={
            Nof1Error: _refused,
            HTTPException: _not_found,
            Exception: _bug,
        },
    )
    app.state.site = site

    def refuse(scope: Scope, status: int, sentence: str) -> Response:
        if wants_json(scope) or scope["method"] != "GET":
            return JSONResponse({"error": sentence}, status)
        if status == 401:
            return site.page("closed", None, {"sentence": sentence}, status)
        return site.page("problem", None, {"sentence": sentence, "can_go_back": False}, status)

    return Guard(app, access=access, hosts=hosts, cookie=site.cookie, refuse=refuse)


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


async def _refused(request: Request, error: Exception) -> Response:
    if not isinstance(error, Nof1Error):
        raise error
    status = status_of(error)
    if wants_json(request.scope) or request.method != "GET":
        return JSONResponse(told(error), status)
    visitor = asked_of(request).visitor
    return site_of(request).page("problem", visitor, {"sentence": str(error), "can_go_back": True}, status)


async def _not_found(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    sentence = "there is no such page" if status == 404 else "this cannot be asked here"
    if wants_json(request.scope) or request.method != "GET":
        return JSONResponse({"error": sentence}, status)
    visitor = asked_of(request).visitor
    return site_of(request).page("problem", visitor, {"sentence": sentence, "can_go_back": True}, status)


async def _bug(request: Request, error: Exception) -> Response:
    """Tell the terminal where it happened, and the window only that it did."""
    lines = traceback.format_exception(type(error), error, error.__traceback__)  # without values of variables
    sys.stderr.write(f"A bug in the page, at {request.url.path}:\n{''.join(lines)}")
    sentence = "something went wrong here; the terminal shows what. Nothing that was stored is lost"
    if wants_json(request.scope) or request.method != "GET":
        return JSONResponse({"error": sentence}, 500)
    return site_of(request).page("problem", None, {"sentence": sentence, "can_go_back": True}, 500)


__all__ = ["CSRF_FIELD", "Site", "asked_of", "in_thread", "make_app", "site_of", "status_of", "told"]
