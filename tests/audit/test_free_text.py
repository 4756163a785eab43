"""Texts stand outside the chain, so that one can be erased."""

from __future__ import annotations

import hashlib
import json

from hypothesis import given

from nof1.audit import events
from nof1.audit.free_text import ERASED, put_texts_back, set_texts_apart, text_digest
from nof1.encoding import canonical_json

from .strategies import any_events


@given(event=any_events())
def test_texts_set_apart_come_back(event):
    """With all texts there, nothing is lost."""
    payload, blobs = set_texts_apart(event, bytes)
    stored = json.loads(canonical_json(payload))
    texts = {blob.sha256: blob.content.decode() for blob in blobs}
    filled = type(event).from_payload(put_texts_back(type(event), stored, texts))
    for name in event.FREE_TEXT:
        assert getattr(filled, name) == getattr(event, name)


@given(event=any_events())
def test_no_text_stays_in_the_payload(event):
    """What can be erased must not be hashed into the chain itself."""
    payload, blobs = set_texts_apart(event, bytes)
    given_texts = [name for name in event.FREE_TEXT if getattr(event, name) is not None]
    assert len(blobs) == len(given_texts)
    assert all(set(payload[name]) == {"blob"} for name in given_texts)


def test_the_digest_is_over_salt_and_text():
    """Without a salt of 16 random bytes a short text could be guessed from its digest after the erasure."""
    payload, (blob,) = set_texts_apart(events.NoteRecorded(text="slept badly"), lambda n: bytes(range(n)))
    salt = bytes(range(16))
    framed = b"".join(len(f).to_bytes(4, "big") + f for f in (b"nof1/blob/v1", salt, b"slept badly"))
    assert blob.salt == salt
    assert text_digest(payload, "text") == blob.sha256 == hashlib.sha256(framed).hexdigest()


def test_an_erased_text_says_so():
    """A reader sees that something was there."""
    payload, _ = set_texts_apart(events.NoteRecorded(text="a name"), bytes)
    assert events.NoteRecorded.from_payload(put_texts_back(events.NoteRecorded, payload, {})).text == ERASED


def test_only_free_texts_have_a_digest():
    """A field that is hashed into the chain cannot be erased from it."""
    payload, _ = set_texts_apart(events.KitOpened(period=1, kit="K-N2PQH5"), bytes)
    assert text_digest(payload, "kit") is None
    assert text_digest(payload, "colour") is None
