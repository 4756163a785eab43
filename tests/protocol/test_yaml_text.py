"""Places of keys and values, counted as an editor counts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nof1.protocol.yaml_text import Place, read_yaml

TEXT = """\
# a comment
design:
  kind: fixed   # another
  days: [1,  22, last]
  run_in: {sessions: 4}
sessions:
  - {battery: daily}
  - battery: memory
"quoted": >
  folded
"""


@pytest.mark.parametrize(
    ("path", "at", "place"),
    [
        (("design",), "value", (2, 1)),  # a mapping stands where its key does
        (("design", "kind"), "value", (3, 9)),
        (("design", "kind"), "key", (3, 3)),
        (("design", "days"), "value", (4, 3)),
        (("design", "days", 1), "value", (4, 14)),
        (("design", "run_in", "sessions"), "value", (5, 22)),
        (("sessions", 0), "value", (7, 5)),
        (("sessions", 1, "battery"), "key", (8, 5)),
        (("sessions", 1, "at"), "value", (8, 5)),  # what is missing stands where its parent does
        (("design", "blocks"), "value", (2, 1)),
        (("design", "run_in", "a", "b"), "value", (5, 3)),
        (("quoted",), "value", (9, 11)),
        (("nothing",), "value", (1, 1)),
        ((), "value", (1, 1)),
    ],
)
def test_places(path, at, place):
    """Line and column lead to the thing that a message speaks of."""
    assert read_yaml(TEXT, "p.yaml").place(path, at) == Place(*place)


def test_values():
    """Lists are lists, folded text is text."""
    assert read_yaml(TEXT, "p.yaml").value == {
        "design": {"kind": "fixed", "days": [1, 22, "last"], "run_in": {"sessions": 4}},
        "sessions": [{"battery": "daily"}, {"battery": "memory"}],
        "quoted": "folded\n",
    }


@given(st.lists(st.integers(0, 5), min_size=1, max_size=12))
def test_all_duplicates_are_found(keys):
    """The first value counts; each later one is told with its line and the line before."""
    document = read_yaml("".join(f"k{key}: {line}\n" for line, key in enumerate(keys)), "p.yaml")
    assert document.value == {f"k{key}": keys.index(key) for key in keys}
    seen: dict[int, int] = {}
    expected = []
    for line, key in enumerate(keys, start=1):
        if key in seen:
            expected.append(
                ((f"k{key}",), Place(line, 1), f"written again, after line {seen[key]}; keep one of them")
            )
        seen[key] = line
    assert [(one.path, one.place, one.message) for one in document.unread] == expected


def test_text_is_read_in_normal_form():
    """An accent typed in two strokes is the accent; digests do not depend on the keyboard."""
    assert read_yaml("title: cafe\u0301\n", "p.yaml").value == {"title": "caf\u00e9"}


def test_what_a_duplicate_holds_is_not_told():
    """A mistake in a value that is dropped anyway is not told as one of the first."""
    document = read_yaml("a: {b: 1}\na: {b: 0,5}\n", "p.yaml")
    assert [one.message for one in document.unread] == ["written again, after line 1; keep one of them"]
    assert document.value == {"a": {"b": 1}}
