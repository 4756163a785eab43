"""A trial that plays itself up to a stage: protocols, a clock and entropy that are put where a test wants them."""

from __future__ import annotations

import os
import random
import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from nof1.storage.store import open_store
from nof1.workflow.context import Context
from nof1.workflow.demo import SimulatedClock, simulated_entropy
from nof1.workflow.enter import enter_scores
from nof1.workflow.hands import Boxes, pack
from nof1.workflow.kit_draw import KitsDrawn, draw_kits
from nof1.workflow.kit_plan import KitsPlanned, plan_packing
from nof1.workflow.lock import LockReceipt, lock_trial
from nof1.workflow.randomize import Registered, randomize_trial
from nof1.workflow.register import answers_from
from nof1.workflow.trial import Trial, read_trial, store_path
from nof1.workflow.unblind import UnblindReceipt, unblind_trial

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nof1.workflow.entry import EntryReceipt

_PLAN = b"tests, sheets"
START = date(2026, 3, 2)
MEMORY = Path("/dev/shm")  # noqa: S108 - a file system in memory, in which waiting for the disk costs nothing
ZONE = "Europe/Berlin"

_HEAD = """\
nof1: 1
id: {id}
title: Does it do anything for me? A made-up trial
rationale: Made for tests.
participant: {{is_owner: true, description: adult}}
conditions:
  on: {{name: caffeine, dose: 100 mg, times: ["08:00"], route: oral, form: capsule}}
  off: {{name: cellulose, times: ["08:00"], route: oral, form: capsule}}
"""
_TAIL = """\
analysis: {{confirm: {confirm}}}
safety:
  status: Made up.
  max_daily_dose: 100 mg
  max_consecutive_days_on: 12
  exclusions: [none]
"""
_PAIRS = """\
design: {{kind: randomized_blocks, blocks: {blocks}, period_days: 2}}
blinding: {{mode: {mode}, spare_blocks: {spares}}}
instruments:
  day: {{ratings: [mood, calm]}}
  app:
    external:
      scores: {{points: {{unit: points, better: higher, range: [0, 100]}}}}
      csv: {{time: date, points: score}}
sessions:
  - {{battery: [day, app], at: "10:00", window: 45 min}}
outcomes:
  primary: {{score: app.points, sesoi: 5}}
  secondary: [{{score: day.mood, sesoi: 1}}]
"""
_RICH = """\
day_starts: "04:00"
constant: [{{name: choline, dose: 300 mg, times: ["08:00"], why: the same in every period}}]
design:
  kind: randomized_blocks
  blocks: 2
  period_days: 3
  onset_days: 1
  washout_days: 1
  run_in: {{sessions: 4, within_days: 3}}
blinding: {{mode: third_party}}
instruments:
  day: {{ratings: [mood]}}
  week: {{ratings: [sleepiness]}}
sessions:
  - {{battery: [day], at: ["10:00", "16:00"], window: 60 min}}
  - {{battery: [week], days: [last]}}
outcomes:
  primary: {{score: day.mood, sesoi: 1}}
"""
_RATINGS = """\
design: {{kind: randomized_blocks, blocks: 2, period_days: 2}}
blinding: {{mode: third_party}}
instruments:
  day: {{ratings: [mood, calm]}}
sessions:
  - {{battery: [day]}}
outcomes:
  primary: {{score: day.mood, sesoi: 1}}
"""


@contextmanager
def quick_folder(otherwise: Path) -> Iterator[Path]:
    """Give a folder in memory where the machine has that, and remove it afterwards."""
    place = MEMORY if os.access(MEMORY, os.W_OK) else otherwise
    with TemporaryDirectory(prefix="nof1-tests-", dir=place) as name:
        yield Path(name)


def third_party(blocks: int = 3, spares: int = 1, confirm: str = "none") -> str:
    """Return pairs of two-day periods that a preparer packs; one session a day at ten."""
    text = _HEAD + _PAIRS + _TAIL
    return text.format(id="pairs", blocks=blocks, mode="third_party", spares=spares, confirm=confirm)


def self_blinded(blocks: int = 3, spares: int = 1) -> str:
    """Return the same pairs for somebody who is alone."""
    text = _HEAD + _PAIRS + _TAIL
    return text.format(id="alone", blocks=blocks, mode="self_blinded", spares=spares, confirm="none")


def open_label(blocks: int = 3, spares: int = 0) -> str:
    """Return the same pairs with nothing hidden."""
    text = _HEAD + _PAIRS + _TAIL
    return text.format(id="openly", blocks=blocks, mode="open_label", spares=spares, confirm="none")


def rich() -> str:
    """Return a protocol with run-in, onset, washout, two prompts a day and one questionnaire a period."""
    return (_HEAD + _RICH + _TAIL).format(id="rich", confirm="none")


def ratings() -> str:
    """Return a protocol of ratings alone, at any time of the day."""
    return (_HEAD + _RATINGS + _TAIL).format(id="ratings", confirm="none")


BROUGHT = (
    ratings()
    .replace("mode: third_party", "mode: open_label")
    .replace("ratings: [mood, calm]", "ratings: [mood]")
    .replace("period_days: 2", "period_days: 3")
)
"""Protocol of a finished trial that was run elsewhere: four periods of three days, one rating a day."""


def brought_table() -> str:
    """Return the long table of that trial; its order is on, off, off, on."""
    lines = ["session,period,condition,block,day,at,score,value,guess_probability"]
    for session in range(1, 13):
        period = (session - 1) // 3 + 1
        code = ("on", "off", "off", "on")[period - 1]
        lines.append(
            f"{session},{period},{code},{(period + 1) // 2},{session},2025-05-{session:02d} 10:00,day.mood,"
            f"{5 + (session - 1) % 3},0.{period + 4}"
        )
    return "\n".join(lines) + "\n"


@dataclass
class Player:
    """Plays a trial through the steps, on a clock of its own.

    Attributes
    ----------
    root : Path
        Holds the participant's workspace and the preparer's folder.
    text : str
        The protocol.
    name : str
        The trial.
    seed : str
        Another seed gives another draw and nothing else.
    entropy : bytes
        Seed of the participant's side.
    store_url : str
        Address of the store in which the trial is kept; empty: a file.
    """

    root: Path
    text: str = field(default_factory=third_party)
    name: str = "coffee"
    seed: str = ""
    entropy: bytes = b"tests"
    store_url: str = ""

    def __post_init__(self) -> None:
        """Write the protocol for both sides."""
        self.clock = SimulatedClock(datetime.combine(START, time(5), UTC))
        self.workspace = self.root / "participant"
        self.preparer = self.root / "preparer"
        for folder in (self.workspace / "protocols", self.workspace / "data", self.preparer):
            folder.mkdir(parents=True, exist_ok=True)
        self.context = Context(
            workspace=self.workspace,
            now=self.clock,
            entropy=simulated_entropy(self.entropy),
            store_url=self.store_url,
            simulated=True,
        )
        self.protocol = self.workspace / "protocols" / "protocol.yaml"
        self.protocol.write_text(self.text, encoding="utf-8")
        (self.preparer / "protocol.yaml").write_text(self.text, encoding="utf-8")

    def copy(self, to: Path) -> Player:
        """Return the same trial in another folder, to go on from there; much faster than playing it again."""
        shutil.copytree(self.root, to, dirs_exist_ok=True)
        again = replace(
            self, root=to, entropy=b"later " + self.entropy
        )  # the names of events never come twice
        again.clock = SimulatedClock(self.clock())
        again.context = replace(again.context, now=again.clock)
        return again

    @property
    def folder(self) -> Path:
        """The trial's folder."""
        return self.workspace / "data" / self.name

    @property
    def secret(self) -> Path:
        """The preparer's secret."""
        return self.preparer / "kits" / "preparer-only" / "secret.txt"

    @property
    def is_alone(self) -> bool:
        """Whether hands shuffle, and nobody knows."""
        return "mode: self_blinded" in self.text

    @property
    def is_open(self) -> bool:
        """Whether nothing is hidden."""
        return "mode: open_label" in self.text

    @property
    def trial(self) -> Trial:
        """The trial as it stands."""
        return read_trial(self.folder)

    def put(self, on: date | int, at: str = "10:00") -> datetime:
        """Put the clock on a local time; a number is a day of the study. Return the moment."""
        day = START + timedelta(days=on - 1) if isinstance(on, int) else on
        local = datetime.combine(day, time.fromisoformat(at), ZoneInfo(ZONE)).astimezone(UTC)
        self.clock.put(local.date(), local.time())
        return local

    def draw(self) -> KitsDrawn:
        """Let the preparer draw."""
        theirs = replace(self.context, entropy=simulated_entropy(f"preparer {self.seed}".encode()))
        return draw_kits(self.preparer / "protocol.yaml", self.preparer / "kits", theirs)

    def send(self, drawn: KitsDrawn) -> Path:
        """Send public.json, and nothing else, to the participant."""
        received = self.root / "received" / "public.json"
        received.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(drawn.public, received)
        return received

    def plan(self, **options: object) -> KitsPlanned:
        """Plan the packing of a lone person."""
        ours = replace(self.context, entropy=simulated_entropy(_PLAN))
        return plan_packing(self.protocol, self.workspace / "kits", ours, **options)

    def pack(self) -> Boxes:
        """Let hands pack; another seed is another shuffle, and nothing else."""
        return pack(self.protocol, simulated_entropy(_PLAN), random.Random(f"hands {self.seed}"))  # noqa: S311 - made-up hands

    def randomize(self, **options: object) -> Registered:
        """Register the trial; with a preparer the kits are drawn first, alone they are planned and packed."""
        if self.is_alone and "kits" not in options:
            options["kits"] = self.plan().plan.parent
            options.setdefault("ask", answers_from(self.pack().answers))
        if not self.is_open and "kits" not in options:
            options["kits"] = self.send(self.draw())
        return randomize_trial(self.protocol, self.folder, START, self.context, **{"zone": ZONE, **options})

    def enter(self, day: int, at: str = "10:00", **values: str) -> EntryReceipt:
        """Enter scores on a day of the study at a local time; two underscores stand for the point of a name."""
        moment = self.put(day, at)
        given = {name.replace("__", "."): value for name, value in values.items()}
        return enter_scores(self.folder, given, self.context, at=moment)

    def enter_session(self, day: int, points: str = "50", mood: str = "5", calm: str = "5") -> EntryReceipt:
        """Enter all scores of the one session of a day."""
        return self.enter(day, app__points=points, day__mood=mood, day__calm=calm)

    def play_days(self, days: int = 12) -> Player:
        """Enter everything of the first days."""
        for day in range(1, days + 1):
            self.enter_session(day, points=str(40 + day * day % 7), mood=str(day % 5 + 3))
        return self

    def play(self, days: int = 12) -> Player:
        """Register the trial, and enter everything of its first days."""
        self.randomize()
        return self.play_days(days)

    def lock(self, day: int = 13) -> LockReceipt:
        """Lock the trial on a day of the study."""
        self.put(day, "09:00")
        return lock_trial(self.folder, self.context)

    def unblind(self, **options: object) -> UnblindReceipt:
        """Open the trial with the preparer's secret, or with the slips of whoever was alone."""
        if self.is_alone:
            return unblind_trial(self.folder, self.context, **{"cards": self.pack().cards, **options})
        return unblind_trial(self.folder, self.context, **{"secret": self.secret, **options})

    def rows(self) -> tuple:
        """Return the event table as it is stored."""
        return open_store(store_path(self.folder), read_only=True).rows()

    def kinds(self) -> list[str]:
        """Return the kinds of all events, in order."""
        return [row.kind for row in self.rows()]
