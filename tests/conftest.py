"""What every test may lean on: the real data sets, and golden files."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from markupsafe import Markup

from .storage.server import Clinic, Server, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parents[1]

# A law does not hang on how busy the machine is; in CI Hypothesis has no deadline either. Every run draws other
# examples, so a run needs few; `pytest --hypothesis-profile=thorough` takes ten times as many.
settings.register_profile("nof1", parent=settings.default, deadline=None, max_examples=40)
settings.register_profile("thorough", parent=settings.default, deadline=None, max_examples=400)
settings.load_profile("nof1")

# The suite starts Python hundreds of times: what was compiled once is kept for the others, whatever the shell says.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def pytest_collection_finish() -> None:
    """Take what is loaded by now out of the search for garbage: thousands of tests that stay to the end."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the root of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real data sets; without it tests fail under CI and skip elsewhere."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        message = f"the real data sets are not at {folder}"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return folder


@pytest.fixture
def no_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the drawing, which takes most of the time of a page: for tests that read its words."""
    from nof1.report import figure_parts, view  # noqa: PLC0415 - most tests need neither
    from nof1.report.drawn import Drawn  # noqa: PLC0415

    def undrawn(_plot: object, *, caption: str, **_: object) -> Drawn:
        return Drawn(wide=Markup(), narrow=Markup(), caption=caption)

    for module in (view, figure_parts):
        monkeypatch.setattr(module, "draw", undrawn)


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with a file in `golden/` beside the test; `make golden` rewrites the files."""

    def compare(name: str, text: str) -> None:
        path = Path(request.path).parent / "golden" / name
        if os.environ.get("NOF1_GOLDEN") == "write":
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        assert path.exists(), f"no golden file {path.name}; `make golden` writes it"
        assert text == path.read_text(encoding="utf-8")

    return compare


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """Return a PostgreSQL server of the tests' own; without one tests fail under CI and skip elsewhere."""
    with serving() as server:
        yield server


@pytest.fixture
def clinic(postgresql) -> Iterator[Clinic]:
    """Return an empty store on that server, gone afterwards."""
    clinic = Clinic(postgresql)
    yield clinic
    clinic.close()
