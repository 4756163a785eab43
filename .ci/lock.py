"""Write the versions that were resolved into `[tool.uv] constraint-dependencies` of pyproject.toml.

uv.lock names the hosts of package registries, so it is not committed; the pins live here instead.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

PYPROJECT = Path(__file__).resolve().parents[1] / "pyproject.toml"
BLOCK = re.compile(r"constraint-dependencies = \[\n.*?^\]\n", re.DOTALL | re.MULTILINE)


def main() -> None:
    """Resolve without the old pins, then write the new ones."""
    text = PYPROJECT.read_text(encoding="utf-8")
    PYPROJECT.write_text(BLOCK.sub("constraint-dependencies = [\n]\n", text), encoding="utf-8")
    uv = [sys.executable, "-m", "uv"]
    subprocess.run([*uv, "lock", "--quiet", "--upgrade"], check=True)
    export = subprocess.run(
        [*uv, "export", "--quiet", "--no-hashes", "--no-annotate", "--no-header", "--no-emit-project", "--all-groups"],
        check=True, capture_output=True, text=True,
    ).stdout
    pins = sorted({line.strip() for line in export.splitlines() if "==" in line}, key=str.lower)
    body = "".join(f'  "{pin}",\n' for pin in pins)
    PYPROJECT.write_text(BLOCK.sub(f"constraint-dependencies = [\n{body}]\n", text), encoding="utf-8")
    sys.stdout.write(f"{len(pins)} pins written\n")


if __name__ == "__main__":
    main()
