"""SPENT 2019 answered from a protocol: honest about what is not written, and where it would stand."""

from __future__ import annotations

import pytest

from nof1.files.protocols import library, read_protocol
from nof1.report.spent import spent_items

NUMBERS = [
    "1",
    "2",
    "3",
    "4",
    "5",
    "6a",
    "6b",
    "7",
    "8",
    "9",
    "10",
    "11a",
    "11b",
    "11c",
    "11d",
    "12",
    "13",
    "14",
    "15",
    "16a",
    "16b",
    "16c",
    "17a",
    "17b",
    "17c",
    "18a",
    "18b",
    "19",
    "20a",
    "20b",
    "20c",
    "21a",
    "21b",
    "22",
    "23",
    "24",
    "25",
    "26",
    "27",
    "28",
    "29",
    "30",
    "31",
    "32",
    "33",
]


def items(protocol):
    return {one.number: one for one in spent_items(protocol)}


@pytest.fixture(scope="module")
def memory():
    return read_protocol(library()["nefiracetam-memory"])


def test_every_item_is_there_in_its_order(memory):
    """Each once; what is missing says where to write it."""
    told = spent_items(memory)
    assert [one.number for one in told] == NUMBERS
    assert all(one.write != "–" for one in told if one.answer is None)


def test_what_a_library_protocol_leaves_open(memory):
    """Registration, funding, setting, ethics, interests and what comes after are the participant's to write."""
    missing = {number for number, one in items(memory).items() if one.answer is None}
    assert {"2", "4", "24", "29", "30", "31"} <= missing
    assert not missing & {"1", "6a", "7", "8", "10", "11a", "11b", "11c", "11d", "16a", "17b", "22", "32"}


@pytest.mark.parametrize(
    ("number", "changed"),
    [
        ("1", {"title": "Does it help me?"}),
        ("6a", {"rationale": ""}),
        ("11d", {"constant": (), "safety": None}),
        ("11b", {"safety": None}),
        ("17b", {"safety": None}),
    ],
)
def test_an_item_that_is_taken_away_is_not_written(memory, number, changed):
    """The list looks at the protocol, not at itself."""
    assert items(memory)[number].answer is not None
    assert items(memory.model_copy(update=changed))[number].answer is None


def test_an_item_that_is_written_is_found(memory):
    """Where the list says to write it."""
    text = (
        "Registered at osf.io/abcde. Paid for by the participant. Ethics review was not asked for. The data are in an "
        "archive. Afterwards the participant goes on or not. It will be published."
    )
    told = items(memory.model_copy(update={"rationale": text}))
    assert all(told[number].answer for number in ("2", "4", "24", "29", "30", "31"))


def test_an_open_trial_does_not_pretend(memory):
    """Nothing is concealed, nothing to open, nothing alike."""
    told = items(read_protocol(library()["tea-sleep"]))
    assert told["16b"].answer.startswith("none")
    assert told["17c"].answer == "not alike: open_label"
