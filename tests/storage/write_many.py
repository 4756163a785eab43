"""Write many entries to a store; started several times at once by a test. Arguments: store, name, number."""

from __future__ import annotations

import sys
from pathlib import Path

from nof1.storage.store import open_store
from trial import Writer, entry

if __name__ == "__main__":
    path, name, number = sys.argv[1:]
    writer = Writer(open_store(Path(path)), name)
    for session in range(int(number)):
        writer.write(entry(session, **{name: str(session)}))
