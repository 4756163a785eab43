"""The completeness list: every item of the standard once, an answer or where to write it, and no answer made up."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.notebooks.conftest import a_protocol

from nof1.protocol.model import Source
from nof1.report.checklist import cent_items, cent_sentences, cent_table
from nof1.report.render import render

NUMBERS = """
    1a 1b 2a.1 2a.2 2b 3a 3b 4a 4b 4c 5 6a.1 6a.2 6b 7a 7b 8a 8b 8c 9 10 11a 11b 12a 12b 12c 13a 13b 14a 14b 15 16
    17a.1 17a.2 17b 18 19 20 21 22 23 24 25
""".split()  # noqa: SIM905 - read as the standard prints it


@pytest.fixture
def told(make_results):
    """Return which items of some results are told, by number."""

    def told(**changes):
        return {item.number: item.is_told for item in cent_items(make_results(**changes))}

    return told


def test_every_item_stands_once_in_the_order_of_the_standard(make_results):
    """A reviewer goes through the published list from top to bottom."""
    items = cent_items(make_results())
    assert [item.number for item in items] == NUMBERS
    assert all(item.asks and item.where for item in items)


def test_what_is_not_told_says_where_to_write_it(make_results):
    """A gap is of use only to whoever learns how to close it."""
    items = cent_items(make_results())
    rows = dict(zip((item.number for item in items), cent_table(items).rows, strict=True))
    assert rows["2a.1"][2] == "not reported: write rationale in the protocol"
    assert rows["25"][2].startswith("not reported: ")
    assert f"{sum(item.is_told for item in items)} are answered" in " ".join(cent_sentences(items))


def test_answers_follow_from_protocol_and_data(told):
    """An item is answered exactly where what it asks for is there."""
    assert not told()["1a"]
    assert told(title="Coffee: an N-of-1 trial")["1a"]
    assert told(title="Coffee, N of 1")["1a"]
    assert not told(title="A session of 10")["1a"]
    plain = a_protocol()
    nobody = plain.participant.model_copy(update={"description": ""})
    described = plain.model_copy(update={"rationale": "It differs between people.", "participant": nobody})
    assert told(protocol=described)["2a.1"]
    assert not told(protocol=described)["4a"]
    assert told(protocol=plain)["4a"]
    facts = (Source(fact="The task is reliable over weeks.", source="doi 10.1"),)
    assert told(protocol=described.model_copy(update={"sources": facts}))["6a.2"]
    assert not told(protocol=described)["6a.2"]
    assert told()["9"]
    assert not told(mode="open_label")["9"]
    assert not told(imported=True)["8a"]
    assert not told(sensitivity=())["18"]
    assert not told(mode="open_label")["11b"]
    formed = {code: one.model_copy(update={"form": "capsule"}) for code, one in plain.conditions.items()}
    assert told(protocol=plain.model_copy(update={"conditions": formed}))["11b"]
    assert not told()["14a"]
    assert told(record={"facts": [["start_on", "2026-03-01"]]})["14a"]


def test_nobody_is_told_to_do_what_is_past(make_results):
    """Whoever imports a finished trial can record no dose of it, and publish no line before its first dose."""
    plain = a_protocol()
    formed = {code: one.model_copy(update={"form": "capsule"}) for code, one in plain.conditions.items()}
    protocol = plain.model_copy(update={"conditions": formed})
    results = make_results(imported=True, protocol=protocol)
    results = replace(results, adherence=replace(results.adherence, n_doses_recorded=0))
    where = {item.number: item.where for item in cent_items(results)}
    assert where["5"] == "run elsewhere; say what was taken where the report is shown"
    assert "before the first dose" not in where["23"]


def test_what_nobody_told_the_program_is_never_answered(told):
    """Ethics, place, registration and money are not in any file of a trial."""
    assert [number for number in ("4b", "4c", "23", "25") if told(protocol=a_protocol())[number]] == []


@pytest.mark.usefixtures("no_figures")
def test_list_stands_at_the_end_of_the_report(make_results):
    """The list is for whoever checks, after everything that is for whoever reads."""
    html = render(make_results()).html
    assert html.rindex("<h2>") == html.index("<h2>Is everything reported?")
