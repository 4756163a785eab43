"""The canonical text of a protocol, its digest, and the way back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from nof1.encoding import canonical_json, sha256_hex
from nof1.errors import Problem, ProtocolError
from nof1.protocol.finding import where
from nof1.protocol.model import Protocol
from nof1.protocol.sentences import finding_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nof1.encoding import Json


def canonical_protocol(protocol: Protocol) -> bytes:
    """Write a protocol as the one text that stands for it.

    All defaults are written out. Keys are sorted, so mappings whose order says something (conditions,
    contrasts, instruments, their outside scores, batteries) become lists of pairs.

    Parameters
    ----------
    protocol : Protocol
        That was read.

    Returns
    -------
    bytes
        Canonical JSON; stored when the trial begins and never computed again by a later version.
    """
    document: dict[str, Any] = protocol.model_dump()
    for instrument in document["instruments"].values():
        if instrument["external"] is not None:
            instrument["external"]["scores"] = _pairs(instrument["external"]["scores"])
    for key in ("conditions", "instruments", "batteries"):
        document[key] = _pairs(document[key])
    if document["design"]["extension"] is None:  # came later: a protocol without it keeps its digest
        del document["design"]["extension"]
    document["analysis"]["contrasts"] = _pairs(document["analysis"]["contrasts"])
    return canonical_json(document)


def protocol_sha256(protocol: Protocol) -> str:
    """Return the digest of a protocol, to which the draw is bound.

    Parameters
    ----------
    protocol : Protocol
        That was read.

    Returns
    -------
    str
        64 hexadecimal digits: the SHA-256 of `canonical_protocol`.
    """
    return sha256_hex(canonical_protocol(protocol))


def protocol_from_canonical(data: bytes) -> Protocol:
    """Read a protocol from its canonical text.

    No rule is asked again: what was right when the trial began stays so.

    Parameters
    ----------
    data : bytes
        As `canonical_protocol` wrote it.

    Returns
    -------
    Protocol
        The same one.

    Raises
    ------
    ProtocolError
        If the text is damaged, or of a version that this one cannot read.
    """
    source = "canonical protocol"
    try:
        return Protocol.model_validate(json.loads(data), context={"canonical": True})
    except ValidationError as error:
        found = [finding_of(one) for one in error.errors(include_url=False)]
        raise ProtocolError(
            source, [Problem(where=where(one.path), message=one.message) for one in found]
        ) from None
    except (ValueError, RecursionError):
        raise ProtocolError(
            source, [Problem(where="", message="this is not JSON; the text was damaged")]
        ) from None


def _pairs(mapping: Mapping[str, Json]) -> list[list[Json]]:
    return [[key, value] for key, value in mapping.items()]
