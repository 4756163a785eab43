"""What no page of ours would send: answered with a refusal, never with a fault of ours, and stored nowhere."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nof1.audit import events

from .site import HOST, PageClient
from .test_runs import run_of

HEADERS = {"origin": f"http://{HOST}", "content-type": "application/json"}
HALF = "\ud83d"
ODD = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=5),
    st.sampled_from(
        [HALF, [HALF], {HALF: 1}, 2**70, "\0", [], {}, [[[]]], "live", "study", "a" * 300, "0001-01-01T00:00:00Z",
         "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "1970-01-01T00:00:00Z"]
    ),
)  # fmt: skip


@pytest.mark.parametrize("number", ["9" * 10, "9" * 5000])
@pytest.mark.parametrize("path", ["/session/{}", "/session/{}/form/day", "/guess/{}", "/api/form/{}/wm"])
def test_a_number_of_a_thousand_digits_is_no_page(page, path, number):
    """Such an address leads nowhere, and costs nothing."""
    assert page.get(path.format(number)).status_code == 404


def test_half_a_letter_opens_nothing(player):
    """A token of half a letter is a wrong one, and counts as one."""
    page = PageClient.closed(player)
    body = json.dumps({"token": HALF}).encode()
    for _ in range(5):
        assert page.ask("POST", "/api/enter", content=body, headers=HEADERS).status_code == 403
    assert page.ask("POST", "/api/enter", content=body, headers=HEADERS).status_code == 429


def test_a_run_with_half_an_emoji_is_kept(page, player):
    """A text that was cut through an emoji does not cost the person the run: the half stands there as U+FFFD."""
    name, body = run_of(page, timing={"remark": f"fine {HALF}"})
    sent = json.dumps(body).encode()
    answer = page.ask("PUT", f"/api/runs/{name}", content=sent, headers={**HEADERS, "x-nof1-csrf": page.csrf})
    assert answer.status_code == 200, answer.text
    (run,) = [r.event for r in player.trial.state.of(events.RunRecorded)]
    assert json.loads(run.raw)["timing"]["remark"] == "fine \N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize("field", ["started_at", "finished_at", "sent_at"])
@pytest.mark.parametrize("year", [1, 1969, 2200, 9999])
def test_a_year_that_no_clock_has_is_refused(page, player, field, year):
    """Instead of a date that no calendar can hold."""
    name, body = run_of(page)
    before = len(player.rows())
    answer = page.put(f"/api/runs/{name}", {**body, field: datetime(year, 1, 1, tzinfo=UTC).isoformat()})
    assert (answer.status_code, len(player.rows())) == (422, before)
    assert field in answer.json()["error"]


def test_a_device_whose_battery_is_flat_is_heard(page, player):
    """Its clock says 1970 at the start, in between and when it sends; what counts is ours."""
    name, body = run_of(page)
    flat = dict.fromkeys(("started_at", "finished_at", "sent_at"), "1970-01-01T00:03:00+00:00")
    assert page.put(f"/api/runs/{name}", {**body, **flat}).status_code == 200
    assert player.trial.entered["wm.dprime", 4].value


def test_infinity_is_no_number(page, player):
    """Also where it is written as a number that is too large."""
    name, body = run_of(page)
    before = len(player.rows())
    sent = json.dumps(body).replace("60.01", "1e999").encode()
    headers = {**HEADERS, "x-nof1-csrf": page.csrf}
    assert page.ask("PUT", f"/api/runs/{name}", content=sent, headers=headers).status_code == 422
    assert len(player.rows()) == before


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None)
@given(data=st.data())
def test_whatever_stands_in_a_run_is_stored_whole_or_refused(page, player, data):
    """Any value in the place of any other: saved as one event, or refused and nothing stored."""
    name, body = run_of(page)
    name = data.draw(st.integers(0, 2**128 - 1).map("{:032x}".format), label="run")
    body = copy.deepcopy(body)
    place: object = body
    keys: list[object] = list(body)
    while True:
        key = data.draw(st.sampled_from(keys), label="where")
        inner = place[key]
        keys = (
            list(inner)
            if isinstance(inner, dict)
            else list(range(min(2, len(inner))))
            if isinstance(inner, list)
            else []
        )
        if not keys or data.draw(st.booleans(), label="here"):
            place[key] = data.draw(ODD, label="what")
            break
        place = inner
    before = len(player.rows())
    sent = json.dumps(body).encode()
    headers = {**HEADERS, "x-nof1-csrf": page.csrf}
    answer = page.ask("PUT", f"/api/runs/{name}", content=sent, headers=headers)
    after = len(player.rows())
    is_known = answer.status_code == 200 and answer.json()["duplicate"]  # the same run was drawn before
    assert (answer.status_code, after - before) in {(200, int(not is_known)), (422, 0)}, answer.text
    assert page.ask("POST", "/api/device", content=sent, headers=headers).status_code in {200, 422}
