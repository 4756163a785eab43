"""What a person is shown in one session of a task: everything the page needs, so that it only presents.

A form is made from a public key (`seeds`), never by the page. As JSON it holds text, whole numbers (milliseconds unless
said otherwise), lists and objects only; what is null is left out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from pydantic import ConfigDict, TypeAdapter, with_config

from nof1.encoding import Json, canonical_json, sha256_hex

GENERATOR = "nof1/forms/v1"
"""Version of what makes forms; another one makes other forms from the same seed."""

StimulusKind = Literal[
    "counter", "dot", "cell", "glyph", "letter", "digit", "word", "ink", "arrows", "shape", "text"
]
Layout = Literal["one", "row", "keypad", "cells", "typed", "place"]
_STRICT = ConfigDict(extra="forbid")


@with_config(_STRICT)
@dataclass(frozen=True, slots=True, kw_only=True)
class Stimulus:
    """One thing that is shown.

    Attributes
    ----------
    kind : str
        How it is drawn.
    text : str or None
        Of a letter, digit, word, ink (the word) or text; the shape's name.
    glyph : str or None
        Id in the form's glyphs.
    cell : str or None
        Where: id of a cell of the display.
    ink : str or None
        Id in the form's inks.
    arrows : tuple of str or None
        ``left`` and ``right``, from left to right; the middle one counts.
    """

    kind: StimulusKind
    text: str | None = None
    glyph: str | None = None
    cell: str | None = None
    ink: str | None = None
    arrows: tuple[str, ...] | None = None


@with_config(_STRICT)
@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One response that can be given.

    Attributes
    ----------
    id : str
        What the record says.
    label : str
        What its pad says.
    keys : tuple of str
        `KeyboardEvent.key` in lower case; the first is the one that instructions name.
    """

    id: str
    label: str
    keys: tuple[str, ...]


@with_config(_STRICT)
@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is given back after a series of things: a list of ids or words.

    Attributes
    ----------
    kind : str
        ``digits`` (keypad), ``cells`` (touch them in order), ``words`` (typed, one after another), ``placement`` (a cell
        for each glyph, in the order of `glyphs`).
    order : str
        ``forward``, ``backward`` or ``any``.
    glyphs : tuple of str
        What is to be placed.
    limit : int
        Most that can be given.
    """

    kind: Literal["digits", "cells", "words", "placement"]
    order: Literal["forward", "backward", "any"]
    limit: int
    glyphs: tuple[str, ...] = ()


@with_config(_STRICT)
@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One trial.

    Attributes
    ----------
    index : int
        Its number in the form, from 0, practice counted.
    kind : str
        What it is for the scorer: ``target``, ``congruent``, ``go``, …
    mode : str
        ``press``: one stimulus, one response. ``series``: things one after another, then an entry.
    before_ms : int
        Nothing but the display, after the trial before, until the stimulus (or the cue).
    stimulus : Stimulus or None
        Of a press.
    cue : Stimulus or None
        Shown before the stimulus and with it.
    cue_ms : int
        From cue to stimulus.
    on_ms : int or None
        How long the stimulus stays; None: until the trial ends.
    deadline_ms : int or None
        Latest response after onset; None: none.
    length_ms : int or None
        The trial ends so long after onset, whatever is pressed; None: with the response or at the deadline.
    expected : str or None
        The right response of a press; None: the right thing is to press nothing.
    items : tuple of Stimulus
        Of a series.
    item_ms, gap_ms : int
        How long each is shown, and nothing after each.
    entry : Entry or None
        Of a series.
    answer : tuple of str
        What a complete right entry is, in the order of presentation (of a placement: in the order of its glyphs).
    """

    index: int
    kind: str
    mode: Literal["press", "series"] = "press"
    before_ms: int = 0
    stimulus: Stimulus | None = None
    cue: Stimulus | None = None
    cue_ms: int = 0
    on_ms: int | None = None
    deadline_ms: int | None = None
    length_ms: int | None = None
    expected: str | None = None
    items: tuple[Stimulus, ...] = ()
    item_ms: int = 0
    gap_ms: int = 0
    entry: Entry | None = None
    answer: tuple[str, ...] = ()


@with_config(_STRICT)
@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Which trials of a block are given.

    Attributes
    ----------
    kind : str
        ``all``: one after another. ``timed``: one after another until the time is up. ``staircase``: one after another,
        and of each only its first so many items.
    duration_ms : int or None
        Of a timed block, from its first frame.
    finish_trial : bool
        When the time is up, a trial whose stimulus is shown is finished (True) or dropped without a record (False).
    start, lowest, highest : int or None
        Items of the first list, of the shortest and of the longest one.
    down_after : int
        So many wrong lists in a row, and the next has one item less; after each right one the next has one more.
    """

    kind: Literal["all", "timed", "staircase"] = "all"
    duration_ms: int | None = None
    finish_trial: bool = True
    start: int | None = None
    lowest: int | None = None
    highest: int | None = None
    down_after: int = 2


@with_config(_STRICT)
@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """Plain text, a page of at most 60 words each, for those who press keys and for those who touch."""

    keyboard: tuple[str, ...] = ()
    touch: tuple[str, ...] = ()


@with_config(_STRICT)
@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Trials that follow each other without a pause.

    Attributes
    ----------
    id : str
        Its name in the form.
    is_practice : bool
        Practice is repeated on request, tells right from wrong, and is never scored.
    pages : Pages
        Shown before it; empty: "ready?" is enough.
    choices : tuple of Choice
        What can be pressed.
    layout : str
        How the pads lie: ``one`` (anywhere), ``row``, ``keypad``, ``cells`` (the display itself), ``typed``, ``place``.
    rule : Rule
        Which trials are given.
    trials : tuple of Trial
        In order.
    """

    id: str
    trials: tuple[Trial, ...]
    is_practice: bool = False
    pages: Pages = field(default_factory=Pages)
    choices: tuple[Choice, ...] = ()
    layout: Layout = "one"
    rule: Rule = field(default_factory=Rule)


@with_config(_STRICT)
@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A place of the display; centre and width in thousandths of its square."""

    id: str
    x: int
    y: int
    width: int


@with_config(_STRICT)
@dataclass(frozen=True, slots=True, kw_only=True)
class Display:
    """What stays on the screen.

    Attributes
    ----------
    kind : str
        ``key`` (glyph above digit), ``cells`` (places in a square), ``text`` (a line above the stimulus).
    pairs : tuple of (str, str)
        Glyph and digit.
    cells : tuple of Cell
        Places.
    text : str or None
        The line.
    """

    kind: Literal["key", "cells", "text"]
    pairs: tuple[tuple[str, str], ...] = ()
    cells: tuple[Cell, ...] = ()
    text: str | None = None


@with_config(_STRICT)
@dataclass(frozen=True, slots=True, kw_only=True)
class Ink:
    """A colour with its name, in a dark and in a light page (hexadecimal)."""

    id: str
    label: str
    on_dark: str
    on_light: str


@with_config(_STRICT)
@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A task as one person does it in one session.

    Attributes
    ----------
    task, part : str, str or None
        Id in the catalogue, and which part of it.
    generator : str
        Version of what made the form.
    seed : str
        Its seed, 64 hexadecimal digits; public.
    title : str
        In plain words.
    params : mapping of str to str
        The parameters as text, for the record.
    settings : mapping of str to int or str
        Numbers that the scorer needs.
    pages : Pages
        Instructions before everything.
    blocks : tuple of Block
        In order; a pause is possible between them.
    display : Display or None
        What stays on the screen.
    glyphs : mapping of str to str
        SVG path data in a square of 100, to be stroked.
    inks : tuple of Ink
        Colours.
    """

    task: str
    part: str | None = None
    generator: str
    seed: str
    title: str
    params: dict[str, str]
    settings: dict[str, int | str]
    pages: Pages
    blocks: tuple[Block, ...]
    display: Display | None = None
    glyphs: dict[str, str] = field(default_factory=dict)
    inks: tuple[Ink, ...] = ()

    @property
    def trials(self) -> tuple[Trial, ...]:
        """All trials that count, in order."""
        return tuple(trial for block in self.blocks if not block.is_practice for trial in block.trials)

    def to_json(self) -> dict[str, Json]:
        """Return the form as plain JSON.

        Returns
        -------
        dict
            Text, whole numbers, lists and objects; null fields are left out.
        """
        plain: dict[str, Json] = _adapter().dump_python(self, mode="json", exclude_none=True)
        return plain

    @property
    def sha256(self) -> str:
        """Digest of the canonical JSON, as 64 hexadecimal digits: what the page ran is what was made."""
        return sha256_hex(canonical_json(self.to_json()))


def form_from_json(data: object) -> Form:
    """Read a form that was stored.

    Parameters
    ----------
    data : object
        What `Form.to_json` gave.

    Returns
    -------
    Form
        The same form.

    Raises
    ------
    ValueError
        If it is not one.
    """
    return _adapter().validate_python(data)


@cache
def _adapter() -> TypeAdapter[Form]:
    return TypeAdapter(Form)
