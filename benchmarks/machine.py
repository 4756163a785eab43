"""What the figures were measured on: kind of processor, memory, versions, load; nothing that names a machine."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks import rscript


def described() -> list[str]:
    """Return lines for the head of the table."""
    libraries = ", ".join(f"{name} {version(name)}" for name in ("numpy", "scipy", "pandas", "statsmodels"))
    return [
        f"- {_processor()}, {os.cpu_count()} cores, {_memory()} GB of memory, {platform.system()}",
        f"- Python {platform.python_version()}, {libraries}, BLAS on one thread",
        f"- {rscript.described()}",
    ]


def moment() -> str:
    """Return when a job was run, and how busy the machine was."""
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, load {os.getloadavg()[0]:.1f}"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def _memory() -> int:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)
