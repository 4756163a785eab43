"""The rules of the document itself: what must agree between its sections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nof1.protocol.rules_measurement import measurement_findings
from nof1.protocol.rules_plan import plan_findings
from nof1.protocol.rules_treatment import treatment_findings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nof1.protocol.finding import Finding
    from nof1.protocol.model import Protocol


def document_findings(protocol: Protocol) -> Iterator[Finding]:
    """Find what does not agree between the sections of a protocol.

    What needs the catalogue of tasks is asked in `battery.rules`, what needs the sequence space in
    `schedule.design`.

    Parameters
    ----------
    protocol : Protocol
        As the model read it.

    Yields
    ------
    Finding
        One for each mistake.
    """
    yield from treatment_findings(protocol)
    yield from measurement_findings(protocol)
    yield from plan_findings(protocol)
