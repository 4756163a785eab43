"""The protocol on one page, to be signed: the question, what is taken, how it is told, and when it ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nof1.report.sheets.pdf import make_pdf

if TYPE_CHECKING:
    from nof1.report.sheets.model import Paper

_FULL = (1500, 2400, 3600)
"""Signs on the page above which the letters become smaller."""
_SIZES = (10, 8.8, 7.6, 6.4)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedPart:
    """A heading and the lines below it."""

    heading: str
    lines: tuple[str, ...]


def sheet_to_sign(
    title: str,
    sha256: str,
    parts: tuple[SignedPart, ...],
    *,
    statement: str,
    signs: tuple[str, ...],
    paper: Paper,
) -> bytes:
    """Print the page.

    Parameters
    ----------
    title, sha256 : str
        Of the protocol; the whole digest stands at the foot.
    parts : tuple of SignedPart
        What is promised.
    statement : str
        The sentence to be acknowledged; empty if there is none.
    signs : tuple of str
        What stands below each line for a signature.
    paper : Paper
        What is in the printer.

    Returns
    -------
    bytes
        A PDF.
    """
    n_signs = len(title) + len(statement) + sum(len(line) + 20 for part in parts for line in part.lines)
    font_pt = _SIZES[sum(n_signs > full for full in _FULL)]
    return make_pdf(
        "sign", paper, title=title, digest=sha256, parts=parts, statement=statement, signs=signs, font_pt=font_pt
    )  # fmt: skip
