"""The stats file of Brain Workshop, and files of other programs, by the mapping of the protocol."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nof1.protocol.model import Protocol
from nof1.scores.brain_workshop import COLUMNS, read_stats
from nof1.scores.moments import DateOrder
from nof1.scores.rows import read_score_table

# Rounds as the program's own description of the file shows them.
STATS = b"""2010-08-17 02:45:38,D2B,60,2,2,30,24,0,1,33,75,0,0,0,0,0,0,0,75,0,0,0,0,0,0
2010-08-17 02:47:10,D2B,71,2,2,30,24,0,2,33,75,0,0,0,0,0,0,0,75,0,0,0,0,0,0
2010-08-17 02:50:00,2xD3B,40,258,3,35,24,0,3,33,75,0,0,0,0,0,0,0,75,0,0,0,0,0,0

2010-08-18 20:00:05,D3B,55,2,3,30,27,0,1,33,75,0,0,0,0,0,0,0,75,0,0,0,0,0,0
"""
OLD = b"2008-08-12 13:26:55,D2B,95,2,2,12,22,0,4,66,50,0,0,0,0,0\r\n"


def external(csv, scores=("percent",), high=100):
    """Return a protocol with one outside test."""
    return Protocol.model_validate(
        {
            "nof1": 1, "id": "small-trial", "title": "A small trial",
            "conditions": {"on": {"name": "tea"}, "off": {"name": "no tea"}},
            "design": {"kind": "randomized_blocks", "blocks": 2, "period_days": 3},
            "blinding": {"mode": "open_label"},
            "instruments": {
                "game": {
                    "external": {
                        "scores": {
                            name: {"unit": "points", "better": "higher", "range": [-50, high]} for name in scores
                        },
                        "csv": csv,
                    }
                }
            },
            "sessions": [{"battery": ["game"]}],
            "outcomes": {"primary": {"score": f"game.{scores[0]}"}},
        }
    )  # fmt: skip


def flat(data, protocol, **more):
    """Return every score of a file as (row, when, name, value)."""
    table = read_score_table(data, protocol, instrument="game", **more)
    assert table.problems == ()
    return [
        (row, entry.moment.text, score.name, score.value)
        for entry in table.entries
        for row, score in zip(entry.rows, entry.scores, strict=True)
    ]


def test_rounds_become_sittings():
    """Rounds less than half an hour apart are one sitting: its first time, mean percentage and level, and each mode."""
    table = read_stats(STATS)
    assert table.header == (*COLUMNS, "2XD3B", "D2B", "D3B")
    assert table.rows == (
        (1, ("2010-08-17 02:45", "57", "2.33", "3", "40", "65.5", "")),
        (5, ("2010-08-18 20:00", "55", "3", "1", "", "", "55")),
    )
    assert read_stats(OLD).rows == ((1, ("2008-08-12 13:26", "95", "2", "1", "95")),)


def test_the_protocol_names_its_columns():
    """All rounds of a sitting, or those of one mode alone; a sitting without that mode gives nothing."""
    assert flat(STATS, external({"time": "date", "percent": "percent"})) == [
        (1, "2010-08-17 02:45", "game.percent", "57"),
        (5, "2010-08-18 20:00", "game.percent", "55"),
    ]
    both = external({"time": "date", "dual": "D2B", "level": "n_back"}, scores=("dual", "level"))
    assert flat(STATS, both) == [
        (1, "2010-08-17 02:45", "game.dual", "65.5"),
        (1, "2010-08-17 02:45", "game.level", "2.33"),
        (5, "2010-08-18 20:00", "game.level", "3"),
    ]


@pytest.mark.parametrize(
    ("line", "row"),
    [
        (b"2010-08-17 02:45:38,D2B,101,2,2,30,24,0", 5),
        (b"2010-13-17 02:45:38,D2B,50,2,2,30,24,0", 5),
        (b"2010-08-17 02:45:38,D2B", 5),
        (b"not a round", 5),
    ],
)
def test_a_damaged_round_refuses_the_file(line, row):
    """All rounds or none; the row is told."""
    data = STATS.replace(b"\n\n", b"\n").rstrip(b"\n") + b"\n" + line + b"\n"
    table = read_score_table(data, external({"time": "date", "percent": "percent"}), instrument="game")
    assert table.entries == ()
    (problem,) = table.problems
    assert str(row) in problem.where
    assert "round of Brain Workshop" in problem.message


def test_another_file_is_not_taken_for_it():
    """A table with a header, nothing at all, bytes that are no text."""
    for data in (b"date,score\n2010-08-17,5\n", b"", b"\xff\xfe\x00", b"2010-08-17 02:45:38,5\n"):
        assert read_stats(data) is None


@given(st.binary(max_size=60))
def test_anything_is_another_file_or_has_rows(data):
    """Whatever the bytes, there is an answer and no error."""
    assert read_stats(data) is None or read_stats(STATS + b"\n" + data)


def test_a_file_with_its_own_header():
    """Columns by name, others left alone, as sites for self-testing export them: quoted, in any order."""
    data = (
        b'"Test","Taken at","Score","Sleep, hours","Tags"\n'
        b'"Sorting","2026-04-03 08:10:22","312.5","7.5","coffee, tea"\n'
        b'"Sorting","2026-04-04 08:05:00","-3","","="\n'
    )
    assert flat(data, external({"time": "taken at", "points": "score"}, scores=("points",), high=900)) == [
        (2, "2026-04-03 08:10:22", "game.points", "312.5"),
        (3, "2026-04-04 08:05:00", "game.points", "-3"),
    ]


def test_a_file_with_several_tests_in_columns():
    """One row a day, a column for each test, dates with the month first."""
    data = b"Date,Double Trouble,Digit Span,Age\n4/13/2026,31,7,40\n4/14/2026,,6,40\n"
    protocol = external(
        {"time": "Date", "trouble": "Double Trouble", "span": "Digit Span"}, scores=("trouble", "span")
    )
    assert flat(data, protocol, order=DateOrder.MONTHFIRST) == [
        (2, "4/13/2026", "game.trouble", "31"),
        (2, "4/13/2026", "game.span", "7"),
        (3, "4/14/2026", "game.span", "6"),
    ]
