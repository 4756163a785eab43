"""Every refusal, with its exact words and its place."""

from __future__ import annotations

import pytest

from nof1.errors import ProtocolError
from nof1.files.protocols import parse_protocol

from .corpus import ALONE, BASE, REFUSED, edited


def lines(text: str | bytes) -> tuple[str, ...]:
    """Return what is said about a text, one line for each problem."""
    with pytest.raises(ProtocolError) as caught:
        parse_protocol(text, "p.yaml")
    first, *others = str(caught.value).split("\n")
    n = len(others)
    assert first == f"p.yaml: {n} problem" + ("s" if n > 1 else "")
    return tuple(line.removeprefix("  ") for line in others)


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.name)
def test_a_mistake_is_told_with_place_and_remedy(case):
    """A refusal says where, what was found, and what to write."""
    assert lines(edited(case.edits)) == case.lines


@pytest.mark.parametrize(("text", "line"), [case[1:] for case in ALONE], ids=[case[0] for case in ALONE])
def test_what_cannot_be_read_comes_alone(text, line):
    """A text that is not YAML as protocols use it has one problem."""
    assert lines(text) == (line,)


def test_the_table_is_a_table():
    """Every case has a name of its own, and there are as many as were promised."""
    names = [case.name for case in REFUSED] + [case[0] for case in ALONE]
    assert len(names) == len(set(names)) >= 150


def test_ten_mistakes_are_ten_problems_in_the_order_of_the_file():
    """A person mends a file once, not ten times."""
    wrong = edited(
        {
            "id: coffee": "id: Coffee",
            "title: Does coffee help?": "titel: Does coffee help?",
            '"04:00"': "4 am",
            "dose: 200 mg": "dose: 200",
            "randomized_blocks": "randomised_blocks",
            "period_days: 7": "period_days: a week",
            "mode: self_blinded": "mode: blind",
            "[mood, calm]": "[mood, clam]",
            "score: vigil.speed": "score: vigil.sped",
            "{on: 1, off: -1}": "{on: 1, off: 1}",
        }
    )
    assert lines(wrong) == (
        "2:5  id: found 'Coffee'; write small letters, digits and hyphens, 3 to 41 of them, a letter first, such as my-trial",
        "3:1  titel: unknown key; did you mean 'title'?",
        "5:13  day_starts: found '4 am'; write a time of day such as \"04:00\"",
        "7:30  conditions.on.dose: found 200; write an amount with its unit such as 150 mg",
        "10:9  design.kind: found 'randomised_blocks'; did you mean 'randomized_blocks'?",
        "12:16  design.period_days: found 'a week'; write a number of days such as 7",
        "16:9  blinding.mode: found 'blind'; write one of open_label, third_party, self_blinded",
        (
            "21:25  instruments.day.ratings[2]: no rating is called 'clam'; did you mean 'calm'? "
            "Otherwise write {id: clam, text: …, low: …, high: …, better: …}"
        ),
        "32:20  outcomes.primary.score: vigil has no score 'sped'; did you mean 'speed'?",
        "36:15  analysis.contrasts.on_off: {on: 1, off: 1} sums to 2; write weights that sum to 0",
    )


def test_every_problem_of_a_mistake_has_a_place():
    """A program can jump to it: line and column are numbers, not text."""
    with pytest.raises(ProtocolError) as caught:
        parse_protocol(BASE.replace("blocks: 6", "blocks: six"), "protocols/coffee.yaml")
    (problem,) = caught.value.problems
    assert (problem.where, problem.line, problem.column) == ("design.blocks", 11, 11)
    assert f"{caught.value.source}:{problem}" == (
        "protocols/coffee.yaml:11:11: design.blocks: found 'six'; write a number of blocks such as 6"
    )
