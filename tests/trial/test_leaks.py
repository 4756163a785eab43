"""The participant's computer: after every command nothing on it says which box holds what."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, partial

import pypdf
import pytest

from nof1.files import protocols
from nof1.workflow.demo import simulated_entropy
from nof1.workflow.trial import read_trial

from ..report.sheets import printed  # noqa: TID252 - tests have no absolute names
from ..workflow.playing import quick_folder  # noqa: TID252
from .leak_scan import Known, find_leaks
from .watched import (
    NAMES,
    OPEN,
    START_OPTIONS,
    TEXTS,
    Watched,
    after_the_lock,
    blinded_life,
    daily_life,
    register,
)


def some_of(n: int, *, usual: int) -> list[object]:
    """Return so many seeds: the first ones for every run, all of them for the long run."""
    return [pytest.param(seed, marks=[pytest.mark.sim] if seed >= usual else []) for seed in range(n)]


PRINTED = ("self_blinded", 0)
"""The trial whose sheets are printed and read again, squares included."""


@pytest.fixture
def root(tmp_path_factory):
    """Return a folder in memory."""
    with quick_folder(tmp_path_factory.getbasetemp()) as folder:
        yield folder


_remembered = cache(partial(protocols.parse_protocol, source="protocol.yaml"))


@pytest.fixture(autouse=True)
def _read_once(monkeypatch):
    """Read a protocol once for all lives: what a text means does not depend on who reads it."""
    monkeypatch.setattr(protocols, "parse_protocol", lambda text, *_args, **_options: _remembered(text))


@pytest.mark.parametrize("seed", some_of(20, usual=3))
@pytest.mark.parametrize("mode", TEXTS)
def test_after_every_command_nothing_tells(root, mode, seed, monkeypatch):
    """Kits, registration, days, changes of plan, emergency, lock: files and terminal; the opening itself is seen."""
    is_printed = (mode, seed) == PRINTED
    one = Watched(root, mode, seed, monkeypatch, paper="a4" if is_printed else "none")
    assert len(list(one.player.workspace.rglob("sheet-[12].pdf"))) == 2 * is_printed
    blinded_life(one)
    assert find_leaks(one.player.workspace, one.known) == []
    one.type(one.player.context, "unblind", "coffee", *one.opening())
    assert one.watch.look() != []


@pytest.mark.parametrize("seed", some_of(4, usual=2))
def test_an_open_trial_tells_of_itself_alone(root, seed, monkeypatch):
    """Its order is public, and the scan finds it; beside it, in one workspace, a blinded trial stays shut.

    In open_label nothing is hidden. So what is held here is that no command of the open trial tells of the other.
    """
    one = Watched(root, list(TEXTS)[seed % 2], seed, monkeypatch)
    register(one)
    protocol = one.player.workspace / "protocols" / "openly.yaml"
    protocol.write_text(OPEN)
    one.player.context = replace(one.player.context, entropy=simulated_entropy(f"open {seed}".encode()))
    one("randomize", protocol, "--trial", "data/openly", *START_OPTIONS)
    one.player.put(1)
    one("today", "openly", "--json")
    daily_life(one, "openly")
    one("emergency", "openly", "K-222222")
    one.player.put(14, "09:00")
    one("lock", "openly", "--yes")
    one("unblind", "openly")
    after_the_lock(one, "openly")
    folder = one.player.workspace / "data" / "openly"
    begun = read_trial(folder).registration
    public = {f"{period},,": (condition, "no key") for period, condition in enumerate(begun.kits, start=1)}
    public |= {begun.commitment: (begun.kits[0], "no key")}
    told = find_leaks(folder, Known(secret=None, kits=public, names=NAMES, protocol=(OPEN,)))
    for where in ("locked/allocation.csv: ", "public.json: ", "trial.sqlite: "):
        assert any(line.startswith(where) for line in told), where


@pytest.mark.parametrize(("ci", "ends"), [("true", pytest.fail.Exception), ("", pytest.skip.Exception)])
def test_a_sheet_that_cannot_be_read_is_not_taken_for_clean(root, monkeypatch, ci, ends):
    """Without pdftoppm no square is read: that fails in CI, and elsewhere is told."""
    writer = pypdf.PdfWriter()
    writer.add_blank_page(100, 100)
    writer.write(root / "labels.pdf")
    known = Known(secret=None, kits={"K-222222": ("verum", "2" * 16)}, names=NAMES, protocol=())
    assert find_leaks(root, known) == []
    monkeypatch.setattr(printed.shutil, "which", lambda _name: None)
    monkeypatch.setenv("CI", ci)
    with pytest.raises(ends, match="pdftoppm is missing"):
        find_leaks(root, known)
