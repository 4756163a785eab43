"""Every kind of event writes itself as a payload and reads itself back."""

from __future__ import annotations

import json
from dataclasses import fields

import pytest
from hypothesis import given

from nof1.audit import events
from nof1.encoding import canonical_json
from nof1.errors import EntryError
from nof1.scores.columns import Columns

from .strategies import any_events, parts


def journey(payload):
    """Return what a payload is after it was stored."""
    return json.loads(canonical_json(payload))


@given(event=any_events())
def test_an_event_survives_its_payload(event):
    """What is stored is what was said, to the last character."""
    assert type(event).from_payload(journey(event.to_payload())) == event


def test_kinds_are_named_once_and_free_texts_exist():
    """The store knows an event by its kind; a free text that is no field would never be kept apart."""
    assert len(events.KINDS) == len(events.EVENTS)
    for event in events.EVENTS:
        assert set(event.FREE_TEXT) <= {field.name for field in fields(event)}, event


def test_what_is_absent_is_not_written():
    """A field that a later version adds must not change the bytes of an event that lacks it."""
    entered = events.ScoresEntered(
        instrument="wm",
        session=3,
        observed_at="2026-04-03T06:00:00.000Z",
        observed_local="2026-04-03 08:00",
        observed_offset="+02:00",
        values=(events.EnteredValue(score="wm.dprime", value="1.50"),),
        source="hand",
    )
    assert canonical_json(entered.to_payload()).decode() == (
        '{"instrument":"wm","observed_at":"2026-04-03T06:00:00.000Z","observed_local":"2026-04-03 08:00",'
        '"observed_offset":"+02:00","session":"3","source":"hand","values":[{"score":"wm.dprime","value":"1.50"}]}'
    )


@pytest.mark.parametrize(
    ("kind", "payload", "message"),
    [
        (events.KitOpened, {"kit": "K-N2PQH5"}, "lacks the field period"),
        (events.KitOpened, {"kit": "K-N2PQH5", "period": "1", "condition": "on"}, "has no field condition"),
        (events.KitOpened, {"kit": "K-N2PQH5", "period": "1.5"}, "invalid literal"),
        (events.KitOpened, {"kit": "K-N2PQH5", "period": "01"}, "expected a whole number"),
        (events.KitOpened, {"kit": 5, "period": "1"}, "expected text"),
        (events.DoseRecorded, {"taken_on": "2026-04-03", "taken": "true"}, "expected true or false"),
        (events.Locked, {"files": "scores.csv", "n_scores": "1", "n_missing": "0"}, "expected a list"),
        (
            events.Locked,
            {"files": ["scores.csv"], "n_scores": "1", "n_missing": "0"},
            "expected named values",
        ),
        (
            events.Unblinded,
            {"how": "peeking", "allocation": [], "space_size": "64"},
            "expected one of secret",
        ),
    ],
)
def test_a_payload_that_does_not_fit_is_refused(kind, payload, message):
    """A payload that was changed must not be read as something else."""
    with pytest.raises(ValueError, match=message):
        kind.from_payload(payload)


@pytest.mark.parametrize(
    ("kind", "values", "message"),
    [
        (
            events.ScoreCorrected,
            {"replaces": "0" * 32, "row": 0, "score": "wm.d", "value": "2", "reason": " "},
            "reason",
        ),
        (events.Paused, {"on": "2026-04-03", "reason": ""}, "reason"),
        (events.EnteredValue, {"score": "wm.d"}, "neither"),
        (events.EnteredValue, {"score": "wm.d", "value": "2", "missing_reason": "ill"}, "both"),
        (events.GuessRecorded, {"period": 1}, "don't know"),
        (events.AdverseEventRecorded, {"term": "headache", "severity": 6, "serious": False}, "found 6"),
        (
            events.ScoresEntered,
            {
                "instrument": "wm",
                "observed_at": "",
                "observed_local": "",
                "observed_offset": "",
                "values": (),
                "source": "hand",
            },
            "no value",
        ),
    ],
)
def test_what_a_person_left_out_is_asked_for(kind, values, message):
    """An event that a later reader could not understand is refused when it is made."""
    with pytest.raises(EntryError, match=message):
        kind(**values)


def test_labels_are_registered_in_an_order_that_says_nothing():
    """The order of registration is a leak channel after a poor shuffle."""
    with pytest.raises(ValueError, match="sorted"):
        events.KitsRegistered(protocol_sha256="ab" * 32, kits=("1/K-XUMYRH", "1/K-3KEVN6"))


def test_a_preparers_secret_cannot_enter_an_event():
    """In third_party the participant's store never holds what opens the trial."""
    with pytest.raises(ValueError, match="never reaches"):
        events.TrialRandomized(
            trial_id="caffeine",
            participant_id="p",
            mode="third_party",
            start_on="2026-04-01",
            zone="Europe/Berlin",
            day_starts="04:00",
            protocol_text="",
            protocol_canonical="",
            protocol_sha256="ab" * 32,
            kits=("1/K-XUMYRH",),
            commitment="",
            published_line="",
            secret="00" * 32,
            version="0.1.0",
        )


def test_an_event_holds_only_what_has_canonical_bytes():
    """A float has no one text; it must not slip in through an untyped caller."""
    with pytest.raises(TypeError, match="float"):
        events.KitOpened(period=1.5, kit="K-N2PQH5").to_payload()


def test_entered_values_and_imported_rows_have_one_shape():
    """Whoever reads scores need not know by which way they came."""
    entered = events.ScoresEntered(
        instrument="day",
        session=2,
        day=4,
        observed_at="a",
        observed_local="b",
        observed_offset="c",
        values=(
            events.EnteredValue(score="day.mood", value="7"),
            events.EnteredValue(score="day.calm", missing_reason="ill"),
        ),
        flags=("late",),
        source="web",
    )
    assert entered.rows == tuple(
        events.ScoreRow(
            score=score,
            session=2,
            day=4,
            observed_at="a",
            observed_local="b",
            observed_offset="c",
            value=value,
            missing_reason=missing,
            flags=("late",),
        )
        for score, value, missing in [("day.mood", "7", None), ("day.calm", None, "ill")]
    )


def test_an_imported_event_stays_small_enough_to_read():
    """Ten thousand rows to an event is the limit."""
    row = events.ScoreRow(score="day.mood", value="7")
    with pytest.raises(ValueError, match="10001 rows"):
        events.ScoresImported(
            file_name="f",
            file_sha256="",
            rows_sha256="",
            part=1,
            n_parts=1,
            rows=Columns.of(events.ScoreRow, [row] * 10_001),
        )


@given(event=parts(events.ScoresImported))
def test_rows_of_a_file_are_read_by_row_as_by_column(event):
    """The first version of the event has its rows one by one; both are the same event."""
    payload = json.loads(canonical_json(event.to_payload()))
    earlier = payload | {"rows": json.loads(canonical_json([row.to_payload() for row in event.rows]))}
    assert events.ScoresImported.from_payload(payload) == event
    assert events.ScoresImported.from_payload(earlier) == event


@pytest.mark.parametrize(
    ("rows", "wrong"),
    [
        ("x", "ScoresImported.rows: found 'x', expected columns"),
        ({"score": ["day.mood"], "value": []}, "columns of 0 and 1 rows make no table"),
        ({"value": ["1"]}, "ScoreRow lacks the column score"),
        ({"score": ["day.mood"], "colour": ["1"]}, "ScoreRow has no field colour"),
        ({"score": [None], "value": ["1"]}, "found None, expected text"),
        ({"score": ["day.mood"], "value": ["1"], "session": ["01"]}, "found '01', expected a whole number"),
    ],
)
def test_columns_that_make_no_rows_are_refused(rows, wrong):
    """A payload that was changed is told, never mended."""
    payload = {
        "file_name": "f",
        "file_sha256": "",
        "rows_sha256": "",
        "part": "1",
        "n_parts": "1",
        "rows": rows,
    }
    with pytest.raises(ValueError, match=wrong):
        events.ScoresImported.from_payload(payload)


def test_a_row_by_column_has_a_value_or_a_reason():
    """As each row by itself."""
    rows = Columns(events.ScoreRow, {"score": ["day.mood", "day.calm"], "value": ["1", None]})
    with pytest.raises(EntryError, match="found neither"):
        events.ScoresImported(file_name="f", file_sha256="", rows_sha256="", part=1, n_parts=1, rows=rows)


@given(event=parts(events.ScoresImported))
def test_columns_are_written_as_the_canonical_json_of_their_lists(event):
    """Each value once, and the bytes are those of everything else; wherever it stands."""
    written = canonical_json(event.to_payload())
    assert written == canonical_json(journey(event.to_payload()))
    assert canonical_json([event.to_payload()]) == b"[" + written + b"]"
