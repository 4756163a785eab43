"""What is looked at: Today, a session, its forms, progress. Reading alone; nothing here changes the record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Route

from nof1.errors import EntryError
from nof1.web.assets import static_folder
from nof1.web.guard import loosen_styles
from nof1.web.site import asked_of, in_thread, site_of
from nof1.workflow.answer import REASONS, answer_form, safety_card
from nof1.workflow.day import day_page, progress_page, saved_as, session_page
from nof1.workflow.guess_form import guess_form
from nof1.workflow.watch import said_at_period

if TYPE_CHECKING:
    from starlette.requests import Request


async def enter(request: Request) -> Response:
    """Show the page that takes the token out of the link; it holds nothing of the trial."""
    return site_of(request).page("enter", None, {"trial": "nof1"})


async def today(request: Request) -> Response:
    """Show what is due now, what is done, and one button."""
    site, visitor = site_of(request), asked_of(request).visitor
    receipt = request.query_params.get("saved", "")
    day, saved = await in_thread(
        lambda: (day_page(site.folder, site.context), saved_as(site.folder, receipt) if receipt else None)
    )
    return site.page("today", visitor, {"day": day, "saved": saved, "can_run": site.can_run})


async def session(request: Request) -> Response:
    """Show a session: its steps, and the next one."""
    site, visitor = site_of(request), asked_of(request).visitor
    number, receipt = request.path_params["number"], request.query_params.get("saved", "")
    steps, saved = await in_thread(
        lambda: (
            session_page(site.folder, number, site.context),
            saved_as(site.folder, receipt) if receipt else None,
        )
    )
    values = {"session": steps, "saved": saved, "can_run": site.can_run, "now": site.context.now()}
    return site.page("session", visitor, values)


async def form(request: Request) -> Response:
    """Show ratings, a questionnaire, or fields for scores that are typed."""
    site, visitor = site_of(request), asked_of(request).visitor
    number, part = request.path_params["number"], request.path_params["part"]
    shown = await in_thread(lambda: answer_form(site.folder, number, part, site.context))
    return site.page("form", visitor, {"form": shown, "reasons": REASONS})


async def run(request: Request) -> Response:
    """Show the page on which a test is given."""
    site, visitor = site_of(request), asked_of(request).visitor
    number, part = request.path_params["number"], request.path_params["part"].replace("/", ":")
    steps = await in_thread(lambda: session_page(site.folder, number, site.context))
    step = next((s for s in steps.steps if s.part == part and s.kind == "task"), None)
    if step is None:
        raise EntryError(f"session {number} has no test {part}; go back to Today")
    values = {"session": steps, "step": step, "can_run": site.can_run, "now": site.context.now()}
    return loosen_styles(site.page("run", visitor, values))


async def progress(request: Request) -> Response:
    """Show how far the trial has come, without a score."""
    site, visitor = site_of(request), asked_of(request).visitor
    shown = await in_thread(lambda: progress_page(site.folder, site.context))
    return site.page("progress", visitor, {"progress": shown})


async def guess(request: Request) -> Response:
    """Show the question what a period was; no kit stands on this page."""
    site, visitor = site_of(request), asked_of(request).visitor
    period = request.path_params["period"]
    shown = await in_thread(lambda: guess_form(site.folder, period, site.context))
    return site.page("guess", visitor, {"guess": shown})


async def dose(request: Request) -> Response:
    """Show the form for a dose."""
    site, visitor = site_of(request), asked_of(request).visitor
    day = await in_thread(lambda: day_page(site.folder, site.context))
    return site.page("dose", visitor, {"day": day})


async def box(request: Request) -> Response:
    """Ask for the code on the box of a period that begins; the page does not say it, so that it is read and not copied."""
    site = site_of(request)
    said = await in_thread(lambda: said_at_period(site.folder))
    return site.page("box", asked_of(request).visitor, {"said": said})


async def event(request: Request) -> Response:
    """Show the form for something untoward."""
    site, visitor = site_of(request), asked_of(request).visitor
    day = await in_thread(lambda: day_page(site.folder, site.context))
    return site.page("event", visitor, {"day": day})


async def note(request: Request) -> Response:
    """Show the form for a remark."""
    return site_of(request).page("note", asked_of(request).visitor)


async def card(request: Request) -> Response:
    """Show the plan of the protocol after an answer about thoughts of death; the answer was saved before."""
    site, visitor = site_of(request), asked_of(request).visitor
    shown = await in_thread(lambda: safety_card(site.folder))
    return site.page("card", visitor, {"card": shown})


async def table(request: Request) -> Response:
    """Show the form for a file of scores."""
    return site_of(request).page("csv", asked_of(request).visitor)


async def icon(_request: Request) -> Response:
    """Give the picture that browsers ask for by themselves."""
    return FileResponse(static_folder() / "icon.svg", media_type="image/svg+xml")


async def home(_request: Request) -> Response:
    """Lead to Today."""
    return RedirectResponse("/")


ROUTES = [
    Route("/", today),
    Route("/enter", enter),
    Route("/session/{number:number}", session),
    Route("/session/{number:number}/form/{part}", form),
    Route("/session/{number:number}/run/{part:path}", run),
    Route("/progress", progress),
    Route("/guess/{period:number}", guess),
    Route("/box", box),
    Route("/dose", dose),
    Route("/event", event),
    Route("/note", note),
    Route("/card", card),
    Route("/csv", table),
    Route("/today", home),
    Route("/favicon.ico", icon),
]
