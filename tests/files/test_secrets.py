"""The preparer's files and the public part of a draw."""

from __future__ import annotations

import stat
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nof1.errors import WorkspaceError
from nof1.files.secrets import (
    read_packing_list,
    read_public,
    read_secret,
    write_packing_list,
    write_public,
    write_secret,
)

SECRET = bytes(range(32))
DIGITS = SECRET.hex()


@pytest.mark.skipif(sys.platform == "win32", reason="no modes there")
def test_a_secret_is_for_its_owner_alone(tmp_path):
    """0600 in a folder 0700."""
    path = tmp_path / "preparer-only" / "secret.txt"
    write_secret(path, SECRET)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_secret_is_never_replaced(tmp_path):
    """A second draw would be a choice."""
    path = tmp_path / "secret.txt"
    write_secret(path, SECRET)
    with pytest.raises(WorkspaceError, match="a secret is never replaced"):
        write_secret(path, bytes(32))
    assert read_secret(path) == SECRET


@pytest.mark.parametrize(
    "text",
    [
        DIGITS,
        DIGITS.upper(),
        f"{DIGITS}\r\n",
        f"\ufeff{DIGITS}",
        " ".join(DIGITS[n : n + 8] for n in range(0, 64, 8)),
        "-".join(DIGITS[n : n + 4] for n in range(0, 64, 4)),
        "\n".join(DIGITS[n : n + 16] for n in range(0, 64, 16)),
    ],
)
def test_a_secret_may_be_typed_in_groups(tmp_path, text):
    """Blanks, lines and hyphens do not count."""
    path = tmp_path / "secret.txt"
    path.write_bytes(text.encode())
    assert read_secret(path) == SECRET


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (DIGITS[:-1], "found 63 characters; a secret has 64"),
        (DIGITS + "0", "found 65 characters"),
        (DIGITS.replace("0", "O", 1), "found 64 characters, 1 of them no hexadecimal digits"),
        ("", "found 0 characters"),
        ("٠" * 64, "64 of them no hexadecimal digits"),
    ],
)
def test_a_secret_that_cannot_be(tmp_path, text, sentence):
    """The message counts and never quotes."""
    path = tmp_path / "secret.txt"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(WorkspaceError) as refused:
        read_secret(path)
    assert sentence in str(refused.value)
    assert DIGITS[:12] not in str(refused.value)


def test_a_file_that_cannot_be_read(tmp_path):
    """Missing, a folder, another kind of file, or far too large."""
    for path, sentence in ((tmp_path / "none", "cannot be read"), (tmp_path, "cannot be read")):
        with pytest.raises(WorkspaceError, match=sentence):
            read_secret(path)
    (tmp_path / "photo").write_bytes(b"\xff\xd8\xff\xe0")
    with pytest.raises(WorkspaceError, match="is no text file"):
        read_secret(tmp_path / "photo")
    (tmp_path / "film").write_bytes(b"0" * 1_000_001)
    with pytest.raises(WorkspaceError, match="more than 1,000,000 bytes"):
        read_secret(tmp_path / "film")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(secret=st.binary(min_size=32, max_size=32))
def test_any_secret_comes_back(tmp_path, secret):
    """What was written is what opens."""
    path = tmp_path / "secret.txt"
    path.unlink(missing_ok=True)
    write_secret(path, secret)
    assert read_secret(path) == secret


def test_the_packing_list_is_sorted_by_code(tmp_path):
    """The order of use cannot be read off it."""
    path = tmp_path / "packing-list.csv"
    write_packing_list(path, [("K-ZZZZZD", "1", "on", "AAAA"), ("K-222222", "S1", "off", "BBBB")])
    assert path.read_text(encoding="utf-8").splitlines() == [
        "kit,block,condition,card_key",
        "K-222222,S1,off,BBBB",
        "K-ZZZZZD,1,on,AAAA",
    ]
    assert read_packing_list(path) == {"K-222222": "off", "K-ZZZZZD": "on"}


@pytest.mark.parametrize(
    "text", ["", "kit,condition\n", "code,what\nK-222222,on\n", "kit,condition\nK-222222\n"]
)
def test_a_file_that_is_no_packing_list(tmp_path, text):
    """Its first row says what it is."""
    path = tmp_path / "packing-list.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(WorkspaceError, match="is no packing list"):
        read_packing_list(path)


def test_the_public_part_comes_back(tmp_path):
    """By its own path, or by that of its folder."""
    document = {"nof1": 1, "mode": "third_party", "kits": ["1/K-222222"], "root": "ab"}
    path = tmp_path / "public.json"
    write_public(path, document)
    assert read_public(path) == (path, document)
    assert read_public(tmp_path) == (path, document)


@pytest.mark.parametrize("place", ["secret.txt", "preparer-only/secret.txt", "a/b/secret.txt"])
def test_a_folder_with_the_secret_is_not_entered(tmp_path, place):
    """Beside or below the given path: the file is not opened, and the message says what to ask for."""
    write_public(tmp_path / "public.json", {"nof1": 1})
    write_secret(tmp_path / place, SECRET)
    with pytest.raises(WorkspaceError, match=r"do not open it, ask for public\.json alone"):
        read_public(tmp_path)
    if place == "secret.txt":
        with pytest.raises(WorkspaceError, match="also holds the preparer's secret"):
            read_public(tmp_path / "public.json")


def test_the_participants_half_may_lie_beside_the_preparers(tmp_path):
    """As `kit draw` writes them on the preparer's machine, when public.json alone is named."""
    write_secret(tmp_path / "preparer-only" / "secret.txt", SECRET)
    write_public(tmp_path / "for-participant" / "public.json", {"nof1": 1})
    assert read_public(tmp_path / "for-participant" / "public.json")[1] == {"nof1": 1}
    assert read_public(tmp_path / "for-participant")[1] == {"nof1": 1}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "is no public.json"),
        ("[1]", "is no public.json; ask for it again"),
        ('{"nof1": 1, "nof1": 2}', "'nof1' stands in it twice"),
        ("[" * 100_000, "is no public.json"),
    ],
)
def test_a_public_part_that_is_none(tmp_path, text, sentence):
    """Damaged, something else, or with two answers to one question."""
    path = tmp_path / "public.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(WorkspaceError) as refused:
        read_public(path)
    assert sentence in str(refused.value)


def test_a_folder_without_it(tmp_path):
    """The path that was tried is named."""
    with pytest.raises(WorkspaceError, match=r"public\.json cannot be read"):
        read_public(tmp_path)
