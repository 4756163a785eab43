"""What the model knows about each place of a document: what to write there, which keys there are, a value that is right."""

from __future__ import annotations

import types
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal, Union, get_args, get_origin

from nof1.protocol.model import Protocol
from nof1.protocol.section import Say, Section

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nof1.protocol.yaml_text import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """One place of a document.

    Attributes
    ----------
    say : Say or None
        What to write there; None at the root.
    keys : tuple of str
        The keys that a mapping can have there; empty where any name will do, and where it is no mapping.
    """

    say: Say | None
    keys: tuple[str, ...]


def spot(path: Path) -> Spot:
    """Look up a place.

    Parameters
    ----------
    path : Path
        What leads to it; nothing unknown but its last key.

    Returns
    -------
    Spot
        Of the value there. Below a place that is told as a whole, what is told about the whole.

    Examples
    --------
    >>> spot(("design", "period_days")).say.write
    'a number of days such as 7'
    >>> spot(("design", "run_in")).keys
    ('sessions', 'within_days', 'stop_when')
    """
    annotation: object = Protocol
    say: Say | None = None
    for step in path:
        found = next(_below(annotation, step), None)
        if found is None:
            return Spot(say=say, keys=())
        annotation, own = found
        say = own or say
    sections = [part for part in _alternatives(annotation) if _is_section(part)]
    return Spot(say=say, keys=tuple(sections[0].model_fields) if sections else ())


def sample(section: type[Section]) -> dict[str, object]:
    """Return a mapping with the required keys of a section, and values that are right.

    Parameters
    ----------
    section : type
        One of the model.

    Returns
    -------
    dict of str to object
        As the loader would read it.
    """
    required = {name: field for name, field in section.model_fields.items() if field.is_required()}
    return {
        name: say.sample for name, field in required.items() for say in field.metadata if isinstance(say, Say)
    }


def _below(annotation: object, step: str | int) -> Iterator[tuple[object, Say | None]]:
    """Yield what lies one step below: its annotation and what is said about it."""
    for part in _alternatives(annotation):
        if _is_section(part) and step in part.model_fields:
            field = part.model_fields[str(step)]
            says = [said for said in field.metadata if isinstance(said, Say)]
            yield field.annotation, says[0] if says else None
        elif get_origin(part) is dict and isinstance(step, str):
            yield _unwrapped(get_args(part)[1])
        elif get_origin(part) is tuple and isinstance(step, int):
            yield _unwrapped(get_args(part)[0])


def _unwrapped(annotation: object) -> tuple[object, Say | None]:
    if get_origin(annotation) is not Annotated:
        return annotation, None
    inner, *metadata = get_args(annotation)
    return inner, next((said for said in metadata if isinstance(said, Say)), None)


def _alternatives(annotation: object) -> Iterator[type[Section]]:
    """Yield the types that a value can have, without what is written around them."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _alternatives(get_args(annotation)[0])
    elif origin in {Union, types.UnionType}:
        for part in get_args(annotation):
            yield from _alternatives(part)
    elif origin is not Literal:
        yield annotation  # type: ignore[misc]  # types and generic aliases alike; the callers ask which


def _is_section(part: object) -> bool:
    return isinstance(part, type) and issubclass(part, Section)
