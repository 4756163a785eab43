"""What scripts ask for: the form of a test, what is thought of the device, and the place where a run is put."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from nof1.errors import EntryError
from nof1.web.site import asked_of, in_thread, read_json, site_of
from nof1.workflow.device import device_changes
from nof1.workflow.run import Posted, record_run, run_form
from nof1.workflow.trial import read_trial

if TYPE_CHECKING:
    from starlette.requests import Request

_RUN_ID = re.compile(r"[0-9a-f]{32}")

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,40}$")]
Words = Annotated[str, StringConstraints(max_length=200)]


class RunBody(BaseModel):
    """A run as a browser sends it; what is more is kept raw, and never read."""

    model_config = ConfigDict(extra="allow", frozen=True)
    session: Annotated[int, Field(ge=1, le=100_000, strict=True)]
    instrument: Name
    part: Name | Literal[""] | None = None
    status: Literal["complete", "aborted"]
    reason: Words | None = None
    started_at: AwareDatetime
    finished_at: AwareDatetime
    sent_at: AwareDatetime
    mode: Literal["live", "data-only", "visual"]
    run: dict[str, object] | None = None
    trials: Annotated[list[dict[str, object]], Field(max_length=20_000)] = []
    events: Annotated[list[dict[str, object]], Field(max_length=20_000)] = []
    device: dict[str, object] = {}
    timing: dict[str, object] = {}


async def form(request: Request) -> Response:
    """Give the form of a test. Nothing changes; the run gets a name when it is asked for, and is known when it is sent."""
    site = site_of(request)
    number, instrument = request.path_params["number"], request.path_params["instrument"]
    part = request.path_params.get("part", "")
    found = await in_thread(lambda: run_form(site.folder, number, instrument, part, site.context))
    return JSONResponse(
        {
            "run_id": site.context.entropy(16).hex(),
            "session": found.session,
            "instrument": found.instrument,
            "part": found.part or None,
            "task": found.task,
            "form": found.form.to_json(),
            "form_sha256": found.form.sha256,
            "settings": {
                "input": found.input,
                "device": {"is_locked": found.is_locked},
                "language": "en",
                "simulated": found.is_simulated,
            },
        }
    )


async def device(request: Request) -> Response:
    """Say whether a device is the one of the first run; it changes nothing."""
    site = site_of(request)
    given = read_json(asked_of(request).body).get("device")
    if not isinstance(given, dict):
        raise EntryError("device: found none; send what is known of the device")
    trial = await in_thread(lambda: read_trial(site.folder))
    is_locked = trial.protocol.device_lock
    differences = device_changes(trial, given) if is_locked else ()
    return JSONResponse(
        {"is_locked": is_locked, "changed": bool(differences), "differences": list(differences)}
    )


async def run(request: Request) -> Response:
    """Store a run. The same run a second time is answered as the first was."""
    site = site_of(request)
    run_id = request.path_params["run_id"]
    if not _RUN_ID.fullmatch(run_id):
        raise EntryError("a run is named by 32 hexadecimal digits; take the name that came with its form")
    raw = read_json(asked_of(request).body)
    try:
        body = RunBody.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        raise EntryError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}; nothing was stored") from None
    posted = Posted(
        run_id=run_id,
        session=body.session,
        instrument=body.instrument,
        part=body.part or "",
        status=body.status,
        reason=body.reason or "",
        started_at=body.started_at,
        finished_at=body.finished_at,
        sent_at=body.sent_at,
        mode=body.mode,
        run=body.run,
        device=body.device,
        raw={name: value for name, value in raw.items() if name != "sent_at"},
    )
    done = await in_thread(lambda: record_run(site.folder, posted, site.context))
    return JSONResponse(
        {
            "state": "saved",
            "run_id": run_id,
            "receipt": done.receipt,
            "saved_at": f"{done.saved_at:%H:%M}",
            "flags": list(done.flags),
            "duplicate": done.is_duplicate,
            "next": f"/session/{body.session}?saved={done.receipt}",
        }
    )


async def ping(_request: Request) -> Response:
    """Say that the page is there, and what time it has."""
    return JSONResponse({"state": "open"})


ROUTES = [
    Route("/api/form/{number:int}/{instrument}", form),
    Route("/api/form/{number:int}/{instrument}/{part}", form),
    Route("/api/device", device, methods=["POST"]),
    Route("/api/runs/{run_id}", run, methods=["PUT"]),
    Route("/api/ping", ping),
]
