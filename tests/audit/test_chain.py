"""Nothing in the middle of a chain changes unseen."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields, replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nof1.audit import events
from nof1.audit.chain import GENESIS, Anchor, check_anchors, find_break, parse_anchors, require_whole, seal
from nof1.audit.record import Record
from nof1.errors import ChainError

from .strategies import chains, unsealed

NAMES = [field.name for field in fields(Record)]


def independent_hash(record):
    """Compute the hash as another program would, from the columns."""
    hashed = {name: getattr(record, name) for name in NAMES if name not in {"prev_hash", "hash"}}
    hashed |= {"seq": str(record.seq), "version": str(record.version)}
    content = json.dumps(hashed, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    parts = (b"nof1/event/v1", bytes.fromhex(record.prev_hash), content)
    return hashlib.sha256(b"".join(len(part).to_bytes(4, "big") + part for part in parts)).hexdigest()


def test_the_hash_of_a_known_record():
    """The bytes are a promise to other programs: they never change."""
    first = seal(unsealed(events.KitOpened(period=1, kit="K-N2PQH5")), None)
    assert (first.seq, first.prev_hash) == (1, GENESIS)
    assert first.hash == "fed29eeefd70c3228c95c4b379241acfb0d2969bdc74b6f3b730336c34a777f1"
    assert (
        seal(unsealed(events.NoteRecorded(text="é"), 1), first).hash
        == "62ef26463a1f9923baf533ecc30dd60cc95e66b1dfffa95a829640dc0cf312a7"
    )


@given(chain=chains())
def test_another_program_finds_the_same_hashes(chain):
    """Canonical JSON of the columns, framed with the previous hash, is all there is to it."""
    assert [record.hash for record in chain] == [independent_hash(record) for record in chain]
    assert find_break(chain) is None


@given(chain=chains(), data=st.data())
def test_a_changed_value_is_found_where_it_is(chain, data):
    """Whatever column is changed, in whatever event, to whatever type: the break is there."""
    place = data.draw(st.integers(0, len(chain) - 1))
    name = data.draw(st.sampled_from(NAMES))
    old = getattr(chain[place], name)
    new = data.draw(
        st.integers()
        if isinstance(old, int)
        else st.none() | st.binary() | st.floats() | st.text(st.characters(codec="utf-8"))
    )
    assume(new != old)
    chain[place] = replace(chain[place], **{name: new})
    assert find_break(chain).seq == place + 1


@given(chain=chains(min_size=2), data=st.data())
def test_removed_repeated_and_swapped_events_are_found(chain, data):
    """The order of the chain is the order of the trial."""
    first, second = sorted(data.draw(st.sets(st.integers(0, len(chain) - 1), min_size=2, max_size=2)))
    swapped = [*chain]
    swapped[first], swapped[second] = chain[second], chain[first]
    assert find_break(swapped).seq == first + 1
    assert find_break(chain[:first] + chain[second:]) is not None
    assert find_break([*chain, chain[first]]).seq == len(chain) + 1


@given(chain=chains(), data=st.data())
def test_a_text_in_another_normal_form_is_found(chain, data):
    """Hashes are over the normal form, so a text that only looks the same must be caught apart."""
    place = data.draw(st.integers(0, len(chain) - 1))
    chain[place] = replace(
        seal(replace(chain[place], actor="zoé"), chain[place - 1] if place else None), actor="zoe\u0301"
    )
    assert find_break(chain).found == "a text in it was changed"


def test_one_number_names_one_event():
    """A replayed event under a new place is caught, even if its links are forged."""
    first = seal(unsealed(events.NoteRecorded(text="a")), None)
    again = seal(unsealed(events.NoteRecorded(text="b")), first)
    assert find_break([first, again]).found == "its number was used before"


@given(chain=chains(min_size=2), data=st.data())
def test_a_cut_end_is_found_only_with_an_anchor(chain, data):
    """A shorter chain is whole in itself: that is why heads must leave the machine."""
    kept = data.draw(st.integers(1, len(chain) - 1))
    anchors = [
        Anchor(seq=record.seq, head=record.hash, at=record.recorded_at, what="locked") for record in chain
    ]
    assert check_anchors(chain, anchors) == ()
    assert find_break(chain[:kept]) is None
    assert len(check_anchors(chain[:kept], anchors)) == len(chain) - kept


def test_a_chain_computed_anew_is_found_only_with_an_anchor():
    """The owner of a file can rewrite it; not what was printed before."""
    old = seal(unsealed(events.NoteRecorded(text="a")), None)
    new = seal(unsealed(events.NoteRecorded(text="b")), None)
    anchor = Anchor(seq=1, head=old.hash, at="2026-04-03T08:00:00.000Z", what="locked")
    require_whole([new])
    assert check_anchors([new], [anchor]) == (
        "locked, 2026-04-03T08:00:00.000Z: event 1 or one before it was changed since",
    )


def test_a_broken_chain_is_refused_with_its_place():
    """The sentence says where, and what to do."""
    first = seal(unsealed(events.NoteRecorded(text="a")), None)
    with pytest.raises(ChainError, match=r"event 1: its content was changed.*restore a backup"):
        require_whole([replace(first, actor="someone else")])


def test_heads_are_read_as_they_were_written():
    """Occasions may have spaces; remarks and empty lines say nothing."""
    anchors = tuple(
        Anchor(seq=n, head=f"{n:064x}", at="2026-04-03T08:00:00.000Z", what="backup to disk") for n in (1, 12)
    )
    assert parse_anchors("# heads\n\n" + "".join(f"{anchor}\n" for anchor in anchors)) == anchors


@pytest.mark.parametrize(
    "line", ["1", "one " + "0" * 64 + " now locked", "1 abc now locked", "1 " + "0" * 64 + " now"]
)
def test_a_line_that_is_no_head_is_refused(line):
    """A head that was copied wrong must not pass as one that was never there."""
    with pytest.raises(ChainError, match="line 2"):
        parse_anchors(f"# heads\n{line}\n")
