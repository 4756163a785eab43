"""Every key says what it is for and what to write there."""

from __future__ import annotations

import types
from typing import TYPE_CHECKING, Annotated, Union, get_args, get_origin

import pytest

from nof1.protocol.fields import sample, spot
from nof1.protocol.model import Protocol
from nof1.protocol.section import Say, Section

if TYPE_CHECKING:
    from collections.abc import Iterator


def sections(annotation: object, seen: set[type[Section]]) -> Iterator[type[Section]]:
    """Yield every section that a protocol can hold."""
    if isinstance(annotation, type) and issubclass(annotation, Section):
        if annotation not in seen:
            seen.add(annotation)
            yield annotation
            for field in annotation.model_fields.values():
                yield from sections(field.annotation, seen)
    elif get_origin(annotation) in {Union, types.UnionType, Annotated, dict, tuple}:
        for part in get_args(annotation):
            yield from sections(part, seen)


SECTIONS = tuple(sections(Protocol, set()))
FIELDS = [(section, name) for section in SECTIONS for name in section.model_fields]


@pytest.mark.parametrize(
    ("section", "name"), FIELDS, ids=lambda one: one if isinstance(one, str) else one.__name__
)
def test_every_key_says_what_to_write(section, name):
    """A message never ends with what was found; a required key has a value that would be right."""
    field = section.model_fields[name]
    (say,) = [one for one in field.metadata if isinstance(one, Say)]
    assert say.about.endswith(".")
    assert say.write
    assert not say.write.endswith(".")
    if field.is_required():
        assert say.sample is not None


@pytest.mark.parametrize("section", SECTIONS, ids=lambda one: one.__name__)
def test_samples_make_a_section(section):
    """The values that stand in for what is missing are accepted."""
    assert section.model_validate(sample(section))


def test_the_tour_saw_everything():
    """The list above is that of the model."""
    assert {one.__name__ for one in SECTIONS} >= {
        "Protocol",
        "RatingItem",
        "ExternalScore",
        "StopWhen",
        "Concomitant",
    }


@pytest.mark.parametrize(
    ("path", "write"),
    [
        (("conditions", "on", "times", 0), 'a time of day such as "08:00"'),
        (("instruments", "x", "ratings", 3, "better"), "higher or lower"),
        (("analysis", "contrasts", "a_b", "a"), "a number such as 1 or -0.5"),
        (("batteries", "x", 0), "the name of an instrument, of one of its parts, or of a battery"),
        (
            ("instruments", "x", "params", "n", 2),
            "a number, true, false, a word in small letters, or a list of numbers",
        ),
    ],
)
def test_places_deep_inside(path, write):
    """Lists and mappings are looked through; below what is told as a whole, the whole is told."""
    assert spot(path).say.write == write
