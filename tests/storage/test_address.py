"""Where a trial is kept on a server is written down, a password never."""

from __future__ import annotations

import json
import stat
import sys

import pytest

from nof1.errors import StoreError
from nof1.storage.address import Address, check_url, is_url, read_address, write_address
from nof1.storage.store import open_store

GOOD = (
    "postgresql://anna@db.example.org/clinic",
    "postgres://db.example.org:5433/clinic?sslmode=verify-full",
    "postgresql:///?service=clinic",
    "postgresql://anna@/clinic?host=/var/run/postgresql",
)


@pytest.mark.parametrize("url", GOOD)
def test_an_address_is_kept_as_it_was_given(tmp_path, url):
    """For its owner alone, with the trial and its claim."""
    address = Address(url=check_url(url), trial_id="caffeine", claim="0" * 32)
    path = tmp_path / "caffeine" / "store.json"
    write_address(path, address)
    assert read_address(path) == address
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://anna:hunter2@db/clinic",
        "postgresql://anna:@db/clinic",
        "postgresql://anna@db/clinic?password=hunter2",
        "postgresql://anna:pa#hunter2@/clinic?host=db",
        "postgresql://anna:pa?hunter2@db/clinic",
        "postgresql://anna:pa/hunter2@db/clinic",
        "postgresql:///clinic?application_name=x#&password=hunter2",
        "postgresql://db/clinic?sslpassword=hunter2&user=anna",
        "postgresql://anna:hunter2@[::1/clinic",
    ],
)
def test_a_password_is_refused_and_not_repeated(tmp_path, url):
    """It would stand in a file, in the history of a shell, and in every list of processes."""
    for refuse in (
        lambda: check_url(url),
        lambda: write_address(tmp_path / "x" / "store.json", Address(url=url, trial_id="x", claim="")),
    ):
        with pytest.raises(StoreError, match="password") as caught:
            refuse()
        assert "hunter2" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "text", ["", "clinic", "mysql://db/clinic", "sqlite:///x", "file:///x", "postgresql:"]
)
def test_what_is_no_address_is_refused(text):
    """A folder is not taken for one, nor another kind of server."""
    assert not is_url(text)
    with pytest.raises(StoreError, match="write postgresql://USER@HOST/DATABASE"):
        check_url(text)


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"format": "nof1/store/2"}', b"\xff", json.dumps(
    {"format": "nof1/store/1", "url": 7, "trial": "x", "claim": "y"}).encode()])  # fmt: skip
def test_a_damaged_file_is_told(tmp_path, content):
    """With the command that makes it again."""
    path = tmp_path / "store.json"
    path.write_bytes(content)
    with pytest.raises(StoreError, match="nof1 store attach URL TRIAL"):
        open_store(path)


def test_without_the_driver_it_is_said_how_to_get_it(tmp_path, monkeypatch):
    """Whoever keeps trials in files need not have it."""
    path = tmp_path / "store.json"
    write_address(path, Address(url=GOOD[0], trial_id="caffeine", claim="0" * 32))
    for name in [name for name in sys.modules if name.partition(".")[0] == "psycopg"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StoreError, match=r"pip install nof1\[postgresql\]"):
        open_store(path)
