"""Sheets need the Pango library."""

from __future__ import annotations

import os

import pytest

from nof1.errors import ReportError
from nof1.report.sheets.pdf import load_weasyprint


@pytest.fixture(scope="session", autouse=True)
def _paper():
    """Ask for what prints: in CI it must be there, elsewhere its absence is said."""
    try:
        load_weasyprint()
    except ReportError as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(error))
