"""verify.py, loaded from the file that reports carry; nof1 itself never imports it."""

from __future__ import annotations

import importlib.util
from importlib import resources
from pathlib import Path

PATH = Path(str(resources.files("nof1.report").joinpath("resources", "verify.py")))


def load():
    """Return verify.py as a module."""
    spec = importlib.util.spec_from_file_location("verify_alone", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


verify = load()
