"""The wallet card: what a stranger must know in an emergency."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nof1.report.sheets.model import Pack
from nof1.report.sheets.pdf import make_pdf

if TYPE_CHECKING:
    from nof1.report.sheets.model import Paper, TrialText

_OPENING: Final = {
    Pack.BOX: "open the slip in the lid of the box in use",
    Pack.DAY: "open the slip in the day pack in use",
    Pack.CARD: "open the sealed card with the code of the day pack in use",
}


def wallet_card(trial: TrialText, pack: Pack, paper: Paper) -> bytes:
    """Print the wallet card, twice.

    Parameters
    ----------
    trial : TrialText
        The trial.
    pack : Pack
        Where the slip is.
    paper : Paper
        What is in the printer.

    Returns
    -------
    bytes
        A PDF.
    """
    contents = ", or ".join(trial.contents)
    n_signs = len(contents) + len(trial.title) + len(trial.contact)
    return make_pdf(
        "wallet", paper, contents=contents, highest=trial.highest_daily_dose, opening=_OPENING[pack],
        contact=trial.contact, title=trial.title, digest=trial.protocol_sha256[:8],
        font_pt=8 if n_signs < 250 else 6.5,
    )  # fmt: skip
