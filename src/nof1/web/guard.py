"""What every request must pass before it reaches a page: host, origin, session, token of the form, type and size.

The order matters: the host is looked at first (a page of another name that points here must learn nothing), then the
origin, then who asks, then the body. Every answer, refusals included, carries the same headers.
"""

from __future__ import annotations

import asyncio
import hmac
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, PlainTextResponse, Response

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from nof1.web.access import Access, Visitor

READING = frozenset({"GET", "HEAD"})
WRITING = frozenset({"POST", "PUT"})
OPEN_PATHS = frozenset({"/enter", "/api/enter", "/favicon.ico"})
OPEN_FOLDERS = ("/static/", "/vendor/")
FORM_TYPE, JSON_TYPE, CSV_TYPE = "application/x-www-form-urlencoded", "application/json", "text/csv"
BODY_BYTES, CSV_BYTES, MAX_FIELDS = 1_000_000, 10_000_000, 1000
BODY_SECONDS = 10.0
"""How long the rest of a request may take."""
CSRF_HEADER, CSRF_FIELD = "x-nof1-csrf", "csrf"

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'{styles}; img-src 'self' data:; font-src 'self'; "
    "media-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
    "cross-origin-resource-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a page may know of a request that has passed.

    Attributes
    ----------
    visitor : Visitor or None
        None on the pages that need no session.
    body : bytes
        All of it.
    fields : tuple of (str, str)
        Of a form.
    """

    visitor: Visitor | None
    body: bytes
    fields: tuple[tuple[str, str], ...]


class Guard:
    """Middleware around the whole page.

    Parameters
    ----------
    app : ASGIApp
        The pages.
    access : Access
        Tokens and sessions.
    hosts : frozenset of str
        Every ``host:port`` under which the page may be called.
    cookie : str
        Name of the cookie.
    refuse : callable
        Makes the answer to a refusal, from scope, status and sentence.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        access: Access,
        hosts: frozenset[str],
        cookie: str,
        refuse: Callable[[Scope, int, str], Response] | None = None,
    ) -> None:
        self._app = app
        self._access = access
        self._hosts = hosts
        self._cookie = cookie
        self._refuse = refuse or plain_refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or let it through."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return  # no web sockets here: the server closes them
        send = _with_headers(send)
        headers = Headers(scope=scope)
        refused = self._refused_by_head(scope, headers)
        if refused is None:
            try:
                body = await asyncio.wait_for(_read(receive, _limit(headers)), BODY_SECONDS)
            except TimeoutError:
                refused = 408, "the rest of the request did not come"
            else:
                refused = (413, "that is too much") if body is None else self._admit(scope, headers, body)
        if refused is not None:
            await self._refuse(scope, *refused)(scope, receive, send)
            return
        await self._app(scope, _replayed(scope["asked"].body, receive), send)

    def _refused_by_head(self, scope: Scope, headers: Headers) -> tuple[int, str] | None:
        """Look at all that is known before the body is."""
        hosts = headers.getlist("host")
        if len(hosts) != 1 or hosts[0].lower() not in self._hosts:
            return 400, "this address does not belong to this page; open the link that the terminal shows"
        refused = self._refused_by_method(scope, headers, hosts[0].lower())
        if refused is not None:
            return refused
        path = scope["path"]
        scope["visitor"] = visitor = self._access.visitor(_cookie(headers, self._cookie))
        if visitor is None and path not in OPEN_PATHS and not path.startswith(OPEN_FOLDERS):
            return 401, "this window is not known; open the link that the terminal shows"
        return None

    def _refused_by_method(self, scope: Scope, headers: Headers, host: str) -> tuple[int, str] | None:
        """Look at who makes the browser ask, and for what."""
        method, path = scope["method"], scope["path"]
        site = headers.get("sec-fetch-site")
        if method in WRITING:
            if not self._is_same_origin(headers, host, site):
                return 403, "this came from another page; nothing was stored"
            return _wrong_type(path, headers)
        if method not in READING:
            return 405, "this cannot be asked here"
        if site in {"cross-site", "same-site"} and path not in {"/", *OPEN_PATHS}:
            return 403, "another page asked for this; open the link that the terminal shows"
        return None

    @staticmethod
    def _is_same_origin(headers: Headers, host: str, site: str | None) -> bool:
        origins = headers.getlist("origin")
        if len(origins) > 1 or (site is not None and site != "same-origin"):
            return False
        if not origins:
            return site == "same-origin"  # sent by the browser itself; no page can write it
        return origins[0].lower() == f"http://{host}"

    def _admit(self, scope: Scope, headers: Headers, body: bytes) -> tuple[int, str] | None:
        """Look at the body: its fields, and the token that it must bring."""
        fields: tuple[tuple[str, str], ...] = ()
        if scope["method"] in WRITING and _media_type(headers) == FORM_TYPE:
            try:
                pairs = parse_qsl(
                    body.decode(),
                    keep_blank_values=True,
                    strict_parsing=bool(body),
                    max_num_fields=MAX_FIELDS,
                )
            except ValueError:
                return 400, "the form cannot be read; nothing was stored"
            fields = tuple(pairs)
        visitor: Visitor | None = scope["visitor"]
        if scope["method"] in WRITING and scope["path"] not in OPEN_PATHS and visitor is not None:
            shown = headers.get(CSRF_HEADER)
            wanted = visitor.page_token
            if shown is None:
                shown = dict(fields).get(CSRF_FIELD, "")
                wanted = visitor.form_token(scope["path"])
            if not hmac.compare_digest(shown.encode(), wanted.encode()):
                return 403, "this form is of another time; load the page again. Nothing was stored"
        scope["asked"] = Asked(visitor=visitor, body=body, fields=fields)
        return None


def plain_refusal(scope: Scope, status: int, sentence: str) -> Response:
    """Answer a refusal, for a program or in plain text.

    Parameters
    ----------
    scope : Scope
        The request.
    status : int
        HTTP status.
    sentence : str
        What is wrong.

    Returns
    -------
    Response
        Without anything of the trial.
    """
    if wants_json(scope):
        return JSONResponse({"error": sentence}, status)
    return PlainTextResponse(sentence, status)


def wants_json(scope: Scope) -> bool:
    """Whether a program asks, and not a window."""
    headers = Headers(scope=scope)
    return scope["path"].startswith("/api/") or JSON_TYPE in headers.get("accept", "")


def loosen_styles(response: Response) -> Response:
    """Let one page set styles in its elements, as jsPsych does; scripts stay files of ours.

    Parameters
    ----------
    response : Response
        Of that page.

    Returns
    -------
    Response
        The same.
    """
    response.headers["content-security-policy"] = _POLICY.format(styles=" 'unsafe-inline'")
    return response


def _wrong_type(path: str, headers: Headers) -> tuple[int, str] | None:
    wanted = CSV_TYPE if path == "/csv" else JSON_TYPE if path.startswith("/api/") else FORM_TYPE
    if _media_type(headers) != wanted:
        return 415, f"found {_media_type(headers) or 'no content-type'}; send {wanted}"
    if headers.get("content-encoding"):
        return 415, "send it uncompressed"
    length = headers.get("content-length")
    if length is not None and (not length.isascii() or not length.isdigit()):
        return 400, "content-length: not a number"
    return (413, "that is too much") if length is not None and int(length) > _limit(headers) else None


def _limit(headers: Headers) -> int:
    return CSV_BYTES if _media_type(headers) == CSV_TYPE else BODY_BYTES


def _media_type(headers: Headers) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def _cookie(headers: Headers, name: str) -> str | None:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(name)
    except CookieError:
        return None
    return found.value if found else None


async def _read(receive: Receive, limit: int) -> bytes | None:
    """Return the body, or None as soon as it is longer than the limit."""
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return b"".join(chunks)
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            return None
        chunks.append(chunk)
        if not message.get("more_body"):
            return b"".join(chunks)


def _replayed(body: bytes, then: Receive) -> Receive:
    """Give the body once more; what comes after it (the end of the connection) comes from the server."""
    given: list[bytes] = []

    async def receive() -> Message:
        if given:
            return await then()
        given.append(body)
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers[name] = value
            headers.setdefault("content-security-policy", _POLICY.format(styles=""))
        await send(message)

    return sending
