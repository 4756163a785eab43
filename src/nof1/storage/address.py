"""The file in a trial's folder that says on which server the trial is kept; a password stands nowhere."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from nof1.errors import StoreError, WorkspaceError
from nof1.files.atomic import write_atomically

if TYPE_CHECKING:
    from pathlib import Path

_FORMAT = "nof1/store/1"
_URL = re.compile(r"postgres(ql)?://", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where the record of a trial is.

    Attributes
    ----------
    url : str
        Of the database, as `check_url` takes it.
    trial_id : str
        The trial.
    claim : str
        Random name of this trial in the store; another trial of the same name has another.
    """

    url: str
    trial_id: str
    claim: str


def is_url(text: str) -> bool:
    """Whether a text names a store on a server.

    Parameters
    ----------
    text : str
        As typed.

    Returns
    -------
    bool
        True if it begins with ``postgresql://`` or ``postgres://``.
    """
    return _URL.match(text) is not None


def check_url(url: str) -> str:
    """Check the address of a store, and refuse one that holds a password.

    Parameters
    ----------
    url : str
        Such as ``postgresql://anna@db.example.org/clinic`` or ``postgresql:///?service=clinic``.

    Returns
    -------
    str
        The same.

    Raises
    ------
    StoreError
        If it is no such address; what it holds is not repeated where that may be a password.
    """
    if not is_url(url):
        raise StoreError("this is not the address of a store; write postgresql://USER@HOST/DATABASE")
    try:
        parts = urlsplit(url)
        names = {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)} | _names_of_libpq(url)
        # libpq ends a password at the last @, whatever stands in it, where others end it at #, ? or /.
        before, at, _ = url.partition("://")[2].rpartition("@")
        has_password = (
            "#" in url or bool(at and ":" in before) or any("password" in name.lower() for name in names)
        )
    except ValueError:
        raise StoreError(
            "the address of the store cannot be read; write postgresql://USER@HOST/DATABASE, without a password"
        ) from None
    if has_password:
        raise StoreError(
            "the address of the store holds a password, which would stand in files and lists of processes; leave it out. "
            "It is taken from ~/.pgpass, from a service file, or from PGPASSWORD"
        )
    return url


def _names_of_libpq(url: str) -> set[str]:
    """Return what the client library itself reads in an address; nothing where it is not installed."""
    try:
        from psycopg import ProgrammingError, conninfo  # noqa: PLC0415 - an extra
    except ImportError:
        return set()
    try:
        return set(conninfo.conninfo_to_dict(url))
    except ProgrammingError:
        raise ValueError("no address") from None


def read_address(path: Path) -> Address:
    """Read where a trial is kept.

    Parameters
    ----------
    path : Path
        The store.json of the trial.

    Returns
    -------
    Address
        Checked.

    Raises
    ------
    StoreError
        If it cannot be read.
    """
    try:
        kept = json.loads(path.read_bytes())
        if kept["format"] != _FORMAT:
            raise ValueError(f"format {kept['format']}")  # noqa: TRY301 - told together with the others
        return Address(url=check_url(kept["url"]), trial_id=str(kept["trial"]), claim=str(kept["claim"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise StoreError(
            f"{path} does not say where the trial is kept ({error}); make it again: nof1 store attach URL TRIAL"
        ) from None


def write_address(path: Path, address: Address) -> None:
    """Write down where a trial is kept.

    Parameters
    ----------
    path : Path
        The store.json of the trial.
    address : Address
        Where.

    Raises
    ------
    WorkspaceError
        If it cannot be written.
    """
    kept = {
        "format": _FORMAT,
        "url": check_url(address.url),
        "trial": address.trial_id,
        "claim": address.claim,
    }
    try:
        write_atomically(path, json.dumps(kept, ensure_ascii=False, indent=1).encode() + b"\n", mode=0o600)
        path.parent.chmod(0o700)
    except OSError as error:
        raise WorkspaceError(f"{path} cannot be written ({error.strerror})") from error
