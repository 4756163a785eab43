"""What is accepted: by the loader, by the schema, by the way into a canonical text and back."""

from __future__ import annotations

import io

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from nof1.files.protocols import library, parse_protocol, read_protocol
from nof1.protocol.digest import canonical_protocol, protocol_from_canonical
from nof1.protocol.schema import json_schema

from .corpus import ACCEPTED, REFUSED, edited

SCHEMA = Draft202012Validator(json_schema())
LIBRARY = sorted(library().items())


def seen_by_others(text: str) -> object:
    """Read a file as any other program with YAML 1.2 would: there, dates are text."""
    yaml = YAML(typ="safe", pure=True)
    yaml.constructor.yaml_constructors["tag:yaml.org,2002:timestamp"] = lambda _, node: node.value
    return yaml.load(io.StringIO(text.removeprefix("\ufeff"), newline=None))


@pytest.mark.parametrize("edits", ACCEPTED.values(), ids=ACCEPTED)
def test_a_protocol_without_mistakes_is_accepted(edits):
    """Nothing that is right is refused; the canonical text leads back to the same protocol."""
    protocol = parse_protocol(edited(edits), "p.yaml")
    canonical = canonical_protocol(protocol)
    again = protocol_from_canonical(canonical)
    assert again == protocol
    assert canonical_protocol(again) == canonical
    assert list(again.conditions) == list(protocol.conditions)
    assert list(again.instruments) == list(protocol.instruments)
    assert {name: list(w) for name, w in again.contrasts.items()} == {
        n: list(w) for n, w in protocol.contrasts.items()
    }


@pytest.mark.parametrize("edits", ACCEPTED.values(), ids=ACCEPTED)
def test_the_schema_accepts_what_the_loader_accepts(edits):
    """An editor shows no mistake where there is none."""
    errors = [error.message for error in SCHEMA.iter_errors(seen_by_others(edited(edits)))]
    assert errors == []


@pytest.mark.parametrize("case", [case for case in REFUSED if case.is_structural], ids=lambda case: case.name)
def test_the_schema_refuses_structural_mistakes(case):
    """What is unknown, missing, of the wrong type or not in the list is seen by an editor already."""
    assert not SCHEMA.is_valid(seen_by_others(edited(case.edits)))


@pytest.mark.parametrize(("name", "path"), LIBRARY, ids=[name for name, _ in LIBRARY])
def test_the_library_is_accepted(name, path):
    """Every file of the library is complete, named as its id, and seen as right by an editor."""
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=nof1.schema.json\n")
    assert read_protocol(path).id == name
    assert [error.message for error in SCHEMA.iter_errors(seen_by_others(text))] == []


def test_there_are_enough_of_them():
    """The table of what is accepted is as long as was promised."""
    assert len(ACCEPTED) >= 50
