"""The timetable follows from protocol, start and changes; it names no condition and loses no day."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nof1.errors import StageError
from nof1.schedule.calendar import (
    Period,
    add_block,
    leave_empty,
    pause,
    plan,
    replace_block,
    replan,
    resume,
    shift,
    stop,
    study_day,
)
from nof1.terms import KitCode, PeriodKind

from .protocols import ON_OFF, make_protocol

START = date(2026, 3, 2)
ZONES = ["Europe/Berlin", "America/New_York", "Asia/Tokyo", "Australia/Lord_Howe", "Pacific/Chatham", "UTC"]
ONE_DAY = timedelta(days=1)
DAILY = {"battery": "daily", "at": "08:00 dose + 90 min", "window": "45 min"}


def days(first: str, last: str) -> tuple[date, date]:
    return date.fromisoformat(first), date.fromisoformat(last)


# --- periods ------------------------------------------------------------------------------------------


def test_periods_follow_each_other():
    """Run-in, then every period of the design, onset left out of what is analysed."""
    protocol = make_protocol(
        {"blocks": 2, "period_days": 14, "onset_days": 7, "run_in": {"sessions": 8, "within_days": 10}}
    )
    kits = tuple(KitCode(f"K-{n}") for n in range(4))
    schedule = plan(protocol, START, "Europe/Berlin", kits)
    assert [(p.index, p.kind.value, p.block, p.kit) for p in schedule.periods] == [
        (0, "run_in", None, None),
        (1, "treatment", 1, "K-0"),
        (2, "treatment", 1, "K-1"),
        (3, "treatment", 2, "K-2"),
        (4, "treatment", 2, "K-3"),
    ]
    assert [(p.starts_on, p.ends_on) for p in schedule.periods] == [
        days("2026-03-02", "2026-03-11"),
        days("2026-03-12", "2026-03-25"),
        days("2026-03-26", "2026-04-08"),
        days("2026-04-09", "2026-04-22"),
        days("2026-04-23", "2026-05-06"),
    ]
    assert [p.first_analysed_on for p in schedule.periods] == [
        None,
        *(date.fromisoformat(day) for day in ("2026-03-19", "2026-04-02", "2026-04-16", "2026-04-30")),
    ]


def test_washouts_lie_between_periods():
    """None before the first and none after the last; they have no kit, no block and no sessions."""
    schedule = plan(make_protocol({"blocks": 1, "washout_days": 3}), START, "UTC")
    assert [(p.index, p.kind.value, p.n_days) for p in schedule.periods] == [
        (1, "treatment", 7),
        (1, "washout", 3),
        (2, "treatment", 7),
    ]
    assert not schedule.sessions_on(date(2026, 3, 9))
    assert schedule.period_on(date(2026, 3, 9)).kind is PeriodKind.WASHOUT


def test_a_design_without_blocks_has_none():
    """The column stays empty."""
    schedule = plan(make_protocol({"kind": "balanced", "blocks": None, "periods": 6}), START, "UTC")
    assert {p.block for p in schedule.periods} == {None}


def test_no_field_can_hold_a_condition():
    """A schedule is printed and shown; no condition code is anywhere in it."""
    schedule = plan(make_protocol(), START, "UTC", tuple(KitCode(f"K-{n}") for n in range(12)))
    for value in (schedule, *schedule.periods, *schedule.sessions):
        for field in fields(value):
            assert getattr(value, field.name) not in {"on", "off", "caffeine", "cellulose"}
            assert "condition" not in field.name


@pytest.mark.parametrize(
    ("zone", "kits", "said"),
    [
        ("Europe/Berlin", ("K-1",), "the design has 12 periods, and 1 kits were given"),
        ("Europe/Atlantis", (), "'Europe/Atlantis' is not a time zone"),
        ("", (), "is not a time zone"),
        ("../etc/passwd", (), "is not a time zone"),
    ],
    ids=range(4),
)
def test_wrong_arguments(zone, kits, said):
    """Kits and zone are checked before anything is laid out."""
    with pytest.raises(ValueError, match=said):
        plan(make_protocol(), START, zone, kits)


def test_periods_refuse_what_cannot_be():
    """A period ends after it starts, and only a treatment period has a kit."""
    with pytest.raises(ValueError, match="cannot end on 2026-03-01"):
        Period(index=1, kind=PeriodKind.TREATMENT, starts_on=START, ends_on=START - ONE_DAY)
    with pytest.raises(ValueError, match="a washout has no kit"):
        Period(index=1, kind=PeriodKind.WASHOUT, starts_on=START, ends_on=START, kit=KitCode("K-1"))


# --- sessions -----------------------------------------------------------------------------------------


def test_sessions_of_the_example():
    """Daily but for two days, a longer battery on these, a questionnaire on the last: one session a day."""
    protocol = make_protocol(
        {"blocks": 1, "period_days": 14, "run_in": {"sessions": 8, "within_days": 10}},
        instruments={
            "wm": {"task": "nback"},
            "words": {"task": "wordlist"},
            "day": {"ratings": ["mood"]},
            "phq8": {"questionnaire": "phq8"},
        },
        sessions=(
            {**DAILY, "not_days": (10, 13)},
            {"battery": "memory", "days": (10, 13), "at": "08:00 dose + 90 min"},
            {"battery": ("phq8",), "days": ("last",)},
        ),
    )
    schedule = plan(protocol, START, "Europe/Berlin")
    daily = ("day", "wm")
    practice = [s for s in schedule.sessions if s.kind is PeriodKind.RUN_IN]
    assert [(s.number, s.day, s.due) for s in practice] == [(n, n, daily) for n in range(1, 9)]
    for period in (1, 2):
        held = [s for s in schedule.sessions if s.period == period]
        assert [s.day_in_period for s in held] == list(range(1, 15))
        assert [s.day for s in held] == [10 + 14 * (period - 1) + n for n in range(1, 15)]
        expected = dict.fromkeys(range(1, 15), daily)
        expected |= {
            10: ("words:study", *daily, "words:delayed"),
            13: ("words:study", *daily, "words:delayed"),
        }
        expected[14] = (*daily, "phq8")
        assert {s.day_in_period: s.due for s in held} == expected
        assert {s.block for s in held} == {1}
    assert [s.number for s in schedule.sessions] == list(range(1, 37))
    first = schedule.sessions[0]
    assert first.at.isoformat() == "2026-03-02T09:30:00+01:00"
    assert first.opens.isoformat() == "2026-03-02T08:45:00+01:00"
    assert first.closes.isoformat() == "2026-03-02T10:15:00+01:00"
    without_window = next(s for s in schedule.sessions if s.day_in_period == 10 and s.period == 1)
    assert without_window.opens.isoformat() == "2026-03-21T04:00:00+01:00"
    assert without_window.closes.isoformat() == "2026-03-22T04:00:00+01:00"


def test_prompts_of_a_day():
    """Several times a day are several sessions, in the order of the day and not of the clock."""
    protocol = make_protocol(
        {"blocks": 1, "period_days": 1},
        sessions=({"battery": "day", "at": ("01:00", "22:00", "10:00")}, {"battery": "wm"}),
    )
    schedule = plan(protocol, START, "Europe/Berlin")
    assert [(s.number, s.at.strftime("%d %H:%M"), s.due) for s in schedule.sessions[:3]] == [
        (1, "02 10:00", ("day",)),
        (2, "02 22:00", ("day",)),
        (3, "03 01:00", ("day", "wm")),
    ]
    assert {s.on for s in schedule.sessions[:3]} == {START}
    assert {s.day for s in schedule.sessions[:3]} == {1}


def test_plans_for_the_same_time_are_one_session():
    """However the time is written; the widest window holds, and nothing is given twice."""
    protocol = make_protocol(
        {"blocks": 1, "period_days": 2},
        sessions=(
            {"battery": "daily", "at": "09:30", "window": "20 min"},
            {"battery": "memory", "at": "08:00 dose + 90 min", "window": "45 min", "days": (2,)},
        ),
    )
    first, second, *_ = plan(protocol, START, "UTC").sessions
    assert (first.number, first.due, first.window) == (1, ("day", "wm"), timedelta(minutes=20))
    assert second.due == ("day", "wm", "words:study", "words:delayed")
    assert second.window == timedelta(minutes=45)


def test_a_session_without_a_time_is_due_all_day():
    """From one turn of the day to the next."""
    protocol = make_protocol({"blocks": 1}, sessions=({"battery": "daily"},))
    session = plan(protocol, START, "Europe/Berlin").sessions[0]
    assert session.at is None
    assert session.opens.isoformat() == "2026-03-02T04:00:00+01:00"
    assert session.closes.isoformat() == "2026-03-03T04:00:00+01:00"


@pytest.mark.parametrize(
    ("sessions", "n_sessions", "expected"),
    [
        (({"battery": "day", "at": ("08:00", "20:00")},), 5, [1, 1, 2, 2, 3]),
        (({"battery": "day"}, {"battery": "wm", "days": (1,)}), 3, [1, 2, 3]),
        (({"battery": "day", "days": (1,)},), 3, []),
        (({"battery": "day", "not_days": (1, "last")},), 2, [1, 2]),
        (({"battery": "day"},), 40, list(range(1, 11))),
    ],
    ids=range(5),
)
def test_the_run_in_has_its_first_occasions(sessions, n_sessions, expected):
    """As many as were asked for, from the first day on; days of a period do not count there."""
    design = {"blocks": 1, "run_in": {"sessions": n_sessions, "within_days": 10}}
    schedule = plan(make_protocol(design, sessions=sessions), START, "UTC")
    assert [s.day_in_period for s in schedule.sessions if s.period == 0] == expected


def test_nights_when_the_clock_changes():
    """A planned time that does not exist, or exists twice, is told with its session."""
    protocol = make_protocol({"blocks": 1}, sessions=({"battery": "day", "at": "02:30"},), day_starts="00:00")
    spring = plan(protocol, date(2026, 3, 27), "Europe/Berlin").sessions
    assert [(s.at.strftime("%d %H:%M %z"), s.quirk) for s in spring[1:4]] == [
        ("28 02:30 +0100", None),
        ("29 03:00 +0200", "gap"),
        ("30 02:30 +0200", None),
    ]
    autumn = plan(protocol, date(2026, 10, 23), "Europe/Berlin").sessions
    assert [(s.at.strftime("%d %H:%M %z"), s.quirk) for s in autumn[1:4]] == [
        ("24 02:30 +0200", None),
        ("25 02:30 +0200", "fold"),
        ("26 02:30 +0100", None),
    ]


def test_days_of_the_study_turn_where_one_is():
    """The number of a day follows from the clock of the place."""
    schedule = plan(make_protocol(), START, "Europe/Berlin")
    assert study_day(datetime(2026, 3, 2, 4, 0, tzinfo=ZoneInfo("Europe/Berlin")), schedule) == 1
    assert study_day(datetime(2026, 3, 3, 3, 59, tzinfo=ZoneInfo("Asia/Tokyo")), schedule) == 1
    assert study_day(datetime(2026, 3, 3, 4, 0, tzinfo=ZoneInfo("Asia/Tokyo")), schedule) == 2
    assert study_day(datetime(2026, 3, 1, 12, 0, tzinfo=UTC), schedule) == 0


# --- laws of schedules and their changes --------------------------------------------------------------


@st.composite
def schedules(draw):
    """Return the timetable of a random design."""
    run_in = draw(st.none() | st.integers(1, 6).map(lambda n: {"sessions": 2 * n, "within_days": n}))
    design = {
        "blocks": draw(st.integers(1, 3)),
        "per_block": draw(st.integers(1, 2)),
        "period_days": draw(st.integers(1, 9)),
        "washout_days": draw(st.integers(0, 3)),
        "run_in": run_in,
    }
    sessions = draw(
        st.sampled_from(
            [
                (DAILY,),
                ({"battery": "day", "at": ("02:30", "12:00", "23:30")},),
                (
                    {"battery": "daily", "not_days": (2,)},
                    {"battery": "memory", "days": (2, "last"), "at": "01:15"},
                ),
                ({"battery": "wm"}, {"battery": "day", "at": ("10:00", "22:00")}),
            ]
        )
    )
    start = date(2026, 1, 1) + timedelta(days=draw(st.integers(0, 365)))
    n = design["blocks"] * design["per_block"] * 2
    kits = draw(st.sampled_from([(), tuple(KitCode(f"K-{i}") for i in range(n))]))
    return plan(make_protocol(design, sessions=sessions), start, draw(st.sampled_from(ZONES)), kits)


def check(schedule):
    """State what is true of every schedule."""
    for before, after in pairwise(schedule.periods):
        assert before.ends_on < after.starts_on
    for before, after in pairwise(schedule.sessions):
        assert before.number + 1 == after.number
        assert (before.on, before.opens) <= (after.on, after.opens)
    by_place = {(p.index, p.kind): p for p in schedule.periods}
    for session in schedule.sessions:
        period = by_place[session.period, session.kind]
        assert session.on == period.starts_on + timedelta(days=session.day_in_period - 1)
        assert session.on in period
        assert session.day == (session.on - schedule.start_on).days + 1 >= 1
        assert session.block == period.block
        assert session.opens <= (session.at or session.opens) <= session.closes
        turn = datetime.combine(session.on, schedule.day_starts, ZoneInfo(schedule.zone))
        assert turn <= session.opens < turn + timedelta(days=1, hours=2)
        assert len(set(session.due)) == len(session.due)


@given(schedule=schedules())
def test_no_day_is_lost_or_doubled(schedule):
    """Periods touch each other, sessions lie in their periods, numbers follow the clock."""
    check(schedule)
    for before, after in pairwise(schedule.periods):
        assert before.ends_on + ONE_DAY == after.starts_on
    assert schedule.periods[0].starts_on == schedule.start_on
    assert Counter(p.kind for p in schedule.periods)[PeriodKind.WASHOUT] in {
        0,
        sum(p.kind is PeriodKind.TREATMENT for p in schedule.periods) - 1,
    }


@given(schedule=schedules(), data=st.data())
def test_laws_of_shift(schedule, data):
    """What moves keeps order and length, what came before stays, and moves add up."""
    index = data.draw(
        st.sampled_from([p.index for p in schedule.periods if p.kind is not PeriodKind.WASHOUT])
    )
    one, other = data.draw(st.integers(0, 40)), data.draw(st.integers(0, 40))
    moved = shift(schedule, index, one)
    check(moved)
    place = next(
        i for i, p in enumerate(schedule.periods) if p.index == index and p.kind is not PeriodKind.WASHOUT
    )
    assert moved.periods[:place] == schedule.periods[:place]
    for before, after in zip(schedule.periods[place:], moved.periods[place:], strict=True):
        assert after == before.moved(one)
        assert after.n_days == before.n_days
    assert len(moved.sessions) == len(schedule.sessions)
    for before, after in zip(schedule.sessions, moved.sessions, strict=True):
        assert (after.number, after.due, after.clock) == (before.number, before.due, before.clock)
        assert (after.on - before.on).days == (one if before.on >= schedule.periods[place].starts_on else 0)
    assert shift(moved, index, other) == shift(schedule, index, one + other)
    assert shift(moved, index, -one) == schedule
    assert shift(schedule, index, 0) == schedule


@given(schedule=schedules(), data=st.data())
def test_laws_of_pause_and_resume(schedule, data):
    """Periods under way keep their dates; the first that waited begins on the day, and the rest follow."""
    last = (schedule.periods[-1].ends_on - schedule.start_on).days
    rest = schedule.start_on + timedelta(days=data.draw(st.integers(-3, last + 3)))
    again = rest + timedelta(days=data.draw(st.integers(0, 60)))
    paused = pause(schedule, rest)
    assert paused.paused_on == rest
    assert paused.periods == schedule.periods
    resumed = resume(paused, again)
    check(resumed)
    assert resumed.paused_on is None
    waiting = [p for p in schedule.periods if p.starts_on >= rest and p.kind is not PeriodKind.WASHOUT]
    moved = (
        [p for p in resumed.periods if p.kind is not PeriodKind.WASHOUT][-len(waiting) :] if waiting else []
    )
    assert [p for p in resumed.periods if p.starts_on < rest] == [
        p for p in schedule.periods if p.starts_on < rest
    ]
    if waiting:
        assert moved[0].starts_on == max(again, waiting[0].starts_on)
        assert {(b.starts_on - a.starts_on) for a, b in zip(waiting, moved, strict=True)} == {
            moved[0].starts_on - waiting[0].starts_on
        }
        assert (resumed == schedule) == (again <= waiting[0].starts_on)
    else:
        assert resumed == schedule


@given(schedule=schedules(), data=st.data())
def test_laws_of_stop(schedule, data):
    """After the last day there is nothing, up to it nothing changes, and then nothing moves any more."""
    last = (schedule.periods[-1].ends_on - schedule.start_on).days
    on = schedule.start_on + timedelta(days=data.draw(st.integers(-2, last + 2)))
    ended = stop(schedule, on)
    check(ended)
    assert ended.stopped_on == on
    assert ended.sessions == tuple(s for s in schedule.sessions if s.on <= on)
    assert all(p.ends_on <= on for p in ended.periods)
    for before, after in zip(schedule.periods, ended.periods, strict=False):
        assert (after.index, after.kit, after.starts_on) == (before.index, before.kit, before.starts_on)
    for change in (
        lambda: shift(ended, 1, 1),
        lambda: pause(ended, on),
        lambda: resume(ended, on),
        lambda: stop(ended, on),
        lambda: replace_block(ended, 1, ()),
    ):
        with pytest.raises(StageError, match="the trial ended on"):
            change()


@given(schedule=schedules(), data=st.data())
def test_changes_can_be_replayed(schedule, data):
    """The same list of changes gives the same schedule, and none of them changes an order."""
    steps = data.draw(st.lists(st.tuples(st.sampled_from("srp"), st.integers(0, 30)), max_size=6))

    def run(current):
        for step, days in steps:
            today = current.start_on + timedelta(days=days)
            try:
                if step == "s":
                    current = shift(current, 1 + days % 3, days)
                elif step == "p":
                    current = pause(current, today)
                else:
                    current = resume(current, today)
            except StageError:
                continue
        return current

    once = run(schedule)
    assert once == run(schedule)
    check(once)
    assert [(p.index, p.kind, p.kit, p.n_days) for p in once.periods] == [
        (p.index, p.kind, p.kit, p.n_days) for p in schedule.periods
    ]


def test_shift_needs_room():
    """Earlier is possible only where a gap was left."""
    schedule = plan(make_protocol({"blocks": 2, "washout_days": 2}), START, "UTC")
    with pytest.raises(
        StageError, match="period 2 cannot begin on 2026-03-10: what comes before it lasts until"
    ):
        shift(schedule, 2, -1)
    with pytest.raises(StageError, match="there is no period 5; the last one is 4"):
        shift(schedule, 5, 1)
    with pytest.raises(StageError, match="there is no period 0"):
        shift(schedule, 0, 1)


def test_day_one_is_the_first_day():
    """If the whole trial moves before it began, so does day 1; after the run-in began, it stays."""
    whole = shift(plan(make_protocol({"blocks": 1}), START, "UTC"), 1, 10)
    assert whole.start_on == date(2026, 3, 12)
    assert whole.sessions[0].day == 1
    run_in = {"sessions": 2, "within_days": 3}
    later = shift(plan(make_protocol({"blocks": 1, "run_in": run_in}), START, "UTC"), 1, 10)
    assert later.start_on == START
    assert [s.day for s in later.sessions[:3]] == [1, 2, 14]


def test_rests_are_told_in_order():
    """A rest begins once and ends once."""
    schedule = plan(make_protocol(), START, "UTC")
    with pytest.raises(StageError, match="does not rest"):
        resume(schedule, START)
    resting = pause(schedule, date(2026, 3, 10))
    with pytest.raises(StageError, match="rests since 2026-03-10"):
        pause(resting, date(2026, 3, 11))
    with pytest.raises(StageError, match="cannot go on before, on 2026-03-09"):
        resume(resting, date(2026, 3, 9))


# --- spare blocks -------------------------------------------------------------------------------------


def _with_kits(design=None):
    protocol = make_protocol({"blocks": 2, **(design or {})}, blinding={"spare_blocks": 1})
    return protocol, plan(protocol, START, "UTC", tuple(KitCode(f"K-{n}") for n in range(4)))


def test_a_spare_block_takes_a_place():
    """Before the block began: other kits, same dates."""
    _, schedule = _with_kits({"washout_days": 1})
    replaced = replace_block(schedule, 2, (KitCode("K-X"), KitCode("K-Y")))
    kits = [p.kit for p in replaced.periods if p.kind is PeriodKind.TREATMENT]
    assert kits == ["K-0", "K-1", "K-X", "K-Y"]
    assert [(p.starts_on, p.ends_on) for p in replaced.periods] == [
        (p.starts_on, p.ends_on) for p in schedule.periods
    ]
    assert replaced.sessions == schedule.sessions
    with pytest.raises(StageError, match="block 3 has 0 periods, and 2 kits were given"):
        replace_block(schedule, 3, (KitCode("K-X"), KitCode("K-Y")))


@given(washout=st.integers(0, 2))
def test_a_spare_block_is_added_at_the_end(washout):
    """In the middle of a block: one block more, and everything before as it was."""
    protocol, schedule = _with_kits({"washout_days": washout})
    longer = add_block(schedule, protocol, (KitCode("K-X"), KitCode("K-Y")))
    check(longer)
    assert longer.periods[: len(schedule.periods)] == schedule.periods
    assert longer.sessions[: len(schedule.sessions)] == schedule.sessions
    added = longer.periods[len(schedule.periods) :]
    treated = [p for p in added if p.kind is PeriodKind.TREATMENT]
    assert [(p.index, p.block, p.kit) for p in treated] == [(5, 3, "K-X"), (6, 3, "K-Y")]
    assert sum(p.n_days for p in added) == 2 * (7 + washout)
    assert len(longer.sessions) == len(schedule.sessions) + 14
    whole = plan(make_protocol({"blocks": 3, "washout_days": washout}), START, "UTC")
    assert longer.sessions == whole.sessions


def test_blocks_are_added_to_blocks_only():
    """Without blocks, or after the end, nothing is added."""
    protocol = make_protocol({"kind": "balanced", "blocks": None, "periods": 4})
    with pytest.raises(StageError, match="only to blocks"):
        add_block(plan(protocol, START, "UTC"), protocol, (KitCode("K-X"),))
    protocol, schedule = _with_kits()
    with pytest.raises(StageError, match="while the trial goes on"):
        add_block(stop(schedule, START), protocol, (KitCode("K-X"),))


def test_a_period_stays_empty_from_the_day_of_the_loss():
    """Nothing is due without the kit; dates and all other sessions stay, and no number is given again."""
    protocol, schedule = _with_kits()
    lost = START + timedelta(days=7 + 2)
    empty = leave_empty(schedule, 2, lost)
    assert empty.periods == schedule.periods
    gone = [session for session in schedule.sessions if session not in empty.sessions]
    assert [(session.period, session.day_in_period) for session in gone] == [(2, n) for n in range(3, 8)]
    longer = add_block(leave_empty(schedule, 4, START), protocol, (KitCode("K-X"), KitCode("K-Y")))
    assert [s.number for s in longer.sessions] == [*range(1, 22), *range(29, 43)]
    with pytest.raises(StageError, match="no period 9"):
        leave_empty(schedule, 9, lost)


@given(schedule=schedules(), data=st.data())
@settings(max_examples=30)
def test_an_amended_plan_holds_from_its_day_on(schedule, data):
    """What lies before keeps its number and its dues; what comes after is due as the new plan says."""
    on = schedule.start_on + timedelta(days=data.draw(st.integers(-1, 40)))
    protocol = make_protocol(
        {"period_days": max(p.n_days for p in schedule.periods if p.kind is PeriodKind.TREATMENT)},
        instruments={"new": {"ratings": ["calm"]}},
        batteries={},
        sessions=[{"battery": ["new"], "at": "11:00"}],
        outcomes={"primary": {"score": "new.calm"}},
    )
    amended = replan(schedule, protocol, on)
    assert amended.periods == schedule.periods
    before = [session for session in schedule.sessions if session.on < on]
    assert list(amended.sessions[: len(before)]) == before
    after = amended.sessions[len(before) :]
    treated = sum(
        max(0, (p.ends_on - max(on, p.starts_on)).days + 1)
        for p in schedule.periods
        if p.kind is PeriodKind.TREATMENT
    )
    assert sum(s.kind is PeriodKind.TREATMENT for s in after) == treated
    assert all(s.due == ("new",) and s.on >= on for s in after if s.kind is PeriodKind.TREATMENT)
    assert not {s.number for s in after} & {s.number for s in schedule.sessions}


def test_conditions_do_not_change_the_dates():
    """Two trials that differ only in what the kits hold have one schedule: dates say nothing."""
    swapped = {"on": ON_OFF["off"], "off": ON_OFF["on"]}
    assert plan(make_protocol(), START, "UTC") == plan(make_protocol(conditions=swapped), START, "UTC")


def test_days_outside_belong_to_no_period():
    """Before the start, after the end, and in a gap."""
    schedule = shift(plan(make_protocol({"blocks": 1}), START, "UTC"), 2, 3)
    assert schedule.period_on(START - ONE_DAY) is None
    assert schedule.period_on(START).index == 1
    assert schedule.period_on(date(2026, 3, 9)) is None
    assert schedule.period_on(date(2026, 3, 12)).index == 2
