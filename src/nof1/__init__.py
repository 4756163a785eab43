"""Blinded N-of-1 trials, from protocol to report; names in order of use."""

__version__ = "0.1.0"
