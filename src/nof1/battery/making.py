"""Parts from which the forms of all tasks are made."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING, TypeVar

from nof1.battery.form import GENERATOR, Block, Choice, Form, Pages, Trial
from nof1.battery.tasks import TASKS
from nof1.encoding import decimal_text

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence

    from nof1.battery.form import Display, Ink, Layout, Rule
    from nof1.battery.seeds import FormKey, Stream
    from nof1.battery.spec import Param

_T = TypeVar("_T")

PRESS = Choice(id="press", label="Press", keys=(" ", "enter"))
"""The one response of tasks that have one."""
LEFT_RIGHT = (
    Choice(id="left", label="Left", keys=("f", "arrowleft")),
    Choice(id="right", label="Right", keys=("j", "arrowright")),
)
"""The two responses of tasks that have two."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """The parameters of a task, read in the units that forms use.

    Attributes
    ----------
    params : mapping of str to Param
        Defaults written out.
    """

    params: Mapping[str, Param]

    def whole(self, name: str) -> int:
        """Return a count.

        Parameters
        ----------
        name : str
            The parameter.

        Returns
        -------
        int
            As the protocol says.
        """
        return int(self._decimal(name))

    def ms(self, name: str) -> int:
        """Return a time.

        Parameters
        ----------
        name : str
            The parameter; its ending says the unit.

        Returns
        -------
        int
            [ms], at least 1.
        """
        return _milliseconds(name, self._decimal(name))

    def ms_range(self, name: str) -> tuple[int, int]:
        """Return two times.

        Parameters
        ----------
        name : str
            The parameter; its ending says the unit.

        Returns
        -------
        tuple of (int, int)
            Shortest and longest [ms].

        Raises
        ------
        TypeError
            If it is one number.
        """
        value = self.params[name]
        if not isinstance(value, tuple):
            raise TypeError(f"{name} is two times")
        low, high = (_milliseconds(name, one) for one in value)
        return low, high

    def word(self, name: str) -> str:
        """Return a word.

        Parameters
        ----------
        name : str
            The parameter.

        Returns
        -------
        str
            As the protocol says.
        """
        return str(self.params[name])

    def _decimal(self, name: str) -> Decimal:
        value = self.params[name]
        if not isinstance(value, Decimal | int) or isinstance(value, bool):
            raise TypeError(f"{name} is one number")
        return Decimal(value)


def _milliseconds(name: str, value: Decimal) -> int:
    factor = 60_000 if name.endswith("_min") else 1 if name.endswith("_ms") else 1000
    return max(1, int((value * factor).to_integral_value(ROUND_HALF_EVEN)))


def made_form(
    task: str,
    numbers: Numbers,
    key: FormKey,
    *,
    pages: Pages,
    blocks: Sequence[Block],
    settings: Mapping[str, int | str] | None = None,
    part: str | None = None,
    display: Display | None = None,
    glyphs: Mapping[str, str] | None = None,
    inks: tuple[Ink, ...] = (),
) -> Form:
    """Put a form together.

    Parameters
    ----------
    task : str
        Id in the catalogue.
    numbers : Numbers
        Its parameters.
    key : FormKey
        Whose form it is.
    pages : Pages
        Instructions.
    blocks : sequence of Block
        Those without trials are left out.
    settings : mapping
        What the scorer needs.
    part : str or None
        Which part.
    display, glyphs, inks
        As in `Form`.

    Returns
    -------
    Form
        Trials numbered through.
    """
    return Form(
        task=task,
        part=part,
        generator=GENERATOR,
        seed=key.seed.hex(),
        title=TASKS[task].label,
        params={name: _text(value) for name, value in numbers.params.items()},
        settings=dict(settings or {}),
        pages=pages,
        blocks=_numbered([block for block in blocks if block.trials]),
        display=display,
        glyphs=dict(glyphs or {}),
        inks=inks,
    )


def _text(value: Param) -> str:
    if isinstance(value, tuple):
        return " ".join(decimal_text(one) for one in value)
    return value if isinstance(value, str) else decimal_text(value)


def _numbered(blocks: Sequence[Block]) -> tuple[Block, ...]:
    done: list[Block] = []
    index = 0
    for block in blocks:
        trials = []
        for trial in block.trials:
            trials.append(_copy(trial, index=index))
            index += 1
        done.append(_copy(block, trials=tuple(trials)))
    return tuple(done)


def _copy(item: _T, **changes: object) -> _T:
    fields: tuple[str, ...] = item.__dataclass_fields__  # type: ignore[attr-defined]
    return type(item)(**{**{name: getattr(item, name) for name in fields}, **changes})


def block(
    id_: str,
    trials: Sequence[Trial],
    *,
    choices: tuple[Choice, ...] = (),
    layout: Layout = "one",
    pages: Pages | None = None,
    rule: Rule | None = None,
) -> Block:
    """Put a block together; one that is called ``practice`` is practice.

    Parameters
    ----------
    id_ : str
        Its name.
    trials : sequence of Trial
        In order.
    choices, layout, pages, rule
        As in `Block`.

    Returns
    -------
    Block
        Its trials are numbered by `made_form`.
    """
    more = {} if rule is None else {"rule": rule}
    return Block(
        id=id_,
        trials=tuple(trials),
        is_practice=id_ == "practice",
        choices=choices,
        layout=layout,
        pages=pages or Pages(),
        **more,
    )


def both(*texts: str) -> Pages:
    """Return pages that are the same for keys and for touch.

    Parameters
    ----------
    *texts : str
        One a page.

    Returns
    -------
    Pages
        Twice the same.
    """
    return Pages(keyboard=texts, touch=texts)


def spread(stream: Stream, items: Sequence[_T], same: Callable[[_T], Hashable]) -> tuple[_T, ...]:
    """Return items in random order, no two alike next to each other.

    Parameters
    ----------
    stream : Stream
        Choices.
    items : sequence
        To be put in order.
    same : callable
        Items that give the same value are alike.

    Returns
    -------
    tuple
        All of them.

    Raises
    ------
    ValueError
        If more than half (rounded up) are alike, so that no such order exists.
    """
    held: dict[Hashable, list[_T]] = {}
    for item in stream.shuffled(items):
        held.setdefault(same(item), []).append(item)
    left = Counter({name: len(group) for name, group in held.items()})
    last: Hashable = None
    done: list[_T] = []
    for rest in range(len(items) - 1, -1, -1):
        possible = [name for name in left if left[name] and name != last and _can_end(left, name, rest)]
        if not possible:
            raise ValueError("so many alike cannot be kept apart")
        ticket = stream.below(sum(left[name] for name in possible))
        for name in possible:
            ticket -= left[name]
            if ticket < 0:
                break
        left[name] -= 1
        last = name
        done.append(held[name].pop())
    return tuple(done)


def _can_end(left: Counter[Hashable], taken: Hashable, rest: int) -> bool:
    """Tell whether the `rest` items after taking one can still be kept apart."""
    return all(
        count - (name == taken) <= (rest // 2 if name == taken else (rest + 1) // 2)
        for name, count in left.items()
    )


def decks(stream: Stream, cards: Sequence[_T], size: int) -> tuple[_T, ...]:
    """Return items dealt from decks that are shuffled anew, no item twice in a row.

    Parameters
    ----------
    stream : Stream
        Choices.
    cards : sequence
        A deck, each card once; two or more.
    size : int
        How many.

    Returns
    -------
    tuple
        Every card comes equally often, or once more than another.
    """
    done: list[_T] = []
    while len(done) < size:
        deck = stream.shuffled(cards)
        if done and deck[0] == done[-1]:
            place = 1 + stream.below(len(deck) - 1)
            swapped = list(deck)
            swapped[0], swapped[place] = swapped[place], swapped[0]
            deck = tuple(swapped)
        done += deck
    return tuple(done[:size])


def evenly(cards: Sequence[_T], size: int) -> tuple[_T, ...]:
    """Return so many items, each as often as the others or once more.

    Parameters
    ----------
    cards : sequence
        The different ones.
    size : int
        How many.

    Returns
    -------
    tuple
        In order.
    """
    return tuple(cards[place % len(cards)] for place in range(size))
