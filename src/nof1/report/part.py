"""One thing inside a section: sentences, a table, a figure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from nof1.report.drawn import Drawn
    from nof1.report.methods import Method
    from nof1.report.tables import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One thing inside a section."""

    kind: Literal["text", "notes", "figure", "table", "methods"]
    sentences: tuple[str, ...] = ()
    title: str = ""
    table: Table | None = None
    figure: Drawn | None = None
    methods: tuple[Method, ...] = ()
