"""Finished trials from their long tables."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nof1.protocol.load import load_protocol
from nof1.schedule.design import space_of
from nof1.scores.importers import read_import
from nof1.scores.moments import DateOrder
from nof1.terms import MissingReason

from ..trial.real_data import caffeine_table, melatonin_table  # noqa: TID252 - tests have no package name
from .conftest import small_protocol
from .strategies import csv_bytes, plain_numbers

PROTOCOLS = Path(__file__).resolve().parents[1] / "trial" / "data_protocols"
COLUMNS = ("session", "period", "condition", "day", "score", "value")
GOOD = tuple(
    (session, period, code, 3 * (period - 1) + 1 + (session + 1) % 2, "day.mood", session % 10)
    for session, (period, code) in enumerate(
        [(p, c) for p, c in enumerate(["on", "off", "off", "on"], start=1) for _ in range(2)], start=1
    )
)


def read(rows, columns=COLUMNS, protocol=None, **options):
    """Read rows as an import of the small trial."""
    return read_import(csv_bytes(columns, rows), protocol or small_protocol(), **options)


def lines(table):
    """Return the problems of a refused import; a refused import holds nothing."""
    assert table.trial is None
    return [str(problem) for problem in table.problems]


def with_column(name, value, rows=GOOD):
    """Add a column; `value` is a constant or a function of the row."""
    return [(*row, value(row) if callable(value) else value) for row in rows], (*COLUMNS, name)


def changed(place, **cells):
    """Change cells of one row of the good file."""
    row = [cells.get(name, cell) for name, cell in zip(COLUMNS, GOOD[place], strict=True)]
    return [*GOOD[:place], tuple(row), *GOOD[place + 1 :]]


def test_a_good_file_is_a_trial():
    """Sequence, blocks, sessions and scores follow from the rows."""
    trial = read(GOOD).trial
    assert trial.sequence == ("on", "off", "off", "on")
    assert trial.blocks == (1, 1, 2, 2)
    assert [(s.session, s.period, s.day) for s in trial.sessions] == [row[:2] + row[3:4] for row in GOOD]
    assert [(s.row, s.session, s.score.value) for s in trial.scores] == [
        (n + 1, n, str(n % 10)) for n in range(1, 9)
    ]
    assert (trial.participant, trial.guesses, trial.drift, trial.findings) == (None, (), (), ())


@given(st.permutations(GOOD))
def test_the_order_of_the_rows_does_not_matter(rows):
    """Sessions count time; a file may be sorted as it likes."""
    trial, straight = read(rows).trial, read(GOOD).trial
    assert trial.sessions == straight.sessions
    assert [s.score for s in trial.scores] == [s.score for s in straight.scores]


def test_blank_rows_are_no_rows_of_the_file():
    """Spreadsheets leave them at the end; also where one person's rows are asked for."""
    rows, columns = with_column("participant", lambda row: "ann")
    data = (
        csv_bytes(columns, rows)
        + b"," * (len(columns) - 1)
        + b"\n"
        + b" , "
        + b"," * (len(columns) - 2)
        + b"\n"
    )
    for who in (None, "ann"):
        found = read_import(data, small_protocol(), participant=who)
        assert (found.problems, found.n_rows, len(found.trial.scores)) == ((), len(rows), len(rows))


def test_missing_values_and_exclusions_are_kept():
    """An empty value is missing; an excluded row stays with its reason."""
    rows, columns = with_column(
        "excluded", lambda row: "device broke" if row[0] == 3 else "", changed(1, value="")
    )
    trial = read(rows, columns).trial
    assert trial.scores[1].score.missing_reason is MissingReason.NOT_GIVEN
    assert [(s.session, s.excluded, s.score.value) for s in trial.excluded] == [(3, "device broke", "3")]


def test_the_run_in_is_period_0():
    """It has no condition, and its sessions count."""
    late = [(s + 2, p, c, d + 2, n, v) for s, p, c, d, n, v in GOOD]
    trial = read([(1, 0, "", 1, "day.mood", 5), (2, 0, "", 2, "day.mood", 6), *late]).trial
    assert [s.period for s in trial.sessions][:3] == [0, 0, 1]
    assert trial.sequence == ("on", "off", "off", "on")
    assert lines(read([(1, 0, "on", 1, "day.mood", 5), *late])) == [
        "row 2, condition: found 'on'; no condition is taken in the run-in (period 0), leave it empty"
    ]


def test_guesses_are_one_for_each_period():
    """All rows of a period carry the same probability of the first condition."""
    rows, columns = with_column("guess_probability", lambda row: f"0.{row[1]}0")
    trial = read(rows, columns).trial
    assert [(g.period, g.probability.text) for g in trial.guesses] == [
        (1, "0.10"),
        (2, "0.20"),
        (3, "0.30"),
        (4, "0.40"),
    ]
    rows, columns = with_column("guess_probability", lambda row: f"0.{row[0]}")
    assert lines(read(rows, columns))[0].endswith("period 1 has another guess in row 2; a period has one")
    rows, columns = with_column("guess_probability", "65")
    assert "row 2, guess_probability: found '65'; a probability is 0 to 1, here 0.65" in lines(
        read(rows, columns)
    )


def test_a_guess_among_three_conditions_is_refused():
    """One number does not say which of the others was thought likely."""
    three = small_protocol().model_dump(mode="python") | {
        "conditions": {code: {"name": code} for code in ("on", "off", "low")},
    }
    del three["analysis"]
    protocol = type(small_protocol()).model_validate(three)
    rows = [
        (p, p, c, 3 * p, "day.mood", 5, "0.5")
        for p, c in enumerate(["on", "off", "low", "low", "on", "off"], start=1)
    ]
    found = lines(read(rows, (*COLUMNS, "guess_probability"), protocol))
    assert found == ["guess_probability: one probability says nothing of 3 conditions; leave the column out"]


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        (
            changed(1, condition="off"),
            "row 3, condition: found 'off'; period 1 is on in row 2; a period has one condition",
        ),
        (
            changed(2, condition="placebo"),
            "row 4, condition: found 'placebo'; the conditions of the protocol are on, off",
        ),
        (
            changed(2, score="day.mod"),
            "row 4, score: the protocol has no score 'day.mod'; did you mean 'day.mood'?",
        ),
        (changed(2, value="11"), "row 4, value (day.mood): found 11; the range is 0 to 10 points"),
        (changed(2, value="0,5"), "row 4, value (day.mood): found '0,5'; write 0.5"),
        (changed(2, session="0"), "row 4, session: found '0'; write a whole number, from 1"),
        (changed(2, period="2.0"), "row 4, period: found '2.0'; write a whole number, from 0"),
        (
            changed(2, day=""),
            "row 4, day: some rows have a day and some have none; give it for all or for none",
        ),
        (
            changed(2, session=2),
            "row 4, session: day.mood of session 2 stands in row 3 too; a score has one row for each session",
        ),
        (
            changed(2, session=2, score="day.calm"),
            "row 4, day: found '4'; session 2 is of day 2 in row 3; a session is of one day",
        ),
        (
            changed(3, day=3),
            "row 5, day: found '3'; session 3 is of day 4 already; sessions count in order of time",
        ),
        (
            changed(2, day=2),
            "row 4, day: found '2'; period 1 still ran on this day; a period is made of whole days",
        ),
        (changed(4, period=2, condition="off"), None),
        (GOOD[:6], "period: the design has 4 periods, the file 3; 4 lacking"),
        ([*GOOD, (9, 6, "on", 20, "day.mood", 1)], "period: the design has 4 periods, the file 5"),
        (
            [(s, p, "on" if p < 3 else "off", d, n, v) for s, p, _, d, n, v in GOOD],
            (
                "condition: the order on on off off is not one that the design (randomized_blocks) could have drawn; "
                "does design in the protocol say how it was drawn?"
            ),
        ),
        (
            [(*row[:4], "day.calm", row[5]) for row in GOOD],
            "score: no row holds the primary outcome day.mood",
        ),
        ([], "the file holds no row below its header"),
    ],
)
def test_what_does_not_fit_is_refused(rows, problem):
    """Each contradiction has its own sentence with row, column, found and expected."""
    if problem is None:
        assert read(rows).trial is not None
    else:
        assert problem in lines(read(rows))


def test_a_session_of_two_periods_is_refused():
    """A session belongs to one period."""
    found = lines(read(changed(2, session=2, score="day.calm", day=2)))
    assert "row 4, period: found '2'; session 2 is of period 1 in row 3; a session is of one period" in found


def test_blocks_are_those_of_the_design():
    """A block in the file is compared; where the design has none, there can be none."""
    rows, columns = with_column("block", lambda row: (row[1] + 1) // 2)
    assert read(rows, columns).trial.blocks == (1, 1, 2, 2)
    rows, columns = with_column("block", lambda row: row[1])
    assert lines(read(rows, columns)) == [
        "row 4, block: found '2'; the design puts period 2 into block 1",
        "row 6, block: found '3'; the design puts period 3 into block 2",
        "row 8, block: found '4'; the design puts period 4 into block 2",
    ]
    rows, columns = with_column("block", 1)
    plain = small_protocol(kind="balanced", periods=4, blocks=None)
    assert "the design (balanced) has no blocks: leave the column out" in lines(read(rows, columns, plain))[0]


def test_times_go_with_the_sessions():
    """A time that runs back, and offsets in some rows alone, are refused."""
    rows, columns = with_column("at", lambda row: f"2026-01-{row[3]:02} 08:00")
    assert read(rows, columns).trial.sessions[2].moment.on == date(2026, 1, 4)
    rows, columns = with_column("at", lambda row: f"2026-01-{row[3] if row[0] != 4 else 2:02} 08:00")
    assert lines(read(rows, columns)) == [
        "row 5, at: found '2026-01-02 08:00'; session 3 was at 2026-01-04 08:00; sessions count in order of time"
    ]
    rows, columns = with_column("at", lambda row: f"2026-01-{row[3]:02}T08:00{'Z' if row[0] == 4 else ''}")
    assert lines(read(rows, columns)) == [
        "at: some times say their offset from UTC and some do not; write all in one way"
    ]
    rows, columns = with_column("at", lambda row: f"{row[3]}.1.2026 08:00")
    assert len(lines(read(rows, columns))) == len(GOOD)
    assert read(rows, columns, order=DateOrder.DAYFIRST).trial.sessions[2].moment.on == date(2026, 1, 4)


def test_an_onset_needs_days():
    """Without days nobody can tell which of them to leave out."""
    columns = tuple(name for name in COLUMNS if name != "day")
    rows = [row[:3] + row[4:] for row in GOOD]
    assert read(rows, columns).trial is not None
    assert lines(read(rows, columns, small_protocol(onset_days=1))) == [
        "day: the plan leaves out the first 1 days of a period: a column 'day' is needed"
    ]


def test_one_participant_at_a_time():
    """A file of several is refused with their names; one of them can be taken."""
    rows, columns = with_column("participant", lambda row: "ann" if row[0] < 5 else "bob")
    assert lines(read(rows, columns)) == [
        "participant: the file holds 2 participants (ann, bob); import them one at a time, by name"
    ]
    assert lines(read(rows, columns, participant="cid")) == [
        "participant: nobody is called 'cid'; found ann, bob"
    ]
    both = [(*row[:6], name) for name in ("ann", "bob") for row in rows]
    assert read(both, columns, participant="bob").trial.participant == "bob"
    assert lines(read(GOOD, participant="bob")) == ["row 1: there is no column 'participant'"]


@pytest.mark.parametrize(
    ("columns", "problem"),
    [
        (("sesion", *COLUMNS[1:]), "row 1, sesion: no such column; did you mean 'session'?"),
        (("sesion", *COLUMNS[1:]), "row 1: a column 'session' is needed"),
    ],
)
def test_headers_that_do_not_fit(columns, problem):
    """Needed columns and unknown ones."""
    assert problem in lines(read(GOOD, columns))


def test_findings_tell_and_do_not_mend():
    """Absent sessions, outcomes without rows and long periods are facts for the reader."""
    rows = [
        (s + (2 if s > 4 else 0), p, c, d + (p > 2) * 3 + (s == 8) * 2, n, v) for s, p, c, d, n, v in GOOD
    ]
    protocol = small_protocol(onset_days=1)
    protocol = protocol.model_copy(
        update={
            "outcomes": protocol.outcomes.model_validate(
                {"primary": {"score": "day.mood"}, "secondary": [{"score": "day.calm"}]}
            )
        }
    )
    trial = read(rows, protocol=protocol).trial
    assert trial.findings == (
        "2 sessions have no row: 5–6.",
        "The first score of period 3–4 is not of its first planned day; the onset is counted from it.",
        "No row holds the outcome day.calm.",
        "Period 4 has scores from day 13 to day 16, longer than the 3 of the protocol.",
    )


@given(
    values=st.lists(plain_numbers(low=0, high=100), min_size=8, max_size=8),
    rank=st.integers(0, 3),
    bad=st.booleans(),
)
def test_all_rows_or_none(values, rank, bad):
    """Numbers come out as typed, any sequence of the space is taken, and one bad cell refuses all of it."""
    protocol = small_protocol()
    protocol = protocol.model_copy(
        update={"outcomes": protocol.outcomes.model_validate({"primary": {"score": "recall.points"}})}
    )
    sequence = space_of(protocol).unrank(rank)
    rows = [
        (s, p, sequence[p - 1], d, "recall.points", v)
        for (s, p, _, d, _, _), v in zip(GOOD, values, strict=True)
    ]
    if bad:
        rows[3] = (*rows[3][:5], "100.5")
        assert lines(read(rows, protocol=protocol)) == [
            "row 5, value (recall.points): found 100.5; the range is 0 to 100 points"
        ]
    else:
        trial = read(rows, protocol=protocol).trial
        assert trial.sequence == sequence
        assert [s.score.value for s in trial.scores] == values


WHOLE = (*COLUMNS, "block", "at", "missing_reason", "excluded", "guess_probability", "participant")
WHOLE_ROWS = tuple(
    (s, p, c, d, name, "" if name == "day.calm" and s == 3 else v, (p + 1) // 2, f"2025-05-{d:02d} {8 + s}:00",
     "ill" if name == "day.calm" and s == 3 else "", "" if s != 5 else "zoë; broke", f"0.{p}", "P1")
    for s, p, c, d, _, v in GOOD
    for name in ("day.mood", "day.calm")
)  # fmt: skip
ODD_CELLS = (
    "", " ", "0", "1", "2", "3", "9", "1.0", "x", "on", " on", "off", "calm", "day.mood", "ill", "0.1", "0,5", "P1", "P2",
    "2025-05-01", "2025-05-02 10:00", "2025-05-01T10:00+02:00", "2025-13-01", "a,b",
)  # fmt: skip


def read_row_by_row(data, protocol, **options):
    """Read a file as every file was read before there was a way by column."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("nof1.scores.importers.read_plain_table", lambda *_, **__: None)
        patch.setattr("nof1.scores.import_checks.fits", lambda *_: False)
        return read_import(data, protocol, **options)


@given(
    columns=st.sets(st.sampled_from(WHOLE[6:])).map(lambda some: [*COLUMNS, *sorted(some)]),
    odd=st.lists(
        st.tuples(st.integers(0, 15), st.sampled_from(WHOLE), st.sampled_from(ODD_CELLS)), max_size=2
    ),
    order=st.permutations(range(16)) | st.just(range(16)),
    cut=st.integers(8, 16) | st.just(16),
    separator=st.sampled_from(",;"),
    onset_days=st.sampled_from([0, 1]),
    participant=st.sampled_from([None, "P1"]),
)
def test_a_file_is_read_by_column_as_row_by_row(columns, odd, order, cut, separator, onset_days, participant):
    """The same trial, or the same problems in the same words: the short way never knows better."""
    rows = [dict(zip(WHOLE, row, strict=True)) for row in WHOLE_ROWS]
    for place, name, cell in odd:
        rows[place][name] = cell
    listed = [[rows[place][name] for name in columns] for place in order[:cut]]
    data, protocol = csv_bytes(columns, listed, separator=separator), small_protocol(onset_days=onset_days)
    found = read_import(data, protocol, participant=participant)
    assert found == read_row_by_row(data, protocol, participant=participant)
    if not odd and cut == 16:
        assert (found.trial is None) == (participant is not None and "participant" not in columns)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "a\n",
        '"',
        "session,session\n1,2\n",
        "sep=,\nscore\n1\n",
        "\n".join([",".join(COLUMNS), "1,1"]),
    ],
)
def test_what_is_hardly_a_file_is_told_as_before(text):
    """What the short way does not take, it leaves alone."""
    assert read_import(text.encode(), small_protocol()) == read_row_by_row(text.encode(), small_protocol())


@pytest.mark.parametrize("name", ["excluded", "participant"])
@pytest.mark.parametrize("length", [20_000, 66_000])
def test_a_long_cell_is_read_or_told_as_before(name, length):
    """What no score needs is refused; what is merely long is not."""
    rows, columns = with_column(name, "x" * length)
    found = read_import(csv_bytes(columns, rows), small_protocol())
    assert found == read_row_by_row(csv_bytes(columns, rows), small_protocol())
    assert (found.trial is None) == (length > 65_536)


def test_sessions_without_a_day_are_told():
    """Each counts as a day of the trial, and whoever reads the report must know."""
    rows = [(*row[:3], *row[4:]) for row in GOOD]
    assert read(rows, (*COLUMNS[:3], *COLUMNS[4:])).trial.findings == (
        "There is no column day: every session counts as a day of its own.",
    )


def load(name):
    """Read the protocol of a real data set."""
    return load_protocol((PROTOCOLS / f"{name}.yaml").read_bytes(), f"{name}.yaml")


def values_by(trial, score):
    """Return the counted values of a score by condition, with their days."""
    period_of = {s.session: s for s in trial.sessions}
    found = defaultdict(list)
    for row in trial.scores:
        if row.score.name == score and row.score.number is not None and row.excluded is None:
            session = period_of[row.session]
            found[trial.sequence[session.period - 1]].append((session.day, row.score.number.value))
    return found


@pytest.mark.parametrize(
    ("score", "n", "difference"),
    [("work.productivity", 46, "0.1989"), ("sit.mindfulness", 50, "0.28"), ("sit.concentration", 50, "0.30")],
)
def test_the_caffeine_trial(shared_data, score, n, difference):
    """Fifty sessions with the raw differences that the data hold."""
    trial = read_import(caffeine_table(shared_data), load("caffeine")).trial
    values = {code: [value for _, value in rows] for code, rows in values_by(trial, score).items()}
    assert sum(map(len, values.values())) == n
    assert round(mean(values["caffeine"]) - mean(values["placebo"]), 4) == Decimal(difference)


def test_the_calendar_of_the_caffeine_trial(shared_data):
    """The session number is not the day number: 50 doses in 78 days, with gaps of a week."""
    table = read_import(caffeine_table(shared_data), load("caffeine"))
    trial = table.trial
    days = [session.day for session in trial.sessions]
    assert (table.n_rows, len(trial.sessions), days[0], days[-1], len(set(days))) == (200, 50, 1, 78, 50)
    assert max(later - earlier for earlier, later in pairwise(days)) == 7
    assert (trial.drift, trial.findings, trial.excluded) == ((), (), ())
    assert len(trial.guesses) == 50
    assert trial.guesses[0].probability.text == "0.65"
    assert {code: trial.sequence.count(code) for code in set(trial.sequence)} == {
        "caffeine": 25,
        "placebo": 25,
    }


def test_the_melatonin_trial(shared_data):
    """Day means differ by 0.86381 on 193 counted records; two are excluded and stay."""
    trial = read_import(melatonin_table(shared_data), load("melatonin")).trial
    assert (len(trial.scores), len(trial.excluded), len(trial.sequence)) == (195, 2, 70)
    means = {}
    for code, rows in values_by(trial, "ema.mood").items():
        by_day = defaultdict(list)
        for day, value in rows:
            by_day[day].append(value)
        means[code] = mean(mean(values) for values in by_day.values())
    assert round(means["melatonin"] - means["control"], 5) == Decimal("0.86381")
    assert sum(map(len, values_by(trial, "ema.mood").values())) == 193


def test_the_drift_of_the_melatonin_trial(shared_data):
    """Study day 44 covers two dates; from its second one on the index lies a day behind."""
    trial = read_import(melatonin_table(shared_data), load("melatonin")).trial
    (finding,) = trial.drift
    assert (finding.session, finding.day, finding.on, finding.total_days) == (128, 44, date(2026, 4, 3), 1)
    assert "day 44 covers 2026-04-02 and 2026-04-03" in str(finding)
    assert trial.scores[127].excluded is not None
    assert trial.sessions[127].day == 44
    assert trial.sessions[129].day == 45


def test_a_spreadsheet_between_does_no_silent_harm(shared_data):
    """The real file through semicolons and decimal commas gives the same trial, in values and order."""
    plain = caffeine_table(shared_data)
    rows = list(csv.reader(io.StringIO(plain.decode(), newline="")))
    header, *body = rows
    numeric = [header.index("value"), header.index("guess_probability")]
    german = [[c.replace(".", ",") if i in numeric else c for i, c in enumerate(row)] for row in body]
    first = read_import(plain, load("caffeine")).trial
    again = read_import(csv_bytes(header, german, separator=";", encoding="utf-16"), load("caffeine")).trial
    assert again == first
