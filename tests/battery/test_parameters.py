"""Parameters of tasks: kind, size, words."""

from __future__ import annotations

from decimal import Decimal

import pytest

from nof1.battery.parameters import param_problem
from nof1.battery.tasks import TASKS

D = Decimal


@pytest.mark.parametrize(
    ("task", "name", "value", "problem"),
    [
        ("pvt", "duration_s", D("90.5"), None),
        ("pvt", "duration_s", D(-1), "found -1; write a number above 0 to 100000 such as 180"),
        ("pvt", "duration_s", True, "found true; write a number such as 180"),
        ("pvt", "duration_s", (D(1), D(2)), "found [1, 2]; write a number such as 180"),
        ("pvt", "isi_s", (D(1), D(1)), None),
        (
            "pvt",
            "isi_s",
            (D(1), D(2), D(3)),
            "found [1, 2, 3]; write two numbers, the lower first, such as [1, 4]",
        ),
        ("pvt", "isi_s", (D(-1), D(2)), "found [-1, 2]; write two numbers, the lower first, such as [1, 4]"),
        ("stroop", "neutral", D(0), None),
        ("stroop", "neutral", D(-1), "found -1; write a number from 0 to 100000 such as 0"),
        ("nback", "practice", D(0), None),
        ("nback", "trials", D("48.5"), "found 48.5; write a whole number such as 48"),
        ("digit_span", "direction", "forward", None),
        ("digit_span", "direction", "sideways", "found 'sideways'; write one of forward, backward"),
        ("digit_span", "direction", D(1), "found 1; write one of forward, backward"),
    ],
)
def test_parameters(task, name, value, problem):
    """A parameter is of the kind of its default, and can be run."""
    assert param_problem(TASKS[task], name, value) == problem
