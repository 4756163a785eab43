"""The glossary as code: codes that must not be mixed up, and words that come from a fixed list."""

from __future__ import annotations

from enum import StrEnum
from typing import NewType

TrialId = NewType("TrialId", str)
"""Name of one person's run of a protocol; also the name of its folder (``^[a-z][a-z0-9-]{2,40}$``)."""
ParticipantId = NewType("ParticipantId", str)
"""The person, under a pseudonym: 8 random characters unless given."""
ConditionCode = NewType("ConditionCode", str)
"""One thing compared: ``on``, ``off``. Never shown beside a kit before unblinding."""
KitCode = NewType("KitCode", str)
"""Code on the package for one period, such as ``K-N2PQH5``."""
InstrumentId = NewType("InstrumentId", str)
"""Local name of a test or questionnaire in a protocol, such as ``wm``."""
ScoreName = NewType("ScoreName", str)
"""``<instrument>.<score>``, such as ``wm.dprime``."""
EventId = NewType("EventId", str)
"""128 random bits, as 32 hexadecimal digits, that name one audit event."""

TRIAL_ID_PATTERN = r"^[a-z][a-z0-9-]{2,40}$"


class Mode(StrEnum):
    """Who knows the allocation before `unblind` (blinding modes)."""

    OPEN_LABEL = "open_label"
    """Everybody."""
    THIRD_PARTY = "third_party"
    """The kit preparer alone."""
    SELF_BLINDED = "self_blinded"
    """Nobody: hands shuffled the kits."""


class PeriodKind(StrEnum):
    """What a run of days is for."""

    RUN_IN = "run_in"
    TREATMENT = "treatment"
    WASHOUT = "washout"


class Better(StrEnum):
    """Which direction of a score is the better one."""

    HIGHER = "higher"
    LOWER = "lower"


class Channel(StrEnum):
    """The way by which something was entered."""

    CLI = "cli"
    CSV = "csv"
    WEB = "web"
    TEST = "test"
    API = "api"


class MissingReason(StrEnum):
    """Why a planned score has no value."""

    FORGOT = "forgot"
    ILL = "ill"
    TECHNICAL = "technical"
    REFUSED = "refused"
    OTHER = "other"
    NOT_GIVEN = "not_given"
    """A blank in the file of a finished trial: nobody wrote down why."""
