"""jsPsych in the wheel: which, whole, with its licence, and without what calls home."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import sys
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def vendor() -> Path:
    """Return the folder of the installed package; without it tests skip, and fail under CI."""
    spec = importlib.util.find_spec("nof1_vendor")
    if spec is None or spec.origin is None:
        message = "jsPsych is not installed: uv sync --reinstall-package nof1"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return Path(spec.origin).parent


@pytest.fixture
def hook(root, monkeypatch):
    """Return the build hook as a module; of hatchling it needs only the base class."""
    interface = ModuleType("hatchling.builders.hooks.plugin.interface")
    interface.BuildHookInterface = type("BuildHookInterface", (), {})  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, interface.__name__, interface)
    monkeypatch.delenv("NOF1_SKIP_WEB", raising=False)
    spec = importlib.util.spec_from_file_location("hatch_build", root / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_manifest_says_what_is_there(root, vendor):
    """Versions are those of the lockfile, digests those of the files."""
    manifest = json.loads((vendor / "manifest.json").read_text())
    lock = json.loads((root / "web" / "package-lock.json").read_text())
    locked = {
        path.removeprefix("node_modules/"): entry["version"]
        for path, entry in lock["packages"].items()
        if path
    }
    assert {name: package["version"] for name, package in manifest["packages"].items()} == locked
    assert manifest["packages"]["jspsych"] == {"version": "8.3.0", "license": "MIT"}
    for name, digest in manifest["sha256"].items():
        assert hashlib.sha256((vendor / name).read_bytes()).hexdigest() == digest


def test_nothing_calls_home(vendor):
    """No source map, no font, no address in the style sheet."""
    assert "sourceMappingURL" not in (vendor / "jspsych.js").read_text()
    style = (vendor / "jspsych.css").read_text()
    assert "@font-face" not in style
    assert "url(" not in style
    assert ".jspsych-content" in style


def test_licences_go_with_it(root, vendor):
    """The notices name every package of the lockfile and travel with the files."""
    notices = (vendor / "THIRD_PARTY_NOTICES").read_text()
    lock = json.loads((root / "web" / "package-lock.json").read_text())
    for path in lock["packages"]:
        assert path.removeprefix("node_modules/") in notices
    assert "Permission is hereby granted, free of charge" in notices


def test_the_lockfile_names_no_host(root):
    """Packages are pinned by digest; where they come from is the business of the machine."""
    text = (root / "web" / "package-lock.json").read_text()
    assert "resolved" not in text
    entries = [entry for path, entry in json.loads(text)["packages"].items() if path]
    assert all(entry["integrity"].startswith("sha512-") for entry in entries)
    assert (root / "web" / ".npmrc").read_text().strip() == "omit-lockfile-registry-resolved=true"


def _npm(folder: Path, text: str) -> None:
    folder.mkdir()
    npm = folder / "npm"
    npm.write_text(f"#!/bin/sh\n{text}\n")
    npm.chmod(0o755)


def test_node_is_asked_for_only_where_there_is_none(hook, tmp_path, monkeypatch):
    """A usable npm is used; without one, or with one that is too old, the build asks for its own; skipped, for none."""
    build = hook.CustomBuildHook()
    _npm(tmp_path / "new", "echo 10.2.0")
    _npm(tmp_path / "old", "echo 6.14.1")
    (tmp_path / "none").mkdir()
    for folder, wanted in (("new", []), ("old", [hook.NODE]), ("none", [hook.NODE])):
        monkeypatch.setenv("PATH", str(tmp_path / folder))
        assert build.dependencies() == wanted
    monkeypatch.setenv("NOF1_SKIP_WEB", "1")
    assert build.dependencies() == []


def test_no_registry_is_one_clear_message(hook, root, tmp_path, monkeypatch):
    """When npm cannot fetch, the build says why and what to do, and leaves no folder behind."""
    _npm(
        tmp_path / "bin",
        'if [ "$1" = --version ]; then echo 10.2.0; else echo "npm error ENOTFOUND" >&2; exit 1; fi',
    )
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(hook.tempfile, "tempdir", str(tmp_path))
    build = hook.CustomBuildHook()
    build.target_name, build.root = "wheel", str(root)
    with pytest.raises(SystemExit) as stopped:
        build.initialize("standard", {"force_include": {}})
    for part in (
        "npm could not fetch jsPsych",
        "ENOTFOUND",
        "NOF1_SKIP_WEB=1",
        "uv sync --reinstall-package nof1",
    ):
        assert part in str(stopped.value)
    assert list(tmp_path.glob("nof1-web-*")) == []
