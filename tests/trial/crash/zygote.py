"""Starts writers that can be killed: everything is imported once, each life is a fork.

Arguments: a script that defines `write_forever(store, name, start, acknowledge)` and `write_once(store, key)`, and the
store. Commands on standard input, one a line; answers on standard output, which the children share:

    write NAME START    → pid PID        and from the child, for each entry:  ack NAME-NUMBER [again]
    once KEY GATE       → pid PID        and from the child, once the gate opens:  told WHAT
    mark                → mark           everything that was written before has been read
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import signal
import sys
import traceback
from pathlib import Path

PR_SET_PTRACER = 0x59616D61


def load(script: Path):
    """Import a script by its path."""
    spec = importlib.util.spec_from_file_location(script.stem, script)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def say(line: str) -> None:
    """Hand a line to the kernel: it arrives even if this process is killed the next moment."""
    os.write(1, f"{line}\n".encode())


def acknowledge(key: str, *, again: bool = False) -> None:
    """Tell that an entry is saved; `again`: that it was saved already, in an earlier life."""
    say(f"ack {key} again" if again else f"ack {key}")


def live(work) -> None:
    """Do the work in a child, and never return from it."""
    pid = os.fork()
    if pid:
        say(f"pid {pid}")
        return
    try:
        work()
    except BaseException:  # noqa: BLE001 - a child must end here, whatever happened
        say("told traceback " + traceback.format_exc().replace("\n", " | "))
    os._exit(0)


def once(module, store: Path, key: str, gate: str) -> None:
    """Wait until a tracer is attached, write one entry, and repeat what the person would be told."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PTRACER, ctypes.c_ulong(-1), 0, 0, 0)
    Path(gate).read_bytes()
    say(f"told {module.write_once(store, key)}")


def main() -> None:
    """Obey until standard input ends."""
    module, store = load(Path(sys.argv[1])), Path(sys.argv[2])
    if store.suffix == ".json":  # kept on a server, whose driver is loaded before the fork too
        importlib.import_module("sqlalchemy.dialects.postgresql.psycopg")
        importlib.import_module("psycopg")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead need no burial
    say("ready")
    for line in sys.stdin:
        match line.split():
            case ["write", name, start]:
                live(lambda n=name, s=start: module.write_forever(store, n, int(s), acknowledge))
            case ["once", key, gate]:
                live(lambda k=key, g=gate: once(module, store, k, g))
            case ["mark"]:
                say("mark")


if __name__ == "__main__":
    main()
