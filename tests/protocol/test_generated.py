"""Laws for protocols of every shape: what is accepted is what was written, and it survives its canonical text."""

from __future__ import annotations

import json
import unicodedata
from decimal import Decimal
from enum import Enum

import pytest
from hypothesis import HealthCheck, given, settings

from nof1.encoding import canonical_json
from nof1.files.protocols import parse_protocol
from nof1.protocol.digest import canonical_protocol, protocol_from_canonical, protocol_sha256

from .corpus import ACCEPTED, edited
from .strategies import documents
from .test_accepted import seen_by_others

FILLED_IN = ("analysis", "blinding")  # sections to which defaults are written that depend on other sections


def plain(value: object) -> object:
    """Return a value as any reader sees it: numbers by their size, lists as lists."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float | Decimal):
        return Decimal(repr(value) if isinstance(value, float) else value).normalize()
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def written(protocol) -> dict[str, object]:
    """Return what a protocol says that was written, without the defaults."""
    said = plain(protocol.model_dump(exclude_unset=True))
    return {key: value for key, value in said.items() if key not in FILLED_IN}


def others_read(document: dict[str, object]) -> dict[str, object]:
    """Return what another program read, without the same sections."""
    return {key: value for key, value in plain(document).items() if key not in FILLED_IN}


@given(documents())
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_accepted_is_what_was_written(document):
    """Nothing is taken for something else, and nothing is lost on the way to the canonical text and back."""
    protocol = parse_protocol(json.dumps(document, ensure_ascii=False), "p.yaml")
    assert written(protocol) == plain(
        {k: v for k, v in in_normal_form(document).items() if k not in FILLED_IN}
    )
    canonical = canonical_protocol(protocol)
    again = protocol_from_canonical(canonical)
    assert again == protocol
    assert canonical_protocol(again) == canonical
    assert again.condition_codes == protocol.condition_codes
    assert list(again.contrasts) == list(protocol.contrasts)


def in_normal_form(document: dict[str, object]) -> dict[str, object]:
    """Return the document with its texts in normal form C, which is how the loader reads them."""
    return json.loads(unicodedata.normalize("NFC", json.dumps(document, ensure_ascii=False)))


@pytest.mark.parametrize("edits", ACCEPTED.values(), ids=ACCEPTED)
def test_a_second_reader_sees_the_same(edits):
    """Another parser of YAML 1.2 reads the same values out of every file that is accepted."""
    text = edited(edits)
    read = others_read(seen_by_others(text))
    assert written(parse_protocol(text, "p.yaml")) == read


def test_order_of_keys_does_not_change_the_digest():
    """What means the same has the same digest: other order of keys, other spelling of numbers, defaults written out."""
    as_it_is = parse_protocol(edited({}), "p.yaml")
    other = edited(
        {
            "nof1: 1\nid: coffee\n": "id: coffee\nnof1: 1\n",
            "alpha: 0.05": "trend: log\n  alpha: 0.050",
            "{score: vigil.speed, sesoi: 0.2}": "{sesoi: 0.20, score: vigil.speed}",
            "{on_off: {on: 1, off: -1}}": "{on_off: {off: -1, on: 1}}",
        }
    )
    assert protocol_sha256(parse_protocol(other, "p.yaml")) == protocol_sha256(as_it_is)


@pytest.mark.parametrize(
    "edits",
    [
        {'  on: {name: caffeine, dose: 200 mg, times: ["09:00"], route: oral, form: capsule}\n': "",
         "design:\n": '  on: {name: caffeine, dose: 200 mg, times: ["09:00"], route: oral, form: capsule}\ndesign:\n'},
        {"dose: 200 mg": "dose: 100 mg"},
        {"title: Does coffee help?": "title: Does it help?"},
        {"[day, vigil]": "[vigil, day]"},
    ],
)  # fmt: skip
def test_what_means_something_else_has_another_digest(edits):
    """The order of conditions is the order of the draw; doses, words and the order of a battery are promises."""
    as_it_is, other = (parse_protocol(edited(change), "p.yaml") for change in ({}, edits))
    assert protocol_sha256(other) != protocol_sha256(as_it_is)


def test_canonical_text_is_canonical_json():
    """The canonical text is what the encoding makes of it again: no other white space, order or spelling."""
    canonical = canonical_protocol(parse_protocol(edited({}), "p.yaml"))
    assert canonical_json(json.loads(canonical)) == canonical


def test_the_digest_of_a_protocol_never_moves(golden):
    """Running trials are bound to it: a change of the canonical form is a new format, not a new version."""
    golden("coffee.json", canonical_protocol(parse_protocol(edited({}), "p.yaml")).decode() + "\n")
