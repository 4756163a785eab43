"""Exports of the StudyU app."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from pathlib import Path

import pytest

from nof1.protocol.load import load_protocol
from nof1.scores.importers import ImportForm, read_import
from nof1.scores.studyu import NEEDED, long_table
from nof1.scores.table import read_table

from .strategies import csv_bytes

TEA = Path(__file__).resolve().parents[1] / "trial" / "data_protocols" / "tea.yaml"
HEADER = (
    *NEEDED,
    "survey1_question1_text",
    "survey1_question1_response",
    "survey1_question2_text",
    "survey1_question2_response",
)
QUALITY, HOURS = "How well did you sleep last night?", "How many hours did you sleep last night? "


@pytest.fixture(scope="module")
def tea():
    """Return the protocol of the class."""
    return load_protocol(TEA.read_bytes(), "tea.yaml")


def survey(day, name="Herbal tea", quality="7", hours="8", at=None, who="ann"):
    """Return one row of an export."""
    at = at or f"2023-08-{day + 1:02} 06:00:00.000Z"
    return (at, who, "2023-07-31 22:00:00.000Z", day, name, QUALITY, quality, HOURS, hours)


def lines(table):
    """Return the problems of a refused export."""
    assert table.rows == ()
    return [str(problem) for problem in table.problems]


def test_surveys_become_rows(tea):
    """Days count from 1, periods from the lengths in the protocol, times are local, row numbers stay."""
    data = csv_bytes(HEADER, [survey(7, "No tea", hours=""), survey(6), survey(8, "no tea", "", "")])
    assert long_table(read_table(data), tea).rows == (
        (3, ("1", "1", "tea", "7", "2023-08-07T08:00:00+02:00", "ann", "sleep.quality", "7")),
        (3, ("1", "1", "tea", "7", "2023-08-07T08:00:00+02:00", "ann", "sleep.hours", "8")),
        (2, ("2", "2", "none", "8", "2023-08-08T08:00:00+02:00", "ann", "sleep.quality", "7")),
    )


@pytest.mark.parametrize(
    ("started", "local"),
    [
        ("2023-07-31 22:00:00.000Z", "2023-08-02T08:00:00+02:00"),
        ("2023-08-01 04:00:00.000Z", "2023-08-02T02:00:00-04:00"),
        ("2023-07-31 18:30:00.000Z", "2023-08-02T11:30:00+05:30"),
        ("2023-08-01 00:00:00.000Z", "2023-08-02T06:00:00+00:00"),
        ("2023-08-01 00:00:13.000Z", "2023-08-02 06:00:00.000Z"),
    ],
)
def test_midnight_of_the_start_tells_the_offset(tea, started, local):
    """East and west of Greenwich, half hours too; where it is no midnight, UTC stays."""
    row = list(survey(1))
    row[2] = started
    assert long_table(read_table(csv_bytes(HEADER, [row])), tea).rows[0][1][4] == local


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (survey(1, "Green tea"), "row 2: current_intervention_name: found 'Green tea'; the conditions of the protocol are Herbal tea, No tea"),
        ((*survey(1)[:3], "one", *survey(1)[4:]), "row 2: current_day_of_study: found 'one'; the app writes a whole number, from 0"),
        (survey(1, at="2023-08-02 06:00"), "row 2: measurement_time: found '2023-08-02 06:00'; the app writes UTC, such as 2026-04-03 08:00:00.000Z"),
        (survey(1, at="early"), "row 2: found 'early'; write a date such as 2026-04-03, or a date with a time such as 2026-04-03 08:00"),
    ],
)  # fmt: skip
def test_rows_that_make_no_sense(tea, row, problem):
    """Each with its place in the export."""
    assert lines(long_table(read_table(csv_bytes(HEADER, [row])), tea)) == [problem]


def test_files_that_do_not_fit(tea, protocol):
    """Another file, other questions, and a protocol that maps none."""
    assert (
        lines(long_table(read_table(b"a,b\n1,2\n"), tea))[0]
        == "row 1: a column 'measurement_time' is needed; is this an export of StudyU?"
    )
    other = csv_bytes(HEADER, [(*survey(1)[:5], "How well did you sleep?", "7", "Tired?", "1")])
    assert lines(long_table(read_table(other), tea))[0] == (
        "row 1, sleep.quality: no question is 'How well did you sleep last night?'; did you mean 'How well did you sleep?'?"
    )
    found = long_table(read_table(csv_bytes(HEADER, [survey(1)])), load_unmapped(tea))
    assert lines(found) == [
        (
            "the protocol does not say which question is which score; write it below the instrument, such as "
            'external: {csv: {time: measurement_time, quality: "the text of the question"}}; this export asks '
            "'How well did you sleep last night?', 'How many hours did you sleep last night?'"
        )
    ]


def test_others_of_the_export_and_repeated_names_are_not_told(tea):
    """Whoever imports one person is not told of the rows of another; a name that is wrong throughout is told once."""
    rows = [survey(day, "Green tea", who="bob") for day in range(3)] + [
        survey(day, who="ann") for day in range(3)
    ]
    table = read_table(csv_bytes(HEADER, rows))
    assert len(lines(long_table(table, tea))) == 1
    mine = long_table(table, tea, "ann")
    assert (mine.problems, {row[5] for _, row in mine.rows}) == ((), {"ann"})
    assert len(lines(long_table(table, tea, "carol"))) == 1


def load_unmapped(tea):
    """Return the protocol without its mapping."""
    text = TEA.read_text(encoding="utf-8")
    head, _, rest = text.partition("      csv:\n")
    return load_protocol(head + rest[rest.index("sessions:") :], "tea.yaml")


def test_a_class_is_imported_one_by_one(shared_data, tea):
    """Three participants in one file; each is a trial of its own, with absent days told and nothing invented."""
    data = (shared_data / "studyu" / "measurements.csv").read_bytes()
    together = read_import(data, tea, form=ImportForm.STUDYU)
    assert "the file holds 3 participants" in str(together.problems[0])
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    answered = [row for row in rows if row["survey1_question1_response"]]
    for who in dict.fromkeys(row["participant_id"] for row in rows):
        trial = read_import(data, tea, form=ImportForm.STUDYU, participant=who).trial
        mine = [row for row in answered if row["participant_id"] == who]
        scores = [s.score.number.value for s in trial.scores if s.score.name == "sleep.quality"]
        assert trial.participant == who
        assert trial.sequence == ("tea", "none", "tea", "none")
        assert sorted(scores) == sorted(Decimal(row["survey1_question1_response"]) for row in mine)
        assert [s.day for s in trial.sessions] == sorted(int(row["current_day_of_study"]) + 1 for row in mine)
        assert trial.drift == ()
