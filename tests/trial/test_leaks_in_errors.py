"""Whatever fails where a secret or a card becomes a condition: the error tells of neither, and nothing is left behind."""

from __future__ import annotations

import sqlite3
import sys
import traceback
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from functools import cache, partial
from inspect import unwrap
from types import FunctionType
from typing import TYPE_CHECKING

import pytest

from nof1.blinding import cards, commitment, kits, opening, order, packing, public, sealed
from nof1.blinding.kits import read_card_key
from nof1.blinding.sealed import Secret
from nof1.errors import StoreError
from nof1.files import protocols, secrets
from nof1.workflow import emergency, kit_check, kit_draw, kit_plan, unblind
from nof1.workflow.demo import simulated_entropy
from nof1.workflow.unblind import unblind_trial

from ..workflow.playing import Player, quick_folder  # noqa: TID252 - tests have no absolute names
from .leak_scan import Known, Watch, leaks_in
from .watched import NAMES, TEXTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MODULES = (
    *(cards, commitment, kits, opening, order, packing, public, sealed, secrets),
    *(emergency, kit_check, kit_draw, kit_plan, unblind),
)
"""All that a secret, a card, or what a kit holds goes through."""
FILES = frozenset(module.__file__ for module in MODULES)
THROWN = (RuntimeError, OSError, KeyError, ValueError, MemoryError, KeyboardInterrupt)
CALLS = ("kit draw", "kit check", "open with the secret", "kit plan", "open with the cards", "check a card")


class Case:
    """A trial at its end, and one call of those in which something is known that must not be told."""

    def __init__(self, player: Player, known: Known, call: Callable[[], object]) -> None:
        self.player, self.known, self.call = player, known, call
        self._watch = Watch([player.workspace], known)
        self._before = self._content()

    def _content(self) -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in self.player.workspace.rglob("*") if path.is_file()}

    def tells(self) -> list[str]:
        """Call it; return what an error tells, all that led to it included, and what is left on the participant's side."""
        told = []
        try:
            self.call()
        except BaseException as error:  # noqa: BLE001 - whatever was thrown
            told += leaks_in(_all_of(error), self.known, "error")
        after = self._content()
        if after != self._before:
            if self.player.kinds()[-1] != "unblinded":  # that it is open now is what was asked for
                told += self._watch.look()
            for path in after.keys() - self._before.keys():
                path.unlink()
            for path, data in self._before.items():
                path.write_bytes(data)
        return told


def _all_of(error: BaseException) -> str:
    """Return all that a terminal or a log could show of an error, also of one that cannot say itself."""
    with suppress(Exception):
        return f"{error}\n{error.args!r}\n" + "".join(traceback.format_exception(error))
    return repr(error.args) + "".join(traceback.format_tb(error.__traceback__))


@pytest.fixture(scope="module")
def cases(tmp_path_factory):
    """Return every call, on a trial that is locked."""
    with quick_folder(tmp_path_factory.getbasetemp()) as root:
        players = {mode: Player(root / mode, text) for mode, text in TEXTS.items()}
        for player in players.values():
            player.play(1)
            player.lock(13)
        yield dict(
            zip(
                CALLS,
                (*_of_a_preparer(players["third_party"]), *_alone(players["self_blinded"])),
                strict=True,
            )
        )


def _of_a_preparer(player: Player) -> Iterator[Case]:
    known = Known.of(
        player.preparer / "kits", (player.text, player.trial.registration.protocol_canonical), NAMES
    )
    typed = " ".join(Secret(known.secret).sheet())
    folders = (player.preparer / f"again {n}" for n in range(10**6))

    def draw() -> None:
        theirs = replace(player.context, entropy=simulated_entropy(f"preparer {player.seed}".encode()))
        kit_draw.draw_kits(player.preparer / "protocol.yaml", next(folders), theirs)

    yield Case(player, known, draw)
    yield Case(player, known, lambda: kit_check.check_kits(player.preparer / "kits", typed))
    yield Case(player, known, lambda: unblind_trial(player.folder, player.context, secret=player.secret))


def _alone(player: Player) -> Iterator[Case]:
    boxes = player.pack()
    held = {code: (str(boxes.contents[code]), read_card_key(key)) for code, key in boxes.keys.items()}
    texts = (player.text, player.trial.registration.protocol_canonical)
    known = Known(secret=None, kits=held, names=NAMES, protocol=texts)
    folders = (player.workspace / f"again {n}" for n in range(10**6))
    code, (_, key) = min(held.items())

    def plan() -> None:
        ours = replace(player.context, entropy=simulated_entropy(b"tests, sheets"))
        kit_plan.plan_packing(player.protocol, next(folders), ours)

    yield Case(player, known, plan)
    yield Case(player, known, lambda: unblind_trial(player.folder, player.context, cards=boxes.cards))
    yield Case(player, known, lambda: emergency.check_card(player.folder, code, key, player.context))


_remembered = cache(partial(protocols.parse_protocol, source="protocol.yaml"))


@pytest.fixture(autouse=True)
def _read_once(monkeypatch):
    """Read a protocol once: what a text means does not depend on who reads it."""
    monkeypatch.setattr(protocols, "parse_protocol", lambda text, *_args, **_options: _remembered(text))


@contextmanager
def tracing(at_line: Callable[[tuple[str, int]], None]) -> Iterator[None]:
    """Call a function at every line of the modules."""

    def local(frame, event, _argument):
        if event == "line":
            at_line((frame.f_code.co_filename, frame.f_lineno))
        return local

    before = sys.gettrace()
    sys.settrace(lambda frame, _event, _argument: local if frame.f_code.co_filename in FILES else None)
    try:
        yield
    finally:
        sys.settrace(before)


def test_a_fault_at_every_line_tells_nothing(cases):
    """Each line of each module once, where it is reached first; what is thrown changes from line to line."""
    done: set[tuple[str, int]] = set()
    for case in cases.values():
        lines: dict[tuple[str, int], None] = {}
        with tracing(lambda line, lines=lines: lines.setdefault(line)):
            assert case.tells() == []
        for target in [line for line in lines if line not in done]:
            thrown = THROWN[target[1] % len(THROWN)]
            hit = []

            def throw(line, target=target, thrown=thrown, hit=hit):
                if line == target and not hit:
                    hit.append(line)
                    raise thrown("injected")

            with tracing(throw):
                assert case.tells() == [], (target, thrown)
            assert hit, target
            done.add(target)
    assert {file for file, _ in done} >= FILES - {order.__file__}
    assert len(done) > 250


def functions() -> dict[str, FunctionType]:
    """Return every function and method of the modules that can be replaced where it is, whoever imported it."""
    found = {}
    for module in MODULES:
        for name, value in vars(module).items():
            members = vars(value).items() if isinstance(value, type) else [("", value)]
            for member, function in members:
                plain = getattr(function, "fget", None) or unwrap(getattr(function, "__func__", function))
                is_ours = isinstance(plain, FunctionType) and plain.__code__.co_filename == module.__file__
                if is_ours and not plain.__closure__:
                    found[f"{module.__name__}.{name}.{member}"] = plain
    return found


@contextmanager
def replaced(function: FunctionType, other: FunctionType) -> Iterator[None]:
    """Let a function do what another does, for everybody who holds it."""
    code, defaults, named = function.__code__, function.__defaults__, function.__kwdefaults__
    function.__code__, function.__defaults__, function.__kwdefaults__ = other.__code__, None, None
    try:
        yield
    finally:
        function.__code__, function.__defaults__, function.__kwdefaults__ = code, defaults, named


def _nothing(*_args, **_options):
    return None


def _what_came(*args, **_options):
    return args[0] if args else ""


@pytest.mark.parametrize("other", [_nothing, _what_came])
def test_functions_that_give_something_wrong_tell_nothing(cases, other):
    """Nothing, or what they were given: then values reach places where they were never meant to be."""
    wrong = functions()
    assert len(wrong) > 70
    for case in cases.values():
        called = set()

        def note(frame, _event, _argument, called=called):
            called.add(frame.f_code)

        sys.setprofile(note)
        try:
            case.tells()
        finally:
            sys.setprofile(None)
        for name, function in wrong.items():
            if function.__code__ in called:
                with replaced(function, other):
                    assert case.tells() == [], name


def _quote(value):
    raise KeyError(value)


def test_an_error_that_quotes_is_found(cases):
    """The look at errors sees a key, a secret, and a condition beside its kit; also in what an error was caused by."""
    case = cases["open with the cards"]
    with replaced(kits.read_card_key, _quote):
        assert any("the card key of" in line for line in case.tells())
    case = cases["open with the secret"]
    code, (condition, _) = min(case.known.kits.items())
    for said in (
        case.known.secret,
        case.known.secret.hex(),
        f"{code} holds {condition}",
        {code: condition},
    ):
        with pytest.raises(StoreError) as caught:
            _wrapped(said)
        assert leaks_in("".join(traceback.format_exception(caught.value)), case.known), said


def _wrapped(value):
    try:
        _quote(value)
    except KeyError as error:
        raise StoreError("a general word") from error


def test_a_store_that_refuses_the_opening_quotes_nothing(cases):
    """Neither the error nor all that led to it repeats what would have been written."""
    case = cases["open with the secret"]
    path = case.player.folder / "trial.sqlite"
    whole = path.read_bytes()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "CREATE TRIGGER full BEFORE INSERT ON event WHEN new.kind = 'unblinded' BEGIN SELECT RAISE(FAIL, 'full'); END"
        )
        connection.commit()
    with pytest.raises(StoreError) as caught:
        case.call()
    text = "".join(traceback.format_exception(caught.value))
    assert "INSERT INTO event" in text
    assert leaks_in(text, case.known) == []
    assert Watch([case.player.workspace], case.known).look() == []
    path.write_bytes(whole)
    with suppress(FileNotFoundError):
        path.with_name("trial.sqlite-journal").unlink()
