"""A server for one browser test: the page of a run, the form it asks for, and a shelf for what it sends.

It keeps the contract of the real pages (addresses, headers, policy for content) and nothing else, so these tests say
whether the browser's side is right. It can be told to be away.
"""

from __future__ import annotations

import threading
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request  # noqa: TC002 - Starlette reads the annotations
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

STATIC = Path(__file__).resolve().parents[3] / "src" / "nof1" / "web" / "static"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; media-src 'self'"
)
HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
}
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Test</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/static/nof1.css"><link rel="stylesheet" href="/vendor/jspsych.css"><link rel="stylesheet" href="/static/engine/engine.css">
<script src="/vendor/jspsych.js" defer></script>{extra}
<script type="module" src="/static/engine/run.js"></script></head>
<body data-csrf="token" data-page="run">
<main id="run" tabindex="-1" data-session="1" data-instrument="{name}" data-part="" data-form="/api/form/1/{name}" data-next="/next"></main>
</body></html>"""


async def _add_headers(request: Request, call_next: RequestResponseEndpoint) -> Response:
    response = await call_next(request)
    response.headers.update(HEADERS)
    return response


class SmallServer:
    """The server, in a thread of its own.

    Attributes
    ----------
    forms : dict
        What `/api/form/1/NAME` answers, by name: form, sha256, settings.
    runs : dict
        Bodies that came, by run id: the first of each stays.
    puts : list of str
        Run ids in the order in which they came, also those that came twice.
    is_away : bool
        Whether it answers 503 to results.
    answers_lost : int
        So many results are stored, and their answer does not arrive.
    refuses : str
        The reason with which it refuses results.
    changed : list of str
        How the device differs from the one of the plan.
    extra : str
        More script tags for the page.
    """

    def __init__(self) -> None:
        self.forms: dict[str, dict[str, Any]] = {}
        self.runs: dict[str, dict[str, Any]] = {}
        self.puts: list[str] = []
        self.is_away = False
        self.answers_lost = 0
        self.refuses = ""
        self.extra = ""
        self.changed: list[str] = []
        self.given = 0
        config = uvicorn.Config(self._app(), host="127.0.0.1", port=0, log_level="error", lifespan="off")
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()
        while not self.server.started:
            time.sleep(0.01)
        self.address = f"http://127.0.0.1:{self.server.servers[0].sockets[0].getsockname()[1]}"

    def stop(self) -> None:
        """End the thread."""
        self.server.should_exit = True
        self.thread.join(10)

    def put_form(self, name: str, form: dict[str, Any], sha256: str = "0" * 64, **settings: object) -> None:
        """Give a form under a name."""
        self.forms[name] = {"form": form, "form_sha256": sha256, "task": form["task"], "settings": settings}

    def _app(self) -> Starlette:
        spec = find_spec("nof1_vendor")
        assert spec is not None
        assert spec.origin is not None
        return Starlette(
            middleware=[Middleware(BaseHTTPMiddleware, dispatch=_add_headers)],
            routes=[
                Route("/run/{name}", self._page),
                Route("/next", lambda _: HTMLResponse("<title>Next</title><h1>Next</h1>")),
                Route("/api/form/1/{name}", self._form),
                Route("/api/device", self._device, methods=["POST"]),
                Route("/api/runs/{run_id}", self._run, methods=["PUT"]),
                Mount("/static", StaticFiles(directory=STATIC)),
                Mount("/tests", StaticFiles(directory=Path(__file__).parent)),
                Mount("/vendor", StaticFiles(directory=Path(spec.origin).parent)),
            ],
        )

    async def _page(self, request: Request) -> Response:
        return HTMLResponse(PAGE.format(name=request.path_params["name"], extra=self.extra))

    async def _form(self, request: Request) -> Response:
        self.given += 1
        name = request.path_params["name"]
        return JSONResponse(
            {"run_id": f"{self.given:032x}", "session": 1, "instrument": name, **self.forms[name]}
        )

    async def _device(self, request: Request) -> Response:
        assert (await request.json())["device"]["user_agent"]
        return JSONResponse({"is_locked": True, "changed": bool(self.changed), "differences": self.changed})

    async def _run(self, request: Request) -> Response:
        if self.is_away:
            return JSONResponse({"error": "away"}, 503)
        if self.refuses or request.headers.get("X-Nof1-Csrf") != "token":
            return JSONResponse({"error": self.refuses or "no token"}, 422)
        run_id = request.path_params["run_id"]
        self.puts.append(run_id)
        is_twice = run_id in self.runs
        self.runs.setdefault(run_id, await request.json())
        if self.answers_lost:
            self.answers_lost -= 1
            return JSONResponse({"error": "lost"}, 504)
        answer = {
            "state": "saved",
            "run_id": run_id,
            "receipt": run_id[-8:],
            "saved_at": "10:05",
            "next": "/next",
        }
        return JSONResponse({**answer, "duplicate": is_twice})
