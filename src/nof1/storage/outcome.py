"""What is said after an error: saved, not saved, or unknown; never a guess.

An error does not mean that an entry was not saved: of 132 injected faults some were reported although the commit had
happened. So the store is closed, opened again and asked. If it cannot be asked, the entry goes to a rescue file.
It is asked under the lock of a writer: on a server the lost transaction may still be about to be committed.
"""

from __future__ import annotations

import json
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from nof1.audit.events import KINDS
from nof1.audit.record import utc_text
from nof1.encoding import canonical_json
from nof1.errors import OutcomeUnknownError, StoreError
from nof1.files.atomic import write_atomically

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nof1.audit.event import Event
    from nof1.encoding import Json
    from nof1.storage.database import Database

_FORMAT = "nof1/rescue/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """An event that someone wants to record.

    Attributes
    ----------
    event : Event
        What happened.
    actor, channel : str
        Who records it, and by which way.
    recorded_at : datetime
        When.
    idem_key : str
        Names the attempt: the same key a second time adds nothing.
    observed_at, observed_offset : str or None
        UTC time at which it happened, and the distance of the local time from UTC.
    """

    event: Event
    actor: str
    channel: str
    recorded_at: datetime
    idem_key: str
    observed_at: str | None = None
    observed_offset: str | None = None


def settle(database: Database, attempts: Sequence[Attempt], error: BaseException) -> None:
    """After an error, look whether a transaction was committed, and return only if it was.

    Parameters
    ----------
    database : Database
        The store; the failed connection is closed.
    attempts : sequence of Attempt
        All that the transaction added; nothing was stored where there are none.
    error : BaseException
        What was raised.

    Raises
    ------
    StoreError
        Nothing of it was stored.
    OutcomeUnknownError
        The store cannot be asked; the rescue file is named.
    """
    if not attempts:
        raise _not_saved(database, error)
    for pause in database.backend.look_again_after:
        time.sleep(pause)
        try:
            with database.reading(settled=True) as session:
                found = [session.find(idem_key=attempt.idem_key) for attempt in attempts]
            database.backend.settle()
        except Exception as trouble:  # noqa: BLE001 - whatever it is, nothing is known yet
            last_trouble = trouble
            continue
        if not all(found):
            raise _not_saved(database, error)
        return
    kept_in = _write_rescue(database.path, attempts)
    raise OutcomeUnknownError(
        f"unknown whether it was saved: {database.backend.fault_of(error)}; and the store cannot be asked: {database.backend.fault_of(last_trouble)}. "
        f"The entry is kept in {kept_in}; it is safe to enter it again from there"
    ) from error


def read_rescue(path: Path) -> tuple[Attempt, ...]:
    """Read the entries that a rescue file keeps.

    Parameters
    ----------
    path : Path
        As it was named when the outcome was unknown.

    Returns
    -------
    tuple of Attempt
        To be appended as they are: one that was saved after all is recognised by its key.

    Raises
    ------
    StoreError
        If the file is no rescue file.
    """
    try:
        document = json.loads(path.read_bytes())
        if document["format"] != _FORMAT:
            raise ValueError(document["format"])  # noqa: TRY301 - told together with the others
        return tuple(_read_attempt(kept) for kept in document["attempts"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise StoreError(f"{path} is no rescue file that can be read ({error})") from None


def _not_saved(database: Database, error: BaseException) -> StoreError:
    refusal = StoreError(
        f"not saved: {database.backend.fault_of(error)}. Nothing was stored; enter it again after that"
    )
    refusal.__cause__ = error
    return refusal


def _write_rescue(store: Path, attempts: Sequence[Attempt]) -> Path:
    """Keep entries beside the store or, if its folder cannot be written, where the person will find them."""
    content = canonical_json(
        {"format": _FORMAT, "attempts": [_attempt_payload(attempt) for attempt in attempts]}
    )
    name = f"{store.stem}.rescue-{attempts[0].recorded_at:%Y%m%dT%H%M%S%f}.json"
    for folder in (store.parent, Path.home(), Path(tempfile.gettempdir())):
        try:
            write_atomically(folder / name, content, mode=0o600)
        except OSError:
            continue
        return folder / name
    raise OutcomeUnknownError(
        f"unknown whether it was saved, and no file can be written anywhere; write this down: {content.decode()}"
    )


def _attempt_payload(attempt: Attempt) -> dict[str, Json]:
    return {
        "kind": attempt.event.KIND,
        "payload": attempt.event.to_payload(),
        "actor": attempt.actor,
        "channel": attempt.channel,
        "recorded_at": utc_text(attempt.recorded_at),
        "idem_key": attempt.idem_key,
        "observed_at": attempt.observed_at,
        "observed_offset": attempt.observed_offset,
    }


def _read_attempt(kept: dict[str, object]) -> Attempt:
    payload = kept["payload"]
    if not isinstance(payload, dict):
        raise TypeError("an entry without a payload")
    optional = {
        name: str(kept[name]) for name in ("observed_at", "observed_offset") if kept[name] is not None
    }
    return Attempt(
        event=KINDS[str(kept["kind"])].from_payload(payload),
        actor=str(kept["actor"]),
        channel=str(kept["channel"]),
        recorded_at=datetime.fromisoformat(str(kept["recorded_at"])),
        idem_key=str(kept["idem_key"]),
        **optional,
    )
