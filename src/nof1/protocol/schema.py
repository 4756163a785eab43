"""The JSON Schema of protocol files, for editors and for other programs."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from pydantic.json_schema import GenerateJsonSchema

from nof1.protocol.model import Protocol

if TYPE_CHECKING:
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import core_schema

DIALECT = "https://json-schema.org/draft/2020-12/schema"


# What pydantic leaves in its own words where a number is read by a function of ours.
_BOUNDS = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}


class _Generator(GenerateJsonSchema):
    """Numbers are numbers here, and a mapping has no key but those whose names may be."""

    schema_dialect = DIALECT

    def decimal_schema(self, schema: core_schema.DecimalSchema) -> JsonSchemaValue:
        """Write a number; in a protocol text is none."""
        return {"type": "number", **{key: schema[key] for key in _BOUNDS if key in schema}}  # type: ignore[literal-required]

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        """Write a mapping; a key that does not fit is a mistake."""
        return {**super().dict_schema(schema), "additionalProperties": False}

    def encode_default(self, dft: object) -> object:
        """Write a default as it would stand in the file."""
        return _plain(dft) if isinstance(dft, Decimal) else super().encode_default(dft)


def json_schema() -> dict[str, object]:
    """Return the schema of protocol files.

    It accepts every file that the loader accepts; what it cannot express (that sections agree with each
    other, that a score exists) the loader alone refuses.

    Returns
    -------
    dict of str to object
        JSON Schema 2020-12.

    Examples
    --------
    >>> json_schema()["$schema"]
    'https://json-schema.org/draft/2020-12/schema'
    """
    schema = Protocol.model_json_schema(schema_generator=_Generator)
    return {"$schema": DIALECT, **_translated(schema), "title": "Protocol of an N-of-1 trial"}


def _translated(value: dict[str, object]) -> dict[str, object]:
    return {_BOUNDS.get(key, key): _translated_value(below) for key, below in value.items()}


def _translated_value(value: object) -> object:
    if isinstance(value, dict):
        return _translated(value)
    if isinstance(value, list):
        return [_translated_value(one) for one in value]
    return _plain(value) if isinstance(value, Decimal) else value


def _plain(number: int | Decimal) -> int | float:
    return int(number) if number == int(number) else float(number)
