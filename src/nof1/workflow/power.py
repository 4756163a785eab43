"""Say by simulation what a protocol can find."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from nof1.analysis.power import PowerResult, simulate_power
from nof1.analysis.power_question import N_TRIALS, TARGET, question_of
from nof1.cluster.run import mapped
from nof1.encoding import frame, sha256_hex
from nof1.files.protocols import read_protocol
from nof1.protocol.digest import protocol_sha256
from nof1.report.planned_power import curve_lines, first_lines, person_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from nof1.analysis.planned import Scale
    from nof1.analysis.power_question import Power
    from nof1.analysis.simulate import Person


def plan_power(
    path: Path,
    *,
    effect: float = 0.5,
    person: Person | None = None,
    contrast: str | None = None,
    target: float = TARGET,
    most_days: int | None = None,
    n_trials: int = N_TRIALS,
    tell: Callable[[list[str]], None] | None = None,
    n_processes: int = 1,
    address: str | None = None,
) -> PowerResult:
    """Simulate the power of a protocol file.

    Parameters
    ----------
    path : Path
        The file.
    effect, person, contrast, target, most_days, n_trials
        As in `simulate_power`.
    tell : callable, optional
        Gets lines as soon as they are there: the first answer, then the curve, both long before the designs.
    n_processes, address
        As in `run_all`: where costs and designs are simulated. The digits do not depend on it.

    Returns
    -------
    PowerResult
        The same digits whenever the same file is asked the same.

    Raises
    ------
    ProtocolError
        With all problems of the file.
    ValueError
        As `simulate_power`.
    """
    protocol = read_protocol(path)
    seed = int(sha256_hex(frame(b"nof1/power/v1", protocol_sha256(protocol))), 16)
    question = question_of(protocol, person=person, contrast=contrast)

    def first(power: Power, scale: Scale) -> None:
        if tell is not None:
            tell([*first_lines(power, question.alpha, scale), *person_lines(question.person), ""])

    def then(curve: Sequence[Power], type_one: Power) -> None:
        if tell is not None:
            tell(curve_lines(curve, type_one, question.alpha))

    return simulate_power(
        protocol,
        effect,
        rng=np.random.default_rng(seed),
        person=person,
        contrast=contrast,
        target=target,
        most_days=most_days,
        n_trials=n_trials,
        run=partial(mapped, n_processes=n_processes, address=address),
        first=first,
        then=then,
    )
