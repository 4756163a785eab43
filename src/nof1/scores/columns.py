"""Rows that are kept by column: a million scores cost no object of their own until somebody asks for one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import MISSING, fields
from itertools import islice
from operator import attrgetter, le
from typing import TYPE_CHECKING, Any, TypeVar, overload

from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from nof1.encoding import Written

Row = TypeVar("Row")
_Value = TypeVar("_Value")
_AT_ONCE = 100
"""Records that are turned together: few enough to stay in the cache, and not to wake the collector of circles."""


class Columns(Sequence[Row]):
    """Rows of one kind, kept by column; equal to any sequence of the same rows.

    Parameters
    ----------
    kind : type
        Dataclass of the rows.
    columns : mapping of str to sequence
        Values by field, all of the same length. A field that is not given has its default in every row.
    """

    __slots__ = ("_columns", "_defaults", "_kind", "_n_rows", "_written")

    def __init__(self, kind: type[Row], columns: Mapping[str, Sequence[Any]]) -> None:
        self._kind = kind
        self._columns = dict(columns)
        self._defaults = _defaults(kind)
        lengths = {len(column) for column in columns.values()}
        if len(lengths) > 1:
            raise ValueError(f"columns of {' and '.join(map(str, sorted(lengths)))} rows make no table")
        for name, default in self._defaults.items():
            if default is MISSING and name not in columns:
                raise ValueError(f"{kind.__name__} lacks the column {name}")
        self._n_rows = max(lengths, default=0)
        self._written: Written | None = None

    @classmethod
    def of(cls, kind: type[Row], rows: Iterable[Row]) -> Columns[Row]:
        """Lay rows out by column.

        Parameters
        ----------
        kind : type
            Their dataclass.
        rows : iterable
            The rows.

        Returns
        -------
        Columns
            The same rows.
        """
        held = list(rows)
        return cls(kind, {name: list(map(attrgetter(name), held)) for name in _defaults(kind)})

    @property
    def given(self) -> tuple[str, ...]:
        """Fields that have a column, in the order of the fields; the others hold their default throughout."""
        return tuple(name for name in self._defaults if name in self._columns)

    def column(self, name: str) -> Sequence[Any]:
        """Return the values of a field, row by row.

        Parameters
        ----------
        name : str
            The field.

        Returns
        -------
        sequence
            One value for each row; not to be changed.
        """
        if name in self._columns:
            return self._columns[name]
        return [self._defaults[name]] * self._n_rows

    def written(self, write: Callable[[Columns[Row]], Written]) -> Written:
        """Return the rows as JSON, which is written once.

        Parameters
        ----------
        write : callable
            Writes them.

        Returns
        -------
        Written
            Of the first call.
        """
        if self._written is None:
            self._written = write(self)
        return self._written

    def ordered(self, keys: Sequence[Any]) -> Columns[Row]:
        """Return the rows in the order of their keys; those with the same key stay as they stand.

        Parameters
        ----------
        keys : sequence
            One for each row.

        Returns
        -------
        Columns
            The same rows.
        """
        if all(map(le, keys, islice(keys, 1, None))):
            return self
        places = sorted(range(self._n_rows), key=keys.__getitem__)
        return Columns(
            self._kind, {name: [column[place] for place in places] for name, column in self._columns.items()}
        )

    @override
    def __len__(self) -> int:
        return self._n_rows

    @overload
    def __getitem__(self, place: int) -> Row: ...
    @overload
    def __getitem__(self, place: slice) -> Columns[Row]: ...
    @override
    def __getitem__(self, place: int | slice) -> Row | Columns[Row]:
        cells = {name: column[place] for name, column in self._columns.items()}
        return Columns(self._kind, cells) if isinstance(place, slice) else self._kind(**cells)

    @override
    def __iter__(self) -> Iterator[Row]:
        names = self._columns.keys()
        for cells in zip(*self._columns.values(), strict=True):
            yield self._kind(**dict(zip(names, cells, strict=True)))

    @override
    def __eq__(self, other: object) -> bool:
        if isinstance(other, Columns) and other._kind is self._kind:
            return len(self) == len(other) and all(
                list(self.column(name)) == list(other.column(name)) for name in {*self.given, *other.given}
            )
        return isinstance(other, Sequence) and len(self) == len(other) and all(map(_equal, self, other))

    @override
    def __hash__(self) -> int:
        return hash(tuple(self))

    @override
    def __repr__(self) -> str:
        return f"Columns({self._kind.__name__}, {self._n_rows} rows of {', '.join(self.given)})"


def column_of(rows: Sequence[Row], name: str) -> Sequence[Any]:
    """Return one field of rows, however they are kept.

    Parameters
    ----------
    rows : sequence
        Rows of one kind.
    name : str
        The field.

    Returns
    -------
    sequence
        One value for each row.
    """
    return rows.column(name) if isinstance(rows, Columns) else list(map(attrgetter(name), rows))


def columns_of(records: Iterable[Sequence[str]]) -> list[list[str]]:
    """Turn records into columns, some at a time: all at once would be as many objects as there are rows.

    Parameters
    ----------
    records : iterable of sequence of str
        Such as a reader of CSV yields; all as long as the first.

    Returns
    -------
    list of list of str
        One for each cell of the first record; empty where there is none.

    Raises
    ------
    ValueError
        If a record is longer or shorter than the first.

    Examples
    --------
    >>> columns_of([("a", "b"), ("1", "2")])
    [['a', '1'], ['b', '2']]
    """
    held = iter(records)
    columns: list[list[str]] = []
    while some := list(islice(held, _AT_ONCE)):
        columns = columns or [[] for _ in some[0]]
        if set(map(len, some)) != {len(columns)}:
            raise ValueError(f"a record has not {len(columns)} cells")
        for column, cells in zip(columns, zip(*some, strict=True), strict=True):
            column.extend(cells)
    return columns


def by_distinct(function: Callable[..., _Value], *columns: Sequence[Any]) -> list[_Value]:
    """Apply a function to the values of every row, once for each combination of values that there is.

    Parameters
    ----------
    function : callable
        Of one value from each column; the same values give the same result.
    *columns : sequence
        Of the same length; their values can be hashed, and equal ones are taken for the same.

    Returns
    -------
    list
        One result for each row; rows with the same values share it.

    Examples
    --------
    >>> by_distinct(max, [1, 1, 3], [2, 2, 1])
    [2, 2, 3]
    """
    n_rows = len(columns[0])
    if not n_rows:
        return []
    same = [column[0] == column[-1] and column.count(column[0]) == n_rows for column in columns]
    if all(same):
        return [function(*(column[0] for column in columns))] * n_rows
    if same.count(False) == 1:
        place = same.index(False)
        before, values, after = columns[:place], columns[place], columns[place + 1 :]
        firsts, lasts = [column[0] for column in before], [column[0] for column in after]
        results = {value: function(*firsts, value, *lasts) for value in set(values)}
        return list(map(results.__getitem__, values))
    of_rows = {row: function(*row) for row in set(zip(*columns, strict=True))}
    return list(map(of_rows.__getitem__, zip(*columns, strict=True)))


def _equal(one: object, other: object) -> bool:
    return one == other


def _defaults(kind: type) -> dict[str, Any]:
    return {field.name: field.default for field in fields(kind)}
