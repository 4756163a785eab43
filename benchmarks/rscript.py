"""Peers in R: a script that does one job several times and prints the seconds of one; left out where R is missing."""

from __future__ import annotations

import json
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

SCRIPT = Path(__file__).with_name("peers.R")


def lacking(*packages: str) -> str | None:
    """Return why a peer is left out: no Rscript, or a package that is not installed; None where it can run."""
    if shutil.which("Rscript") is None:
        return "R peers are left out: there is no Rscript"
    absent = [name for name in packages if name not in _installed()]
    return f"R peer left out: the package {absent[0]} is not installed" if absent else None


def numbers(job: str, *arguments: object) -> dict[str, Any]:
    """Run a job of peers.R and return what it prints."""
    command = ["Rscript", "--vanilla", str(SCRIPT), job, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def timed(job: str, *arguments: object) -> Callable[[], float]:
    """Return a runner's `run`: R measures itself, its start is not counted."""
    return lambda: float(numbers(job, *arguments)["seconds"])


def described() -> str:
    """Say which R there is."""
    if shutil.which("Rscript") is None:
        return "no R"
    found = _installed()
    wanted = ("lme4", "lmerTest", "pbkrtest", "nlme", "coin")
    return f"R {found['R']}, " + ", ".join(f"{name} {found[name]}" for name in wanted if name in found)


@cache
def _installed() -> dict[str, str]:
    code = 'i <- installed.packages()[, "Version"]; cat("R", as.character(getRversion()), "\\n"); cat(paste(names(i), i), sep = "\\n")'
    done = subprocess.run(["Rscript", "--vanilla", "-e", code], capture_output=True, text=True, check=True)
    return dict(line.split()[:2] for line in done.stdout.splitlines() if line.strip())
