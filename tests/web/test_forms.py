"""Forms: one event each, stored once however often sent; what another window stored is told, never replaced."""

from __future__ import annotations

import json
import re

import pytest

from nof1.audit import events

from .site import HOST, PageClient, battery_trial, everything

RATINGS = {"day.mood": "7", "day.calm": "5", "day.focus": "skip", "day.headache": "0"}
DAY = "/session/4/form/day"


def scores(player, session: int = 4) -> dict[str, str | None]:
    """Return what is stored for a session."""
    return {name: held.value for (name, number), held in player.trial.entered.items() if number == session}


def test_ratings_are_one_event_with_the_answers_as_given(page, player):
    """A form is one act of a person: one event, source web, a skipped item declared as refused."""
    before = player.kinds()
    said = page.send(DAY, RATINGS).json()
    assert said["state"] == "saved"
    assert said["saved_at"] == "10:00"
    assert player.kinds() == [*before, "scores_entered"]
    (event,) = [r.event for r in player.trial.state.of(events.ScoresEntered)]
    assert (event.source, event.session) == ("web", 4)
    assert {v.score: (v.value, v.missing_reason) for v in event.values} == {
        "day.mood": ("7", None), "day.calm": ("5", None), "day.focus": (None, "refused"), "day.headache": ("0", None),
    }  # fmt: skip
    assert json.loads(event.raw)["answers"] == RATINGS


def test_sent_twice_it_is_stored_once(page, player):
    """A double click, a retry after a lost answer: the same receipt, one event."""
    given = {**page.fields(DAY), **RATINGS}
    headers = {"origin": f"http://{HOST}"}
    first, second = (page.ask("POST", DAY, data=given, headers=headers).json() for _ in range(2))
    assert first["receipt"] == second["receipt"]
    assert (first["duplicate"], second["duplicate"]) == (False, True)
    assert player.kinds().count("scores_entered") == 1


def test_two_windows_that_say_different_things(page, player):
    """The second is refused with both values, and nothing of it is stored."""
    first, second = page.fields(DAY), page.fields(DAY)
    headers = {"origin": f"http://{HOST}"}
    page.ask("POST", DAY, data={**first, **RATINGS}, headers=headers)
    answer = page.ask("POST", DAY, data={**second, **RATINGS, "day.mood": "2"}, headers=headers)
    assert answer.status_code == 409
    assert answer.json()["conflict"] == [{"what": "Mood right now", "stored": "7", "given": "2"}]
    assert scores(player)["day.mood"] == "7"


def test_a_form_shows_nothing_that_is_stored(page, player):
    """Neither the value of today nor an earlier one: it would pull the next."""
    page.send(DAY, {**RATINGS, "day.mood": "9"})
    text = page.get(DAY).text
    assert "checked" not in text
    player.put(5, "10:00")
    assert "checked" not in page.get("/session/5/form/day").text


@pytest.mark.parametrize(("given", "what"), [
    ({**RATINGS, "day.mood": "11"}, "0 to 10"), ({**RATINGS, "day.mood": "7.5"}, "whole number"),
    ({k: v for k, v in RATINGS.items() if k != "day.calm"}, "no answer yet"), ({**RATINGS, "day.sadness": "1"}, "no day.sadness"),
])  # fmt: skip
def test_what_cannot_be_is_refused_as_a_whole(page, player, given, what):
    """Nothing of a form with a wrong answer is stored."""
    answer = page.send(DAY, given)
    assert answer.status_code == 422
    assert what in answer.json()["error"]
    assert not scores(player)


def test_the_order_of_ratings_is_the_same_all_day_and_another_on_other_days(page, player):
    """It follows from the public seed of the session."""

    def order(session: int) -> list[str]:
        return list(
            dict.fromkeys(re.findall(r'name="(day\.\w+)"', page.get(f"/session/{session}/form/day").text))
        )

    assert order(4) == order(4)
    player.put(9, "10:00")
    orders = {tuple(order(session)) for session in range(4, 10)}
    assert len(orders) > 1
    assert len({frozenset(one) for one in orders}) == 1


def test_a_score_of_another_program(page, player):
    """Typed with its range and unit; a reason stands in for a value that is not there."""
    text = page.get("/session/4/form/app").text
    assert "0 to 100 points" in text
    assert page.send("/session/4/form/app", {"app.points": "41.5", "why:app.points": ""}).status_code == 200
    assert scores(player)["app.points"] == "41.5"
    player.put(5, "10:00")
    assert (
        page.send("/session/5/form/app", {"app.points": "", "why:app.points": "technical"}).status_code == 200
    )
    assert player.trial.entered["app.points", 5].missing_reason == "technical"


def test_a_questionnaire_is_scored_from_its_items(page, player):
    """The total is the sum; the answers are kept raw."""
    player.put(5, "21:00")
    part = "/session/5/form/phq8"
    assert "Kroenke" in page.get(part).text or "permission" in page.get(part).text
    said = page.send(part, {f"item{n}": str(n % 4) for n in range(1, 9)})
    assert said.status_code == 200, said.text
    assert scores(player, 5)["phq8.total"] == "12"


def test_a_questionnaire_with_a_gap_has_no_total(page, player):
    """A sum over fewer items would be too low."""
    player.put(5, "21:00")
    page.send("/session/5/form/phq8", {f"item{n}": "skip" if n == 3 else "1" for n in range(1, 9)})
    assert player.trial.entered["phq8.total", 5].missing_reason == "refused"


def test_the_card_after_thoughts_of_death(tmp_path):
    """Saved first, then the plan of the protocol; that it was shown is recorded, and nothing is blocked."""
    text = (
        everything()
        .replace("phq8", "phq9")
        .replace("emergency_contact:", 'suicidality_plan: "Tell Sam; call 116 123"\n  emergency_contact:')
    )
    player = battery_trial(tmp_path, text)
    player.randomize()
    player.put(5, "21:00")
    page = PageClient.opened(player)
    said = page.send("/session/5/form/phq9", {f"item{n}": "1" for n in range(1, 10)}).json()
    assert player.kinds()[-2:] == ["scores_entered", "safety_card_shown"]
    card = page.get(said["next"]).text
    assert "call 116 123" in card
    assert "Nobody is monitoring" in card
    assert page.send("/note", {"text": "going on"}).status_code == 200


def test_a_dose_with_its_box_and_the_box_of_another_period(page, player):
    """The box in use is recorded by itself; another one is a deviation."""
    assert page.send("/dose", {"taken": "yes", "at": "08:05"}).status_code == 200
    other = next(p.kit for p in player.trial.schedule.periods if p.index == 2)
    assert page.send("/dose", {"taken": "yes", "at": "09:00", "kit": other}).status_code == 200
    first, second = (r.event for r in player.trial.state.of(events.DoseRecorded))
    assert first.kit == player.trial.period_on(player.trial.study_date(player.clock())).kit
    assert second.kit == other
    assert player.kinds().count("deviation_recorded") == 1


def test_the_code_on_the_box_is_typed(page, player):
    """The box of this period is opened; one of another goes back, and is a deviation if it was opened already."""
    here, other = (p.kit for p in player.trial.schedule.periods if p.index in {1, 2})
    assert here not in page.get("/box").text
    assert "Your protocol leaves out: kidney disease." in page.get("/box").text
    assert "/box" in page.get("/").text
    answer = page.send("/box", {"code": other})
    assert answer.status_code == 422
    assert "Put it back unopened" in answer.json()["error"]
    assert page.send("/box", {"code": here.lower()}).status_code == 200
    assert player.kinds().count("kit_opened") == 1
    assert "/box" not in page.get("/").text
    for _ in range(2):  # said twice it is still one box that was opened
        assert page.send("/box", {"code": other, "taken": "yes"}).status_code == 200
    assert player.kinds().count("deviation_recorded") == 1
    assert player.kinds().count("kit_opened") == 2


def test_a_dose_that_another_window_may_have_recorded(page, player):
    """Two open windows and two presses are asked about, not counted as two doses; the same form twice is one."""
    first, second = page.fields("/dose"), page.fields("/dose")
    headers = {"origin": f"http://{HOST}"}
    given = {"taken": "yes", "at": "08:05"}
    for _ in range(2):
        assert page.ask("POST", "/dose", data={**first, **given}, headers=headers).status_code == 200
    answer = page.ask("POST", "/dose", data={**second, **given, "at": "08:07"}, headers=headers)
    assert answer.status_code == 409
    assert answer.json()["conflict"] == [{"what": "Dose", "stored": "08:05", "given": "08:07"}]
    assert player.kinds().count("dose_recorded") == 1


def test_a_guess_is_asked_once_a_period(page, player):
    """From the last day on, before anything is opened; a second one is a matter for the command."""
    assert "/guess/1" not in page.get("/").text
    player.put(5, "22:00")
    assert "/guess/1" in page.get("/").text
    given = {**page.fields("/guess/1"), "percent:on": "70", "reason": "calm"}
    headers = {"origin": f"http://{HOST}"}
    assert page.ask("POST", "/guess/1", data=given, headers=headers).status_code == 200
    assert page.ask("POST", "/guess/1", data=given, headers=headers).json()["duplicate"]
    assert page.ask("POST", "/guess/1", data={**given, "key": "0" * 32}, headers=headers).status_code == 409
    (guess,) = [r.event for r in player.trial.state.of(events.GuessRecorded)]
    assert {p.condition: p.percent for p in guess.probabilities} == {"on": "70", "off": "30"}
    assert "/guess/1" not in page.get("/").text


def test_an_empty_guess_is_no_answer(page, player):
    """Don't know is said, and not assumed."""
    player.put(5, "22:00")
    assert page.send("/guess/1", {}).status_code == 422
    assert page.send("/guess/1", {"dont_know": "yes"}).status_code == 200


def test_something_untoward(page, player):
    """Also after the lock: what concerns safety is never refused."""
    given = {"term": "headache", "severity": "2", "started_on": "2026-03-05", "related": "coffee"}
    assert page.send("/event", {"term": "x"}).status_code == 422
    assert page.send("/event", given).status_code == 200
    player.lock(12)
    assert page.send("/event", {**given, "term": "rash"}).status_code == 200
    assert page.get("/").status_code == 200
    assert page.send("/session/4/form/day", RATINGS, form="/event").status_code in {403, 409}


def test_a_table_all_or_none(page, player):
    """Every problem at once, and not one row; the good one a second time adds nothing."""
    headers = {"origin": f"http://{HOST}", "x-nof1-csrf": page.csrf, "content-type": "text/csv"}
    bad = b"at,day.mood,day.calm\n2026-03-05 09:50,12,3\n2026-03-05 09:51,x,3\n"
    answer = page.ask("POST", "/csv", content=bad, headers=headers)
    assert answer.status_code == 422
    assert len(answer.json()["problems"]) == 2
    assert not scores(player)
    good = b"at,day.mood,day.calm\n2026-03-05 09:50,6,3\n"
    assert page.ask("POST", "/csv", content=good, headers=headers).json()["saved"] == 2
    assert page.ask("POST", "/csv", content=good, headers=headers).json()["saved"] == 0
    assert scores(player) == {"day.mood": "6", "day.calm": "3"}


def test_what_a_person_writes_is_never_markup(page, player):
    """Text is text, in every page that shows it."""
    page.send("/note", {"text": "<script>alert(1)</script>"})
    for path in ("/", "/progress", "/?saved=<script>", "/session/4?saved=%22%3E%3Cscript%3E"):
        assert "<script>" not in page.get(path).text


@pytest.mark.parametrize("mode", ["third_party", "self_blinded", "open_label"])
def test_no_page_holds_a_condition_beside_a_kit(tmp_path, mode):
    """Every page and every answer of every day: a kit and the name of a condition never meet before the opening."""
    player = battery_trial(tmp_path, everything(mode))
    player.randomize()
    page = PageClient.opened(player)
    kits = {str(p.kit) for p in player.trial.schedule.periods if p.kit}
    names = ("nefiracetam", "cellulose", '"on"', '"off"')
    for day in (1, 4, 5, 6, 11):
        player.put(day, "10:10")
        session = day if day < 12 else 11
        paths = [
            "/", "/progress", "/box", "/dose", "/event", "/note", "/csv", "/guess/1", "/guess/2", f"/session/{session}", f"/session/{session}/form/day",
            f"/session/{session}/run/wm", f"/api/form/{session}/wm", "/nowhere",
        ]  # fmt: skip
        for path in paths:
            text = page.get(path).text.replace(' autocomplete="off"', "")
            has_kit = any(kit in text for kit in kits)
            assert not (has_kit and any(name in text for name in names)), (day, path)
        if mode != "open_label" and day > 3:
            assert any(kit in page.get("/").text for kit in kits)
            assert "NOT BLINDED" not in page.get("/").text
    assert bool(kits) == (mode != "open_label")


def test_a_session_of_a_later_day_is_not_there_yet(page):
    """Nothing is entered ahead."""
    assert page.get("/session/6").status_code == 422
    assert page.send("/session/6/form/day", RATINGS, form=DAY).status_code == 403
    assert page.get("/session/99").status_code == 422


def test_a_stop_rule_is_told_where_the_entry_is_confirmed(tmp_path):
    """After it was saved, in the words of the protocol, as text; the next page says nothing of it."""
    text = everything("third_party").replace(
        'emergency_contact: "Call 112"',
        "emergency_contact: '<b>Ann</b>'\n  stop_rules: [{when: day.headache >= 7, do: stop}]",
    )
    player = battery_trial(tmp_path, text)
    player.randomize()
    page = PageClient.opened(player)
    player.put(4, "10:00")
    said = page.send(DAY, {**RATINGS, "day.headache": "8"}).json()
    assert said["state"] == "saved"
    shown = page.get(f"/session/4?saved={said['receipt']}").text
    assert "A stop rule of your protocol is met: day.headache &gt;= 7" in shown
    assert "&lt;b&gt;Ann&lt;/b&gt;" in shown
    assert "<b>Ann" not in shown
    assert "stop rule" not in page.get("/session/4").text
