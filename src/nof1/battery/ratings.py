"""Our own ratings (CC0): whole numbers from 0 to 10, both ends named."""

from __future__ import annotations

from nof1.battery.spec import Rating
from nof1.terms import Better

LOWEST, HIGHEST = 0, 10


def _benefit(id_: str, text: str, low: str = "not at all", high: str = "completely") -> Rating:
    return Rating(id=id_, text=text, low=low, high=high, better=Better.HIGHER)


def _harm(id_: str, text: str, high: str = "worst imaginable") -> Rating:
    return Rating(id=id_, text=text, low="none", high=high, better=Better.LOWER, is_harm=True)


_ALL = (
    _benefit("mood", "Mood right now", "very bad", "very good"),
    _benefit("calm", "Calm right now"),
    _benefit("focus", "Focus right now"),
    _benefit("energy", "Energy right now", "none", "full of it"),
    _benefit("motivation", "Motivation right now", "none", "very strong"),
    _benefit("mental_clarity", "Clarity of thought right now", "foggy", "perfectly clear"),
    _harm("low_mood", "Low mood since the last rating"),
    _harm("anxiety", "Anxiety since the last rating"),
    _harm("irritability", "Irritability since the last rating"),
    _harm("nervousness", "Nervousness since the last rating"),
    _harm("headache", "Headache since the last rating"),
    _harm("dizziness", "Dizziness since the last rating"),
    _harm("nausea", "Nausea since the last rating"),
    _harm("sleepiness", "Sleepiness since the last rating", "could not stay awake"),
    _harm("restlessness", "Restlessness since the last rating"),
    _harm("insomnia_last_night", "Sleeplessness last night", "no sleep at all"),
)

RATINGS = {rating.id: rating for rating in _ALL}
"""By id."""
