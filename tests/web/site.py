"""A trial with everything that the page can ask for, a window without a network, and a real server in a thread."""

from __future__ import annotations

import asyncio
import re
import secrets
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx
import uvicorn

from nof1.web.access import Access
from nof1.web.app import make_app
from nof1.web.server import PatientlessProtocol, bind

from ..workflow.playing import Player  # noqa: TID252 - tests have no absolute names

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOST = "127.0.0.1:8417"

_TEXT = """\
nof1: 1
id: everything
title: Does nefiracetam change my memory?
rationale: Made for tests.
participant: {{is_owner: true, description: adult}}
day_starts: "04:00"
conditions:
  on: {{name: nefiracetam, dose: 150 mg, times: ["08:00", "20:00"], route: oral, form: capsule}}
  off: {{name: cellulose, times: ["08:00", "20:00"], route: oral, form: capsule}}
constant: [{{name: choline, dose: 300 mg, times: ["08:00"], why: the same in every period}}]
design:
  kind: randomized_blocks
  blocks: 2
  period_days: 2
  run_in: {{sessions: 3, within_days: 3, stop_when: {{score: wm.dprime, slope_below: 0.5, last: 3}}}}
blinding: {{mode: {mode}}}
instruments:
  day: {{ratings: [mood, calm, focus, headache]}}
  wm: {{task: nback, params: {{n: 1, blocks: 1, trials: 12, targets: 4, lures: 1, on_ms: 120, soa_ms: 300, practice: 0}}}}
  vigil: {{task: pvt, params: {{duration_s: 3, isi_s: [0.1, 0.3]}}}}
  words: {{task: wordlist, params: {{words: 4, trials: 1, word_ms: 60, gap_ms: 30, delay_min: [1, 3]}}}}
  phq8: {{questionnaire: phq8}}
  app:
    external:
      scores: {{points: {{unit: points, better: higher, range: [0, 100]}}}}
batteries:
  daily: [day, wm, vigil]
sessions:
  - {{battery: ["words:study", daily, "words:delayed", app], at: "10:00", window: 45 min}}
  - {{battery: [phq8], days: [last]}}
device_lock: true
outcomes:
  primary: {{score: wm.dprime, sesoi: 0.3}}
  secondary: [{{score: day.mood, sesoi: 1}}]
safety:
  status: Made up.
  max_daily_dose: 300 mg
  max_consecutive_days_on: 12
  exclusions: [kidney disease]
  emergency_contact: "Call 112"
"""


def everything(mode: str = "third_party") -> str:
    """Return a protocol with all kinds of instruments, its tests a few seconds long."""
    return _TEXT.format(mode=mode)


def battery_trial(root: Path, text: str | None = None) -> Player:
    """Return a player of that protocol; nothing is registered yet."""
    return Player(root, text=text or everything(), name="memory")


@dataclass
class PageClient:
    """A window without a network.

    Attributes
    ----------
    player : Player
        The trial and its clock.
    access : Access
        Tokens.
    app : ASGIApp
        The guarded application.
    cookies : httpx.Cookies
        Of this window.
    """

    player: Player
    access: Access
    app: object
    cookies: httpx.Cookies = field(default_factory=httpx.Cookies)
    csrf: str = ""

    @classmethod
    def closed(cls, player: Player, **options: object) -> PageClient:
        """Return a window that has not opened the link."""
        access = Access(secrets.token_bytes, time.monotonic)
        hosts = frozenset({HOST, "localhost:8417", "[::1]:8417"})
        app = make_app(player.folder, player.context, access, hosts=hosts, **options)
        return cls(player, access, app)

    def ask(self, method: str, path: str, **options: object) -> httpx.Response:
        """Send one request."""

        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False, client=("127.0.0.1", 5))
            async with httpx.AsyncClient(
                transport=transport, base_url=f"http://{HOST}", cookies=self.cookies
            ) as client:
                answer = await client.request(method, path, **options)
                self.cookies = client.cookies
                return answer

        # In a thread of its own: a browser that another test drives keeps a loop running in this one.
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(asyncio.run, send()).result()

    @classmethod
    def opened(cls, player: Player, **options: object) -> PageClient:
        """Return a window that has."""
        page = cls.closed(player, **options)
        said = page.ask(
            "POST", "/api/enter", json={"token": page.access.token}, headers={"origin": f"http://{HOST}"}
        )
        assert said.status_code == 200, said.text
        page.csrf = re.search(r'data-csrf="([0-9a-f]+)"', page.get("/").text)[1]
        return page

    def get(self, path: str):
        """Look at a page."""
        return self.ask("GET", path)

    def fields(self, path: str) -> dict[str, str]:
        """Return the hidden fields of the form on a page."""
        text = self.get(path).text
        return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', text))

    def send(self, action: str, given: dict[str, str], form: str | None = None):
        """Fill a form in and send it as a window without scripts would."""
        return self.ask(
            "POST",
            action,
            data={**self.fields(form or action), **given},
            headers={"origin": f"http://{HOST}", "accept": "application/json"},
        )

    def put(self, path: str, body: object):
        """Put JSON as our scripts do."""
        headers = {"origin": f"http://{HOST}", "x-nof1-csrf": self.csrf}
        return self.ask("PUT", path, json=body, headers=headers)


@dataclass
class Served:
    """The page behind a real server in a thread.

    Attributes
    ----------
    player : Player
        The trial and its clock.
    port : int
        The same after a restart.
    """

    player: Player
    port: int = 0
    access: Access = field(default_factory=lambda: Access(secrets.token_bytes, time.monotonic))
    _server: uvicorn.Server | None = None
    _thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def link(self) -> str:
        """The link that the terminal would show."""
        return f"{self.url}/enter#{self.access.token}"

    def start(self) -> Served:
        """Serve; sessions of an earlier server are not known any more."""
        self.access = Access(secrets.token_bytes, time.monotonic)
        address = bind(self.port, lan=False)
        self.port = int(address.url.rpartition(":")[2])
        app = make_app(self.player.folder, self.player.context, self.access, hosts=address.hosts)
        config = uvicorn.Config(
            app, http=PatientlessProtocol, ws="none", lifespan="off", log_level="error", access_log=False
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": list(address.sockets)}, daemon=True
        )
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)
        return self

    def stop(self) -> None:
        """Stop, as Ctrl+C does."""
        self._server.should_exit = True
        self._server.force_exit = True
        self._thread.join(10)

    def open(self, context):
        """Return a page of a browser that has opened the link."""
        window = context.new_page()
        window.goto(self.link)
        window.wait_for_url(f"{self.url}/")
        return window


@contextmanager
def served(player: Player) -> Iterator[Served]:
    """Serve a trial for the length of a test."""
    running = Served(player).start()
    try:
        yield running
    finally:
        running.stop()
