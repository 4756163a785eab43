"""The participant's own limits, watched: on what is known to everybody, never on a condition."""
