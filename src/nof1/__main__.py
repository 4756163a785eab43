"""The command: `python -m nof1`, and `nof1` once installed."""

from __future__ import annotations

import gc
import sys

_YOUNG, _OLDER = 250_000, 50
"""Values before the collector of circles looks at the youngest, and generations before it looks further: there are few circles,
and all that one short command loads stays below."""


def main() -> None:
    """Run the command; even a fault while it is being loaded ends in one line."""
    gc.set_threshold(_YOUNG, _OLDER, _OLDER)
    try:
        from nof1.cli.main import run  # noqa: PLC0415 - a damaged installation must be told too
    except (ImportError, OSError) as error:
        sys.stderr.write(f"nof1: cannot start: {error}; reinstall nof1, nothing was changed\n")
        raise SystemExit(1) from None
    try:
        run()
    finally:
        gc.freeze()  # what is left goes with the process: nobody needs to look for circles in it


if __name__ == "__main__":
    main()
