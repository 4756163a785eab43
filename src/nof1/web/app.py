"""The page as an application: which address answers with what, behind the guard."""

from __future__ import annotations

import sys
import traceback
from dataclasses import replace
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from nof1.errors import Nof1Error
from nof1.terms import Channel
from nof1.web import forms, pages, runs
from nof1.web.assets import static_folder, vendor_folder
from nof1.web.guard import Guard, wants_json
from nof1.web.site import Site, asked_of, site_of, status_of, told

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.requests import Request
    from starlette.types import ASGIApp, Scope

    from nof1.web.access import Access
    from nof1.workflow.context import Context


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
            return site.page("closed", None, {"trial": "nof1"}, status)  # who is not known learns no name
        return PlainTextResponse(sentence, status)

    return Guard(app, access=access, hosts=hosts, cookie=site.cookie, refuse=refuse)


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
