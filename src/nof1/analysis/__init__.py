"""Understood: from a frame of scores to estimates, tests, flags and one verdict per outcome and contrast."""
