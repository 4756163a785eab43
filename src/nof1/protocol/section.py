"""What all sections of a protocol share: frozen, nothing unknown, and every key says what to write there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler, StringConstraints, ValidationInfo

from nof1.protocol.scalars import is_canonical

if TYPE_CHECKING:
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,23}$")]
ContrastName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=10_000)]
Words = Annotated[str, StringConstraints(max_length=10_000)]
ScoreText = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,23}\.[a-z][a-z0-9_]{0,23}$")]
EntryText = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,23}(:[a-z][a-z0-9_]{0,23})?$")]


@dataclass(frozen=True, slots=True)
class Say:
    """What a key is for and what to write there, told by the schema and by messages.

    Attributes
    ----------
    about : str
        One sentence for the schema.
    write : str
        Continues "write …": what would be right here.
    sample : object
        A value that is right; messages about the rest of a document need one where a required key is missing.
    """

    about: str
    write: str
    sample: object = None

    def __get_pydantic_json_schema__(
        self, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Put the sentence into the schema."""
        schema = handler(core)
        schema["description"] = f"{self.about} Write {self.write}."
        return schema


class Section(BaseModel):
    """Base of all sections: frozen, and nothing unknown is let in."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def from_pairs(value: object, info: ValidationInfo) -> object:
    """Read a mapping whose order counts: in a canonical text, where keys are sorted, it is a list of pairs.

    Parameters
    ----------
    value : object
        What was found.
    info : ValidationInfo
        Says whether a canonical text is read.

    Returns
    -------
    object
        A mapping where pairs were found; anything else as it is.
    """
    if is_canonical(info) and isinstance(value, list):
        if not all(isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], str) for pair in value):
            raise ValueError("pairs are needed")
        return dict(value)
    return value


def one_or_many(value: object) -> str:
    """Tell a list from a single value, so that a mistake in either is told at its own place.

    Parameters
    ----------
    value : object
        What was found.

    Returns
    -------
    str
        The tag of the alternative.
    """
    return "<many>" if isinstance(value, list | tuple) else "<one>"


def code_or_section(value: object) -> str:
    """Tell a section of its own from the code of one that nof1 brings.

    Parameters
    ----------
    value : object
        What was found.

    Returns
    -------
    str
        The tag of the alternative.
    """
    return "<section>" if isinstance(value, dict | Section) else "<code>"
