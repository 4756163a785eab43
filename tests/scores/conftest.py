"""A small protocol with ratings and an external test."""

from __future__ import annotations

import pytest

from nof1.battery.catalogue import scores_of
from nof1.protocol.model import Protocol


def small_protocol(**design):
    """On and off, four blocks of two, ratings and one external score."""
    return Protocol.model_validate(
        {
            "nof1": 1,
            "id": "small-trial",
            "title": "A small trial",
            "conditions": {"on": {"name": "tea"}, "off": {"name": "no tea"}},
            "design": {"kind": "randomized_blocks", "blocks": 2, "period_days": 3} | design,
            "blinding": {"mode": "open_label"},
            "instruments": {
                "day": {"ratings": ["mood", "calm"]},
                "night": {
                    "external": {"scores": {"mood": {"unit": "points", "better": "higher", "range": [-5, 5]}}}
                },
                "recall": {
                    "external": {
                        "scores": {"points": {"unit": "points", "better": "higher", "range": [0, 100]}},
                        "csv": {"time": "Played", "points": "Final score"},
                    }
                },
            },
            "sessions": [{"battery": ["day", "night", "recall"]}],
            "outcomes": {"primary": {"score": "day.mood"}},
        }
    )


@pytest.fixture(scope="session")
def protocol():
    """Make the small protocol."""
    return small_protocol()


@pytest.fixture(scope="session")
def specs(protocol):
    """Return its scores."""
    return scores_of(protocol)
