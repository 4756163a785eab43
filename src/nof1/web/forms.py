"""What is sent by forms: one form is one event, stored once however often it comes."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from nof1.errors import EntryError
from nof1.web.guard import CSRF_FIELD
from nof1.web.site import asked_of, in_thread, read_json, site_of
from nof1.workflow.answer import save_answers
from nof1.workflow.enter_table import enter_rows
from nof1.workflow.entry import read_when
from nof1.workflow.open_kit import open_kit
from nof1.workflow.record import record_adverse_event, record_dose, record_guess, record_note
from nof1.workflow.trial import RECEIPT_LENGTH, read_trial

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from nof1.audit.record import AnyRecorded
    from nof1.web.site import Site

_KEY = re.compile(r"[0-9a-f]{32}")
_OWN = {CSRF_FIELD, "key", "elapsed_ms", "based_on"}


async def enter(request: Request) -> Response:
    """Take the one-time token, and give the browser its session."""
    site, asked = site_of(request), asked_of(request)
    peer = request.client.host if request.client else ""
    if site.access.is_locked_out(peer):
        return JSONResponse(
            {"error": "too many wrong tokens; wait a minute"}, 429, headers={"retry-after": "60"}
        )
    token = read_json(asked.body).get("token")
    visitor = site.access.exchange(token, peer) if isinstance(token, str) and token else None
    if visitor is None:
        return JSONResponse(
            {"error": "this link was used already, or is not right; take the new one from the terminal"}, 403
        )
    response = JSONResponse({"state": "open", "next": "/"})
    response.set_cookie(site.cookie, visitor.key, httponly=True, samesite="strict", path="/")
    return response


async def answers(request: Request) -> Response:
    """Store ratings, a questionnaire, or scores that were typed."""
    site, fields = site_of(request), _fields(request)
    number, part = request.path_params["number"], request.path_params["part"]
    given = {
        name: fields.get(f"why:{name}") or text
        for name, text in fields.items()
        if name not in _OWN and not name.startswith("why:")
    }
    done = await in_thread(
        lambda: save_answers(
            site.folder, number, part, given, site.context, key=_key(fields), elapsed_ms=_elapsed(fields)
        )
    )
    return JSONResponse(
        {
            "state": "saved",
            "receipt": done.receipt,
            "saved_at": f"{done.saved_at:%H:%M}",
            "flags": done.flags,
            "duplicate": done.is_duplicate,
            "next": f"/card?session={number}&saved={done.receipt}"
            if done.shows_card
            else f"/session/{number}?saved={done.receipt}",
        }
    )


async def box(request: Request) -> Response:
    """Store which box is open from now on; one of another period goes back unopened."""
    site, fields = site_of(request), _fields(request)
    typed, taken = fields.get("code", ""), fields.get("taken") == "yes"
    done = await in_thread(lambda: open_kit(site.folder, site.context, typed, taken=taken))
    return await _recorded(site, done)


async def dose(request: Request) -> Response:
    """Store that a dose was taken, or left out."""
    site, fields = site_of(request), _fields(request)

    def save() -> AnyRecorded:
        at = fields.get("at", "").strip()
        return record_dose(
            site.folder,
            site.context,
            at=read_when(site.folder, at, site.context) if at else None,
            taken=fields.get("taken") != "no",
            kit=fields.get("kit", "").strip() or None,
            text=fields.get("text", "").strip() or None,
            key=f"web/{_key(fields)}",
            based_on=fields.get("based_on") or None,
        )

    return await _recorded(site, await in_thread(save))


async def guess(request: Request) -> Response:
    """Store what a period was believed to be."""
    site, fields = site_of(request), _fields(request)
    period = request.path_params["period"]
    percent = {
        name.removeprefix("percent:"): text.strip().rstrip("%")
        for name, text in fields.items()
        if name.startswith("percent:") and text.strip()
    }
    is_unknown = fields.get("dont_know") == "yes"
    if not percent and not is_unknown:
        raise EntryError("write a number from 0 to 100, or say that you don’t know")
    done = await in_thread(
        lambda: record_guess(
            site.folder,
            site.context,
            period=period,
            percent={} if is_unknown else percent,
            reason=fields.get("reason", "").strip() or None,
            key=f"web/{_key(fields)}",
            is_first=True,
        )
    )
    return await _recorded(site, done)


async def event(request: Request) -> Response:
    """Store that something untoward happened."""
    site, fields = site_of(request), _fields(request)
    severity = fields.get("severity", "")
    if severity not in {"1", "2", "3", "4", "5"}:
        raise EntryError("How bad was it? Choose one")
    done = await in_thread(
        lambda: record_adverse_event(
            site.folder,
            site.context,
            term=fields.get("term", ""),
            severity=int(severity),
            serious=fields.get("serious") == "yes",
            started_on=_date(fields, "started_on"),
            ended_on=_date(fields, "ended_on"),
            related=fields.get("related", "").strip() or None,
            action=fields.get("action", "").strip() or None,
            outcome=fields.get("outcome", "").strip() or None,
            key=f"web/{_key(fields)}",
        )
    )
    return await _recorded(site, done)


async def note(request: Request) -> Response:
    """Store a remark."""
    site, fields = site_of(request), _fields(request)
    done = await in_thread(
        lambda: record_note(site.folder, site.context, fields.get("text", ""), key=f"web/{_key(fields)}")
    )
    return await _recorded(site, done)


async def table(request: Request) -> Response:
    """Store the rows of a CSV file: all or none."""
    site, body = site_of(request), asked_of(request).body
    name = re.sub(r"[^\w.-]", "_", request.headers.get("x-nof1-name", "table.csv"))[:80]
    done = await in_thread(lambda: enter_rows(site.folder, name, body, site.context))
    saved = f"{done.saved_at:%H:%M}"
    return JSONResponse(
        {
            "state": "saved", "receipt": done.receipt, "saved_at": saved, "saved": done.n_saved, "known": done.n_known,
            "flags": done.flags, "duplicate": not done.n_saved, "next": f"/?saved={done.receipt}",
        }
    )  # fmt: skip


async def _recorded(site: Site, done: AnyRecorded) -> Response:
    zone = await in_thread(lambda: read_trial(site.folder).zone)
    receipt = done.event_id[:RECEIPT_LENGTH]
    return JSONResponse(
        {
            "state": "saved",
            "receipt": receipt,
            "saved_at": f"{done.recorded_at.astimezone(zone):%H:%M}",
            "flags": [],
            "duplicate": done.duplicate,
            "next": f"/?saved={receipt}",
        }
    )


def _fields(request: Request) -> dict[str, str]:
    """Return the fields of a form; one that comes twice is no form of ours."""
    pairs = asked_of(request).fields
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise EntryError("a field came twice; load the page again")
    return fields


def _key(fields: Mapping[str, str]) -> str:
    key = fields.get("key", "")
    if not _KEY.fullmatch(key):
        raise EntryError("the form has no key of its own; load the page again")
    return key


def _elapsed(fields: Mapping[str, str]) -> int | None:
    text = fields.get("elapsed_ms", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None


def _date(fields: Mapping[str, str], name: str) -> date | None:
    text = fields.get(name, "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise EntryError(f"found {text[:20]!r}; write a date as YYYY-MM-DD") from None


ROUTES = [
    Route("/api/enter", enter, methods=["POST"]),
    Route("/session/{number:int}/form/{part}", answers, methods=["POST"]),
    Route("/box", box, methods=["POST"]),
    Route("/dose", dose, methods=["POST"]),
    Route("/guess/{period:int}", guess, methods=["POST"]),
    Route("/event", event, methods=["POST"]),
    Route("/note", note, methods=["POST"]),
    Route("/csv", table, methods=["POST"]),
]
