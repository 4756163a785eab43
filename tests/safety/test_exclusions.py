"""Exclusions are asked once; only a plain contradiction is refused."""

from __future__ import annotations

import pytest

from nof1.errors import EntryError
from nof1.files.protocols import library, read_protocol
from nof1.safety.exclusions import exclusion_question, require_not_excluded
from nof1.safety.words import period_lines


@pytest.fixture(scope="module")
def memory():
    return read_protocol(library()["nefiracetam-memory"])


def test_the_question_names_what_the_protocol_names(memory):
    """Each exclusion, and how to decline."""
    question = exclusion_question(memory)
    assert all(one in question for one in memory.safety.exclusions)
    assert "declined" in question


@pytest.mark.parametrize("typed", ["none", "None.", " no ", "declined", "prefer not to say"])
def test_none_and_declining_are_answers(memory, typed):
    """Nobody is pressed."""
    require_not_excluded(memory, typed)


@pytest.mark.parametrize("typed", ["kidney disease", "yes", "", "  "])
def test_what_contradicts_the_protocol_is_refused(memory, typed):
    """An exclusion holds, or nothing was said."""
    with pytest.raises(EntryError, match=r"Nothing was drawn|found nothing"):
        require_not_excluded(memory, typed)


def test_a_period_begins_with_a_neutral_line(memory):
    """It asks nothing, and says how to stop."""
    text = " ".join(period_lines("coffee", memory))
    assert "pregnancy" in text
    assert "there is nothing to do" in text
    assert "nof1 stop coffee" in text
    assert "?" not in text
