"""Workspaces, trials by name and path, names that are safe everywhere."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nof1.errors import TrialNotFoundError, WorkspaceError
from nof1.files.workspace import (
    check_trial_id,
    find_trial,
    find_workspace,
    init_workspace,
    inside,
    local_zone,
    trial_names,
)

links = pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")


@pytest.fixture
def workspace(tmp_path):
    """Return a workspace with two trials and things that are none."""
    init_workspace(tmp_path)
    for name in ("caffeine", "tea-sleep"):
        make_trial(tmp_path / "data" / name)
    (tmp_path / "data" / "empty-folder").mkdir()
    make_trial(tmp_path / "data" / "Not A Name")
    return tmp_path


def make_trial(folder):
    """Make a folder that counts as a trial."""
    folder.mkdir(parents=True)
    (folder / "trial.sqlite").touch()
    return folder


def test_a_workspace_is_made_once(tmp_path):
    """What is there already stays as it is; a second call makes nothing."""
    place = tmp_path / "new" / "place"
    made = init_workspace(place)
    assert [path.relative_to(place).as_posix() for path in made] == [
        "protocols", "protocols/README.md", "data", "data/README.md", "data/.gitignore", "reports", "reports/README.md",
    ]  # fmt: skip
    (place / "data" / "README.md").write_text("mine", encoding="utf-8")
    (place / "reports" / "README.md").unlink()
    assert init_workspace(place) == (place / "reports" / "README.md",)
    assert (place / "data" / "README.md").read_text(encoding="utf-8") == "mine"
    assert init_workspace(place) == ()


def test_a_file_in_the_way_is_refused(tmp_path):
    """It is not removed."""
    (tmp_path / "data").write_text("precious", encoding="utf-8")
    with pytest.raises(WorkspaceError, match="data is a file where a folder must be"):
        init_workspace(tmp_path)
    assert (tmp_path / "data").read_text(encoding="utf-8") == "precious"


def test_the_nearest_workspace_above_is_found(workspace, tmp_path_factory):
    """From anywhere inside; elsewhere the current folder stands in."""
    deep = workspace / "reports" / "a" / "b"
    deep.mkdir(parents=True)
    assert find_workspace(deep) == workspace
    inner = init_workspace(deep)[0].parent
    assert find_workspace(deep / "data") == inner
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    assert find_workspace(elsewhere) == elsewhere


def test_trials_are_found_by_name_and_by_path(workspace, monkeypatch):
    """A name is looked up under data/; a path is taken as it is."""
    folder = workspace / "data" / "caffeine"
    assert find_trial("caffeine", workspace=workspace) == folder
    assert find_trial(str(folder), workspace=workspace / "nowhere") == folder
    monkeypatch.chdir(workspace / "data")
    assert find_trial("./caffeine", workspace=workspace) == folder
    assert trial_names(workspace) == ("caffeine", "tea-sleep")
    assert trial_names(workspace / "nowhere") == ()


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("cafeine", "did you mean caffeine?"),
        ("zebra", "there are caffeine, tea-sleep"),
        ("empty-folder", "there are caffeine, tea-sleep"),
        ("../caffeine", "is no trial"),
        ("", "an empty name is no trial"),
    ],
)
def test_a_trial_that_is_not_there(workspace, text, advice):
    """The message names what is there."""
    with pytest.raises(TrialNotFoundError) as refused:
        find_trial(text, workspace=workspace)
    assert advice in str(refused.value)


def test_an_empty_workspace_says_how_to_begin(tmp_path):
    """The first command a person types may be the wrong one."""
    with pytest.raises(TrialNotFoundError, match="begin with nof1 randomize or nof1 demo"):
        find_trial("caffeine", workspace=tmp_path)


@links
def test_a_link_out_of_the_workspace_is_not_followed(workspace, tmp_path_factory):
    """A name never leads elsewhere; the real path may still be given."""
    outside = make_trial(tmp_path_factory.mktemp("outside") / "secret-trial")
    (workspace / "data" / "linked").symlink_to(outside)
    with pytest.raises(WorkspaceError, match="leads out of"):
        find_trial("linked", workspace=workspace)
    assert "linked" not in trial_names(workspace)
    assert find_trial(str(outside), workspace=workspace) == outside


@pytest.mark.parametrize("name", ["caffeine", "tea-sleep", "a12", "x" * 41, "com10", "console"])
def test_names_that_are_safe(name):
    """Small letters, digits, hyphens."""
    assert check_trial_id(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "con",
        "prn",
        "aux",
        "nul",
        "com1",
        "lpt9",
        "com0",
        "ab",
        "x" * 42,
        "Caffeine",
        "1abc",
        "a_b",
        "a b",
        "a/b",
        "..",
        "a.b",
        "é-trial",
        "abc\n",
        "",
    ],
)
def test_names_that_are_not(name):
    """Devices of Windows, paths, other scripts, and lengths that no system likes."""
    with pytest.raises(WorkspaceError):
        check_trial_id(name)


@given(st.text(max_size=20).filter(lambda text: "\0" not in text))
def test_inside_never_leaves(tmp_path_factory, text):
    """Whatever the text, the result lies below the root or is refused."""
    root = tmp_path_factory.getbasetemp()
    for path in (Path(text), Path(f"../{text}"), Path(f"a/../../{text}"), Path(f"/{text}")):
        with suppress(WorkspaceError, OSError):  # refused, or a name that the system cannot have
            assert inside(root, path).is_relative_to(root.resolve())


def test_inside_refuses_what_leads_out(tmp_path):
    """Dots, absolute paths and links are resolved first."""
    for path in (Path(".."), Path("a/../../b"), Path("/etc")):
        with pytest.raises(WorkspaceError, match="leads out of"):
            inside(tmp_path, path)
    assert inside(tmp_path, Path("a/../b")) == tmp_path / "b"


@links
def test_the_zone_of_this_machine(tmp_path, monkeypatch):
    """By the environment, by the link, by the text; a name that is no zone is passed over."""
    link, text = tmp_path / "localtime", tmp_path / "timezone"
    monkeypatch.setenv("TZ", ":Europe/Berlin")
    assert local_zone(link=link, text=text) == "Europe/Berlin"
    monkeypatch.setenv("TZ", "CET-1CEST")
    assert local_zone(link=link, text=text) is None
    monkeypatch.delenv("TZ")
    text.write_text("Asia/Tokyo\n", encoding="utf-8")
    assert local_zone(link=link, text=text) == "Asia/Tokyo"
    link.symlink_to("/usr/share/zoneinfo/America/New_York")
    assert local_zone(link=link, text=text) == "America/New_York"
