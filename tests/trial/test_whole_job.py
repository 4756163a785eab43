"""Whole trials: every protocol of the library from its file to its report, with an effect that is known."""

from __future__ import annotations

import csv
import io
import json
import random
import re
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple

import pytest

from nof1.files.protocols import library_text
from nof1.files.reports import folder_digests
from nof1.protocol.digest import protocol_sha256
from nof1.terms import PeriodKind
from nof1.workflow.enter_table import enter_table
from nof1.workflow.move import stop_trial
from nof1.workflow.record import record_adverse_event, record_guess
from nof1.workflow.report import report_trial
from nof1.workflow.verify import Outcome, verify_trial

from ..workflow.playing import Player, quick_folder  # noqa: TID252 - tests have no absolute names

if TYPE_CHECKING:
    from nof1.workflow.report import Reported
    from nof1.workflow.trial import Trial


class Job(NamedTuple):
    """A protocol of the library, the person who is made up for it, and whether the report goes to paper too."""

    protocol: str
    text: str
    base: float
    effect: float
    sd: float
    verdict: str
    method: str
    with_pdf: bool = False


JOBS = (
    Job("caffeine-vigilance", library_text("caffeine-vigilance"), 3.6, 0.3, 0.15, "benefit", "daily_model"),
    Job(
        "melatonin-mood",
        library_text("melatonin-mood"),
        60.0,
        0.0,
        4.0,
        "no_worthwhile_difference",
        "daily_model",
    ),
    Job(
        "nefiracetam-memory",
        library_text("nefiracetam-memory"),
        1.5,
        0.9,
        0.35,
        "benefit",
        "mixed_model",
        with_pdf=True,
    ),
)


class Done(NamedTuple):
    """A trial that was played to its report."""

    job: Job
    player: Player
    reported: Reported
    conditions: dict[int, str]

    @property
    def primary(self) -> dict:
        """The first contrast of the primary outcome."""
        return self.reported.results["outcomes"][0]


@pytest.fixture(scope="module", params=JOBS, ids=[job.protocol for job in JOBS])
def done(request, tmp_path_factory):
    """Play one protocol from its file to its report."""
    job = request.param
    with quick_folder(tmp_path_factory.getbasetemp()) as root:
        player = Player(root, job.text, name=job.protocol)
        player.randomize(acknowledged="I have read it; this is a simulation.")
        conditions = conditions_of(player)
        live(player, job, conditions)
        player.lock((player.trial.ends_on - player.trial.schedule.start_on).days + 4)
        if not player.is_open:
            player.unblind()
        reported = report_trial(player.folder, player.context, with_pdf=job.with_pdf)
        yield Done(job, player, reported, conditions)


def conditions_of(player: Player) -> dict[int, str]:
    """Return what was taken in every period; where somebody was alone only the simulated hands can tell."""
    begun = player.trial.registration
    if player.is_open:
        return dict(enumerate(begun.kits, start=1))
    packed = player.pack().contents
    periods = [period for period in player.trial.schedule.periods if period.kind is PeriodKind.TREATMENT]
    return {period.index: packed[period.kit] for period in periods}


def live(player: Player, job: Job, conditions: dict[int, str]) -> None:
    """Enter a file with every score, a guess for some periods, and a harm."""
    trial = player.trial
    rng = random.Random(job.protocol)  # noqa: S311 - a made-up person, not a secret
    file = player.workspace / "scores.csv"
    file.write_bytes(table(trial, job, conditions, rng))
    for period in [p for p in trial.schedule.periods if p.kind is PeriodKind.TREATMENT][:6]:
        evening = max(session.closes for session in trial.schedule.sessions if session.period == period.index)
        player.clock.put(evening.astimezone(UTC).date(), evening.astimezone(UTC).time())
        felt = rng.choice([40, 50, 60]) + (10 if conditions[period.index] == "on" else -10)
        record_guess(player.folder, player.context, percent={"on": str(felt)})
    record_adverse_event(player.folder, player.context, term="light headache", severity=1, serious=False)
    player.clock.put(trial.ends_on + timedelta(days=2), time(12))
    receipt = enter_table(player.folder, file, player.context)
    assert "unplanned" not in receipt.flags


def table(trial: Trial, job: Job, conditions: dict[int, str], rng: random.Random) -> bytes:
    """Write a made-up person's scores: practice, a day's mood, noise, and the effect on the primary outcome."""
    primary = trial.protocol.outcomes.primary.score
    text = io.StringIO()
    writer = csv.DictWriter(text, ["at", *trial.specs], lineterminator="\n")
    writer.writeheader()
    of_day: dict[int, float] = {}
    for session in trial.schedule.sessions:
        is_on = conditions.get(session.period) == "on"
        of_day.setdefault(session.day, rng.gauss(0, 0.3))
        at = session.at or datetime.combine(session.on, time(20), UTC)
        row = {"at": at.isoformat()}
        for name in trial.scores_in(session):
            spec = trial.specs[name]
            low, high = map(float, spec.range)
            base, sd, effect = low + (high - low) / 4, (high - low) / 30, 0.0
            if name == primary:
                base, sd, effect = job.base, job.sd, job.effect
            practice = -2 * sd / (1 + session.number)
            value = base + practice + effect * is_on + sd * (of_day[session.day] + rng.gauss(0, 1))
            value = min(high, max(low, value))
            if rng.random() > 0.03:
                row[str(name)] = str(round(value)) if spec.whole else f"{value:.3f}"
        if len(row) > 1:
            writer.writerow(row)
    return text.getvalue().encode()


def test_the_effect_is_found(done):
    """The interval holds the truth, and the verdict is the one that a large, or no, effect deserves."""
    primary, job = done.primary, done.job
    assert (primary["role"], primary["primary_method"]) == ("primary", job.method)
    low, high = primary[job.method]["ci"]
    assert low < job.effect < high
    assert primary[job.method]["estimate"] == pytest.approx(job.effect, abs=(high - low) / 2)
    assert primary["verdict"] == done.reported.verdict == done.reported.results["verdict"] == job.verdict


def test_the_results_are_of_this_trial(done):
    """Name, protocol, order, counts."""
    results, trial = done.reported.results, done.player.trial
    assert (results["trial"], results["protocol_sha256"]) == (
        done.job.protocol,
        protocol_sha256(trial.protocol),
    )
    sequence = results["sequence"]
    assert 0 <= int(sequence["rank"]) < int(sequence["size"])
    planned = [
        s for s in trial.sessions_of[trial.protocol.outcomes.primary.score] if s.kind is PeriodKind.TREATMENT
    ]
    counted = [s for s in planned if s.day_in_period > trial.protocol.design.onset_days]
    assert done.primary["n_sessions"] + done.primary["n_missing"] == len(counted)
    assert done.primary["n_missing"] > 0
    assert done.primary["n_periods"] == len(done.conditions)


def test_the_randomization_test_used_the_orders_of_the_design(done):
    """As many as there are, or a sample of them; the smallest p is what the protocol was told."""
    test = done.primary["randomization_test"]
    size = int(done.reported.results["sequence"]["size"])
    assert test["n_sequences"] <= size
    assert test["exact"] == (test["n_sequences"] == size)
    assert 0 < test["smallest_p"] <= test["p_value"] <= 1


def test_the_page_says_that_all_of_it_is_simulated(done):
    """At its head, and beside the title of every section."""
    page = done.reported.html.read_text(encoding="utf-8")
    assert done.reported.results["simulated"] is True
    assert "A computer made these scores; nobody took part." in page
    titles = re.findall(r"<h2[^>]*>.*?</h2>", page, re.DOTALL)
    assert len(titles) >= 5
    untold = {re.sub("<[^>]*>", "", title) for title in titles if "Simulated" not in title}
    assert untold <= {"The same numbers from other programs"}  # a cell of its own, which only repeats numbers
    assert ("Not blinded" in page) == done.player.is_open


def test_the_folder_is_whole(done):
    """Page, results, notebook, what a sceptic needs; and the manifest knows every byte."""
    folder = done.reported.folder
    papers = {"report.pdf", "letter.pdf"} if done.job.with_pdf else set()
    assert {path.name for path in folder.iterdir()} == papers | {
        "report.html",
        "results.json",
        "analysis.ipynb",
        "manifest.json",
        "verify.py",
        "evidence",
    }
    manifest = json.loads((folder / "manifest.json").read_text())
    digests = folder_digests(folder)
    del digests["manifest.json"]
    assert manifest["files"] == digests
    assert json.loads((folder / "results.json").read_text()) == done.reported.results
    assert str(done.player.root) not in done.reported.html.read_text()


def test_the_trial_verifies_after_its_report(done):
    """The record, the draw and the tables are as they were."""
    found = {check.name: check for check in verify_trial(done.player.folder)}
    assert [check.text for check in found.values() if check.outcome is Outcome.FAIL] == []
    drawn = "draw" if done.player.is_open else "order of codes"
    assert found[drawn].outcome is Outcome.PASS
    assert done.player.is_open or found["cards"].outcome is Outcome.PASS
    assert done.player.kinds()[-1] == "report_made"


def test_a_trial_without_a_score_has_a_report(tmp_path_factory):
    """Stopped before its first day: everything works, and nothing is claimed."""
    with quick_folder(tmp_path_factory.getbasetemp()) as root:
        player = Player(root)
        player.randomize()
        player.put(0)
        stop_trial(player.folder, None, "the parcel was opened", player.context)
        player.lock(1)
        player.unblind()
        reported = report_trial(player.folder, player.context)
        assert reported.verdict == "not_estimable"
        (primary, *_) = reported.results["outcomes"]
        assert (primary["n_sessions"], primary["n_periods"]) == (0, 0)
        page = reported.html.read_text(encoding="utf-8")
        assert "Stopped on 2026-03-01: the parcel was opened." in page
        assert "nobody took part" in page
        assert not [check for check in verify_trial(player.folder) if check.outcome is Outcome.FAIL]
