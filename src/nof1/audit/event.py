"""What every audit event is: plain values that write themselves as a payload and read themselves back.

A payload leaves out what is None or empty, so a field that a later version adds does not change old bytes.
Rows of a file are written by column: one list for each field that any of them has, with null where a row has nothing.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from functools import cache
from typing import (
    TYPE_CHECKING,
    ClassVar,
    Literal,
    NewType,
    Self,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

from nof1.encoding import Written, canonical_json
from nof1.errors import EntryError
from nof1.scores.columns import Columns, by_distinct

if TYPE_CHECKING:
    from nof1.encoding import Json

_Reader = Callable[[object], object]
_SCALARS = {str, int, types.NoneType}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Values that belong together inside an event, such as one score of a form."""

    def to_payload(self) -> dict[str, Json]:
        """Write the fields as values that have a canonical JSON.

        Returns
        -------
        dict of str to Json
            By field name; None and empty tuples are left out.
        """
        written: dict[str, Json] = {}
        for name in _names(type(self)):  # type: ignore[arg-type]  # as for the readers below
            value = getattr(self, name)
            if value is not None and value != ():
                written[name] = value if type(value) in {str, int} else to_plain(value)
        return written

    @classmethod
    def from_payload(cls, payload: Mapping[str, object]) -> Self:
        """Read the values back from a payload, numbers being decimal text there.

        Parameters
        ----------
        payload : mapping of str to object
            As `to_payload` writes it, after a journey through canonical JSON.

        Returns
        -------
        Part
            The same values.

        Raises
        ------
        ValueError
            If a field is missing, unknown, or of another type.
        """
        readers = _readers(cls)  # type: ignore[arg-type]  # mypy takes the values' __hash__ for the class's
        if not payload.keys() <= readers.keys():
            unknown = sorted(set(payload) - set(readers))
            raise ValueError(f"{cls.__name__} has no field {', '.join(unknown)}")
        values: dict[str, object] = {}
        name = ""
        try:
            for name, (reader, empty) in readers.items():
                if name in payload:
                    values[name] = reader(payload[name])
                elif empty is not MISSING:
                    values[name] = empty
        except ValueError as error:
            raise ValueError(f"{cls.__name__}.{name}: {error}") from None
        if len(values) < len(readers):
            lacking = next(name for name in readers if name not in values)
            raise ValueError(f"{cls.__name__} lacks the field {lacking}")
        return cls(**values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event(Part):
    """One act of a person, or of the program for a person. History is only added to.

    Attributes
    ----------
    KIND : str
        Name of the kind in the store; never changes.
    VERSION : int
        Version of the payload; a reader refuses a later one than it knows.
    FREE_TEXT : tuple of str
        Fields into which a person could slip something personal. The store keeps them apart, under a salted
        hash, so that they can be erased and the chain still holds.
    """

    KIND: ClassVar[str]
    VERSION: ClassVar[int] = 1
    FREE_TEXT: ClassVar[tuple[str, ...]] = ()


def require_reason(reason: str, act: str) -> None:
    """Refuse an empty reason where a later reader will ask for one.

    Parameters
    ----------
    reason : str
        What the person wrote.
    act : str
        What needs the reason, as the subject of a sentence.

    Raises
    ------
    EntryError
        If there is nothing but white space.
    """
    if not reason.strip():
        raise EntryError(f"{act} needs a reason; found none. Write in a few words why")


def to_plain(value: object) -> Json:
    """Write a value of an event so that it has a canonical JSON.

    Parameters
    ----------
    value : object
        Text, bool, a whole number, a part, rows by column, or a tuple of such.

    Returns
    -------
    Json
        Rows as lists by field, written already; a field that no row has is left out.

    Raises
    ------
    TypeError
        If an event cannot hold it.
    """
    if isinstance(value, Part):
        return value.to_payload()
    if isinstance(value, Columns):
        return value.written(_write_columns)
    if isinstance(value, tuple):
        return [to_plain(item) for item in value]
    if isinstance(value, str | int):
        return value
    raise TypeError(f"an event cannot hold a {type(value).__name__}")


def _write_columns(rows: Columns[Part]) -> Written:
    """Write rows by column, each value that occurs once; what comes out is the canonical JSON of the lists."""
    written = []
    for name in sorted(rows.given):
        column = rows.column(name)
        if not _is_empty(column):
            written.append(canonical_json(name) + b":[" + b",".join(by_distinct(_write_value, column)) + b"]")
    return Written(b"{" + b",".join(written) + b"}")


def _is_empty(column: Sequence[object]) -> bool:
    if column and column[0] is not None and column[0] != ():
        return False
    return column.count(None) + column.count(()) == len(column)


def _write_value(value: object) -> bytes:
    if type(value) is int:
        return b'"%d"' % value
    return canonical_json(value if value is None or type(value) is str else to_plain(value))


@cache
def _names(cls: type[Part]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(cls))


@cache
def _readers(cls: type[Part]) -> dict[str, tuple[_Reader, object]]:
    """Return for every field what reads it, and the value that its absence stands for (MISSING: none)."""
    hints = get_type_hints(cls)
    return {field.name: (_reader(hints[field.name]), _absent(hints[field.name])) for field in fields(cls)}


def _absent(hint: object) -> object:
    if get_origin(hint) is tuple:
        return ()
    if get_origin(hint) is Columns:
        return Columns.of(get_args(hint)[0], ())
    return None if types.NoneType in get_args(hint) else MISSING


def _reader(hint: object) -> _Reader:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in {Union, types.UnionType}:
        (inner,) = (argument for argument in arguments if argument is not types.NoneType)
        return _reader(inner)
    if origin in {tuple, Columns}:
        return _tuple_reader(_reader(arguments[0])) if origin is tuple else _columns_reader(arguments[0])
    if origin is Literal:
        return _choice_reader(arguments)
    if isinstance(hint, type) and issubclass(hint, Part):
        return _part_reader(hint)
    if isinstance(hint, NewType):
        return _reader(hint.__supertype__)
    return {str: _read_text, int: _read_int, bool: _read_bool}[hint]  # type: ignore[index]  # hint is a type here


def _read_text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"found {value!r}, expected text")  # noqa: TRY004 - what is wrong is stored, not passed
    return value


def _read_int(value: object) -> int:
    text = _read_text(value)
    number = int(text)
    if str(number) != text:
        raise ValueError(f"found {text!r}, expected a whole number")
    return number


def _read_bool(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"found {value!r}, expected true or false")  # noqa: TRY004 - as above
    return value


def _tuple_reader(read: _Reader) -> _Reader:
    def read_tuple(value: object) -> tuple[object, ...]:
        if not isinstance(value, list):
            raise ValueError(f"found {value!r}, expected a list")  # noqa: TRY004 - as above
        return tuple(read(item) for item in value)

    return read_tuple


def _choice_reader(choices: tuple[object, ...]) -> _Reader:
    def read_choice(value: object) -> object:
        if value not in choices:
            raise ValueError(f"found {value!r}, expected one of {', '.join(map(str, choices))}")
        return value

    return read_choice


def _part_reader(part: type[Part]) -> _Reader:
    def read_part(value: object) -> Part:
        if not isinstance(value, dict):
            raise ValueError(f"found {value!r}, expected named values")  # noqa: TRY004 - as above
        return part.from_payload(value)

    return read_part


def _columns_reader(part: type[Part]) -> _Reader:
    read_rows = _tuple_reader(_part_reader(part))
    readers = _readers(part)  # type: ignore[arg-type]  # as above

    def read_columns(value: object) -> Columns[Part]:
        if isinstance(value, list):  # rows by row, as the first version of a payload has them
            return Columns.of(part, cast("tuple[Part, ...]", read_rows(value)))
        if not isinstance(value, dict) or not all(isinstance(column, list) for column in value.values()):
            raise ValueError(f"found {value!r}, expected columns")
        if not value.keys() <= readers.keys():
            raise ValueError(
                f"{part.__name__} has no field {', '.join(sorted(value.keys() - readers.keys()))}"
            )
        return Columns(
            part, {name: _read_column(value[name], *readers[name]) for name in readers if name in value}
        )

    return read_columns


def _read_column(values: list[object], read: _Reader, empty: object) -> Sequence[object]:
    """Read the values of one field; those that can be told apart at once are read once each."""

    def read_one(value: object) -> object:
        return empty if value is None and empty is not MISSING else read(value)

    return (
        by_distinct(read_one, values) if set(map(type, values)) <= _SCALARS else list(map(read_one, values))
    )
