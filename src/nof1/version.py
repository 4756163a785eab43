"""The version, on the ground, where everything may see it."""

__version__ = "0.1.0"
