"""From the text of a protocol file to a protocol, or to everything that is wrong with it, in the order of the text."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from pydantic import ValidationError

from nof1.errors import Problem, ProtocolError
from nof1.protocol.fields import spot
from nof1.protocol.finding import Finding, Rule, touches, where
from nof1.protocol.model import Protocol
from nof1.protocol.rules import document_findings
from nof1.protocol.sentences import finding_of, meant
from nof1.protocol.yaml_text import read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pydantic_core import ErrorDetails

    from nof1.protocol.yaml_text import Document, Path

_MOST_REPAIRS = 40
_SEEDS = ("seed", "random_seed", "random_state", "rng_seed", "rng")


def load_protocol(text: str | bytes, source: str, rules: Sequence[Rule] = ()) -> Protocol:
    """Read a protocol file.

    A mistake does not hide the others: what is wrong is set aside, and what is left is checked as far as
    it can be understood without it.

    Parameters
    ----------
    text : str or bytes
        The text; bytes are UTF-8.
    source : str
        Name of the file, for messages.
    rules : sequence of Rule
        From higher floors: what the catalogue of tasks and the sequence space forbid. The rules of the
        document itself are always asked.

    Returns
    -------
    Protocol
        Without any problem, every default filled in.

    Raises
    ------
    ProtocolError
        With all problems in the order of the text; where the text cannot be read, with that one alone.
    """
    document = read_yaml(text, source)
    unread = [
        Problem(where=where(one.path), message=one.message, line=one.place.line, column=one.place.column)
        for one in document.unread
    ]
    seeds = list(_seeds(document.value))
    broken = {one.path for one in document.unread if one.is_lost} | {finding.path for finding in seeds}
    protocol, findings = _understood(document.value, broken)
    findings += seeds
    if protocol is not None:
        for rule in (Rule(document_findings), *rules):
            if not any(touches(need, path) for need in rule.needs for path in broken):
                told = list(_told(rule.check(protocol), broken))
                findings += told
                broken |= {finding.path for finding in told}
    problems = unread + [_problem(finding, document) for finding in findings]
    if problems or protocol is None:
        problems.sort(key=lambda problem: (problem.line or 0, problem.column or 0))
        raise ProtocolError(source, list(dict.fromkeys(problems)))
    return protocol


def _problem(finding: Finding, document: Document) -> Problem:
    place = document.place(finding.path, finding.at)
    return Problem(where=where(finding.path), message=finding.message, line=place.line, column=place.column)


def _seeds(value: object, path: Path = ()) -> Iterator[Finding]:
    """Find seeds wherever they stand: each would be an unknown key, and gets its own reason."""
    if isinstance(value, dict):
        for key, below in value.items():
            if key.lower() in _SEEDS:
                yield Finding(
                    (*path, key),
                    "a seed in the protocol would let anybody repeat the draw, and so unblind; "
                    "delete it: chance is taken when the order is drawn",
                    at="key",
                )
            else:
                yield from _seeds(below, (*path, key))
    elif isinstance(value, list):
        for index, below in enumerate(value):
            yield from _seeds(below, (*path, index))


def _told(found: Iterable[tuple[object, ...]], broken: set[Path]) -> Iterator[Finding]:
    """Leave out what rests on something that is wrong itself, or that this rule found wrong before."""
    broken = set(broken)
    told: set[Path] = set()
    for each in found:
        finding = Finding(*each)  # type: ignore[arg-type]  # rules of other floors give pairs of path and message
        is_lost = any(touches(finding.path, wrong) for wrong in broken)
        if not is_lost and not any(touches(need, wrong) for need in finding.needs for wrong in broken | told):
            told.add(finding.path)
            yield finding


def _understood(value: dict[str, object], broken: set[Path]) -> tuple[Protocol | None, list[Finding]]:
    """Build the protocol; what is wrong is taken out, and what is missing then gets a value that is right.

    All that was taken out or put in is added to `broken`.
    """
    value = copy.deepcopy(value)
    for path in list(broken):
        broken.add(_take_out(value, path))
    findings: list[Finding] = []
    for _ in range(_MOST_REPAIRS):
        try:
            return Protocol.model_validate(value), findings
        except ValidationError as error:
            found = [finding_of(one) for one in error.errors(include_url=False) if not _is_echo(one)]
        # A key that is misspelt is not told as missing too, and nothing is known of what stands under it.
        broken |= {meant_path for finding in found for meant_path in _meant(finding, value)}
        # What follows from an earlier repair is not the writer's mistake.
        findings += [one for one in found if not any(touches(one.path, path) for path in broken)]
        for finding in found:
            if finding.message.startswith("missing"):
                _put_in(value, finding.path)
            else:
                broken.add(_take_out(value, finding.path))
            broken.add(finding.path)
    return None, findings


def _meant(finding: Finding, value: dict[str, object]) -> Iterator[Path]:
    """Yield the path that an unknown key was meant to be, where nothing stands there."""
    if finding.at == "key":
        *holder, found = finding.path
        key = meant(str(found), spot(tuple(holder)).keys)
        here = _at(value, tuple(holder))
        if key is not None and isinstance(here, dict) and key not in here:
            yield (*holder, key)


def _is_echo(error: ErrorDetails) -> bool:
    """Tell whether a list is called too short because entries of it are wrong: these are told themselves."""
    return error["type"] == "too_short" and len(error["input"]) >= error["ctx"]["min_length"]


def _take_out(value: dict[str, object], path: Path) -> Path:
    """Delete a key; an entry of a list goes with its whole list, so that no other changes its place."""
    while path and isinstance(path[-1], int):
        path = path[:-1]
    holder = _at(value, path[:-1])
    if path and isinstance(holder, dict):
        holder.pop(str(path[-1]), None)
    return path


def _put_in(value: dict[str, object], path: Path) -> None:
    holder = _at(value, path[:-1])
    say = spot(path).say
    if isinstance(holder, dict) and say is not None:
        holder[str(path[-1])] = copy.deepcopy(say.sample)


def _at(value: object, path: Path) -> object:
    for step in path:
        if isinstance(value, dict):
            value = value.get(str(step))
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value
