"""Damaged files: a protocol or a list of problems, quickly, and never a traceback."""

from __future__ import annotations

import json
import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nof1.errors import ProtocolError
from nof1.files.protocols import library, parse_protocol
from nof1.protocol.digest import canonical_protocol, protocol_from_canonical
from nof1.protocol.model import Protocol

from .corpus import BASE
from .test_accepted import SCHEMA, seen_by_others
from .test_generated import others_read, written

LONGEST_SECONDS = 1.0
ODD = (
    "", " ", "\t", "\n", ":", ": ", "- ", "#", "'", '"', "[", "]", "{", "}", "&a ", "*a", "!!x ", "| ", "> ", "%", "@",
    "?", "null", "~", "true", "yes", "0", "-1", "1e9", ".nan", "1_0", "0,5", "9" * 40, "[]", "{}", "[[", "\0", "\u202e",
    "\ufeff", "é", "🙂", "last", "seed: 1", "on", "off", "999999999 h", "fixed", "williams", "balanced", "daily",
    "harms.* >= 1", "a:b", "00:00 dose + 9999 min", "\\", "---\n", "...\n", "<<: ", "\r", "100000", "365",
)  # fmt: skip


def damaged(text: str, chance: random.Random) -> str:
    """Change a text in one to four places, as a slip of the hand would, or a broken disk."""
    for _ in range(chance.randint(1, 4)):
        lines = text.splitlines(keepends=True) or [""]
        place = chance.randrange(len(lines))
        match chance.randrange(7):
            case 0:
                del lines[place]
            case 1:
                lines.insert(place, lines[chance.randrange(len(lines))])
            case 2:
                lines[place] = chance.choice(["", " ", "    "]) + lines[place].lstrip()
            case 3:
                key, _, value = lines[place].partition(": ")
                lines[place] = f"{key}: {chance.choice(ODD)}{chance.choice([chr(10), '', value])}"
            case _:
                at = chance.randrange(len(lines[place]) + 1)
                end = min(len(lines[place]), at + chance.choice([0, 0, 1, 5]))
                lines[place] = lines[place][:at] + chance.choice(ODD) + lines[place][end:]
        text = "".join(lines)
    return text


def seen(text: str | bytes) -> Protocol | ProtocolError:
    """Read a text; anything but a protocol or its problems goes through."""
    start = time.process_time()
    try:
        result: Protocol | ProtocolError = parse_protocol(text, "p.yaml")
    except ProtocolError as error:
        result = error
        str(error).encode()
    problems = result.problems if isinstance(result, ProtocolError) else ()
    assert isinstance(result, Protocol) or (problems and all(one.message for one in problems))
    assert time.process_time() - start < LONGEST_SECONDS
    return result


@pytest.mark.parametrize("n", [40, pytest.param(400, marks=pytest.mark.sim)])
@pytest.mark.parametrize("name", ["base", *library()])
def test_a_damaged_file_is_read_or_refused(name, n):
    """Whatever happens to a file, the loader says something sensible about it within a second."""
    text = BASE if name == "base" else library()[name].read_text(encoding="utf-8")
    chance = random.Random(name)  # noqa: S311 - damage, not a secret
    refused = []
    for _ in range(n):
        mutant = damaged(text, chance)
        outcome = seen(mutant)
        if isinstance(outcome, ProtocolError):
            refused.append(outcome)
        else:  # then it is what another reader sees too, and what it says survives
            document = seen_by_others(mutant)
            assert SCHEMA.is_valid(document)
            assert written(outcome) == others_read(document)
            assert protocol_from_canonical(canonical_protocol(outcome)) == outcome
    assert n // 3 < len(refused) < n
    placed = [problem for error in refused for problem in error.problems if problem.line is not None]
    assert len(placed) > 0.9 * sum(len(error.problems) for error in refused)


@given(st.text(max_size=200) | st.binary(max_size=200))
@settings(max_examples=200)
def test_any_text_is_refused(text):
    """No text that is not a protocol is taken for one."""
    assert isinstance(seen(text), ProtocolError)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=8),
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
                    max_leaves=8), st.sampled_from(["conditions", "design", "blinding", "instruments", "batteries",
                    "sessions", "outcomes", "analysis", "safety", "constant", "participant", "sources"]))  # fmt: skip
@settings(max_examples=200)
def test_any_value_in_the_place_of_a_section(value, section):
    """A section can hold anything at all; the other sections are checked without it."""
    lines = BASE.splitlines(keepends=True)
    kept, inside = [], False
    for line in lines:
        inside = line.startswith(f"{section}:") or (inside and line.startswith(" "))
        kept += [] if inside else [line]
    seen("".join(kept) + f"{section}: {json.dumps(value)}\n")


@pytest.mark.parametrize(
    "text",
    [
        BASE.replace("  blocks: 6", "  blocks: 200\n  per_block: 20").replace("confirm: randomization_test", "confirm: none"),
        BASE.replace("randomized_blocks", "balanced").replace("  blocks: 6", "  periods: 400\n  max_run: 199"),
        BASE.replace("randomized_blocks", "balanced").replace("  blocks: 6", "  periods: 160\n  max_run: 3"),
        BASE.replace("randomized_blocks", "balanced").replace("  blocks: 6", "  periods: 400"),
        BASE.replace("period_days: 7", "period_days: 365").replace("[day, vigil]", "[" + "day, " * 59 + "vigil]"),
        BASE + "sources:\n" + "  - {fact: a, source: b}\n" * 2500,
        BASE.replace("title: Does coffee help?", "title: " + "x y " * 60_000),
        BASE + "constant: [" + "{name: a}, " * 4000 + "{name: b}]\n",
        BASE.replace("sessions:\n", "sessions:\n" + "".join(
            f'  - {{battery: memory, days: [{i % 6 + 1}], at: "{i % 24:02d}:{i % 60:02d}"}}\n' for i in range(47))),
        "a:\n" + "".join(f"  key_{i}: {i}\n" for i in range(9000)),
        "".join(f"key_{i}:\n" for i in range(9000)),
        "conditions:\n" + "".join(f"  c{i}: {{name: a, dose: {i}}}\n" for i in range(2500)),
    ],
    ids=["many_periods", "long_run", "long_run_that_is_counted", "all_orders", "long_periods", "sources", "long_title", "constants", "sessions", "keys",
         "empty_keys", "conditions"],
)  # fmt: skip
def test_large_files_take_no_time(text):
    """No file that is short enough to be read keeps anybody waiting."""
    seen(text)
