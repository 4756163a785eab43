"""The published example of a prepared trial: six pairs, one spare pair."""

from __future__ import annotations

import pytest

from nof1.blinding.opening import Opening, follow
from nof1.blinding.sealed import Secret
from nof1.schedule.space import SequenceSpace, randomized_blocks

DIGEST = "ab" * 32


@pytest.fixture
def digest() -> str:
    """Return the digest of the protocol."""
    return DIGEST


@pytest.fixture
def secret() -> Secret:
    """Return the secret 00 … 1f."""
    return Secret(bytes(range(32)))


@pytest.fixture
def pairs() -> SequenceSpace:
    """Return six pairs of on and off."""
    return randomized_blocks(6, ("on", "off"))


@pytest.fixture
def spare() -> SequenceSpace:
    """Return one more pair."""
    return randomized_blocks(1, ("on", "off"))


@pytest.fixture
def opening(secret, pairs, spare) -> Opening:
    """Return what follows from the secret."""
    return follow(secret, DIGEST, pairs, [spare])
