"""Below these numbers nothing but a description is given."""

from __future__ import annotations

from typing import Final

FEWEST_SETS: Final = 3
"""Complete blocks."""
FEWEST_DAYS: Final = 12
"""Days of a daily design."""
FEWEST_DAYS_OF_A_CONDITION: Final = 5
"""Days of a condition of the contrast, in a daily design."""
