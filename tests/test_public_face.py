"""The public names: each is there, each is the one that its module defines, and none loads more than it must."""

from __future__ import annotations

import subprocess
import sys

import pytest

import nof1


@pytest.mark.parametrize("name", [n for n in nof1.__all__ if n != "__version__"])
def test_every_public_name_loads(name):
    """What `__all__` promises can be imported, and has a docstring."""
    assert getattr(nof1, name).__doc__


def test_an_unknown_name_is_refused_by_name():
    """A typing error is told, not swallowed."""
    with pytest.raises(AttributeError, match="fit_mixd_model"):
        _ = nof1.fit_mixd_model


def test_the_names_and_their_homes_agree():
    """`__all__` and the table of homes list the same names."""
    assert set(nof1.__all__) - {"__version__"} == set(nof1._HOME)


def test_importing_nof1_imports_nothing_else():
    """The package itself is free: no pandas before a name that needs it."""
    code = "import sys, nof1; sys.exit(any(m in sys.modules for m in ('numpy', 'pandas', 'pydantic')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
