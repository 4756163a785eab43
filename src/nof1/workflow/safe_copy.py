"""A copy of the record before a step that cannot be taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nof1.errors import Nof1Error
from nof1.files.atomic import make_folder
from nof1.storage.backup import back_up
from nof1.workflow.trial import store_path

if TYPE_CHECKING:
    from nof1.workflow.context import Context
    from nof1.workflow.trial import Trial

COPIES = "copies"


def copy_before(step: str, trial: Trial, context: Context) -> str:
    """Copy the record of a trial into its own folder, and read the copy back.

    It guards against accidents with the step itself; it is no backup, which lies elsewhere. Where it cannot be made
    the step goes on: nobody is kept from locking or opening a trial by a full disk.

    Parameters
    ----------
    step : str
        What comes next, such as ``lock``.
    trial : Trial
        As it stands.
    context : Context
        Is told why no copy was made.

    Returns
    -------
    str
        Name of the file in the trial's folder, ``copies/before-lock-0127.nof1``; empty if none was made.
    """
    name = f"before-{step}-{trial.state.records[-1].seq:04d}.nof1"
    folder = trial.folder / COPIES
    try:
        make_folder(folder)
        if not (folder / name).exists():  # the same events: the step was tried before
            back_up(store_path(trial.folder), folder / name)
    except (Nof1Error, OSError) as error:
        context.progress(f"No copy of the record was made before this step ({error}); it goes on without")
        return ""
    return f"{COPIES}/{name}"
