"""The JSON Schema: valid, described, and the file beside the library is it."""

from __future__ import annotations

import json
import os

from jsonschema import Draft202012Validator

from nof1.protocol.schema import DIALECT, json_schema


def test_the_schema_is_a_schema():
    """Of the dialect that it names."""
    schema = json_schema()
    assert schema["$schema"] == DIALECT
    Draft202012Validator.check_schema(schema)


def test_every_key_has_a_description():
    """An editor can say what belongs where."""
    schema = json_schema()
    for section in [schema, *schema["$defs"].values()]:
        for name, key in section.get("properties", {}).items():
            assert "Write " in key["description"], name


def test_no_key_but_known_ones():
    """Every mapping of the schema is closed, and no bound is left in another library's words."""
    text = json.dumps(json_schema())
    assert not any(f'"{word}":' in text for word in ("ge", "gt", "le", "lt"))

    def closed(value: object) -> None:
        if isinstance(value, dict):
            if value.get("type") == "object" and ("properties" in value or "patternProperties" in value):
                assert value["additionalProperties"] is False
            for one in value.values():
                closed(one)
        elif isinstance(value, list):
            for one in value:
                closed(one)

    closed(json_schema())


def test_the_file_in_the_library_is_the_schema(root):
    """Editors find the schema beside the protocols; `make golden` writes it."""
    path = root / "protocols" / "nof1.schema.json"
    text = json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n"
    if os.environ.get("NOF1_GOLDEN") == "write":
        path.write_text(text, encoding="utf-8", newline="\n")
    assert path.read_text(encoding="utf-8") == text
