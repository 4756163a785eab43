"""Notebooks into reports: papermill with one parameter, on a kernel of our own, and the page made from it."""

from __future__ import annotations

import sys

# The grammar that jsonschema would check `iri` formats with takes a second to build, and nbformat
# never asks for it; jsonschema does without a module that is marked as absent.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
