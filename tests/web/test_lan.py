"""The page for other devices: on request, with one more address, and off when nobody uses it."""

from __future__ import annotations

import re
import secrets
import time

import pytest
import zxingcpp
from click.testing import CliRunner
from PIL import Image

from nof1.cli.main import cli
from nof1.errors import WorkspaceError
from nof1.web import server
from nof1.web.access import Access

from .site import PageClient


@pytest.fixture
def at_home(monkeypatch):
    """Put this machine into a network; the address is one of loopback, so that it can be bound."""
    monkeypatch.setattr(server, "lan_address", lambda: "127.0.0.9")


def closed(address) -> None:
    """Give the port back."""
    for one in address.sockets:
        one.close()


def test_one_more_address_and_no_other(at_home):
    """The address of the network is bound and allowed; nothing listens on all addresses."""
    address = server.bind(0, lan=True)
    closed(address)
    port = address.url.rpartition(":")[2]
    assert address.lan_url == f"http://127.0.0.9:{port}"
    assert f"127.0.0.9:{port}" in address.hosts
    assert not [host for host in address.hosts if host.startswith("0.0.0.0")]  # noqa: S104 - looked for, not bound


def test_without_a_network_there_is_no_lan(monkeypatch):
    """A reason and what to do, instead of a page that nobody can reach."""
    monkeypatch.setattr(server, "lan_address", lambda: None)
    with pytest.raises(WorkspaceError, match="no address in a local network"):
        server.bind(0, lan=True)


def test_a_port_that_is_taken(at_home):
    """It is said, with the next thing to try."""
    first = server.bind(0, lan=False)
    port = int(first.url.rpartition(":")[2])
    with pytest.raises(WorkspaceError, match=f"--port {port + 1}"):
        server.bind(port, lan=False)
    closed(first)


def test_it_goes_off_by_itself(player, at_home):
    """Without use for the time given; use keeps it open."""
    access = Access(secrets.token_bytes, time.monotonic)
    page = PageClient.closed(player)
    address = server.bind(0, lan=True)
    said = []
    began = time.monotonic()
    server.serve(page.app, address, access, idle_s=0.3, on_idle=lambda: said.append("off"))
    assert said == ["off"]
    assert 0.3 <= time.monotonic() - began < 5


def test_use_keeps_it_open():
    """Every request of a window that is known starts the time anew; a stranger's does not."""
    clock = [0.0]
    access = Access(secrets.token_bytes, lambda: clock[0])
    visitor = access.exchange(access.token, "peer")
    clock[0] = 100.0
    access.visitor("unknown")
    assert access.idle_s == 100.0
    access.visitor(visitor.key)
    assert access.idle_s == 0.0


def test_the_terminal_shows_address_warning_and_code(player, at_home, monkeypatch):
    """The code holds the link; the warning says what plain http means; the token is in no other place."""
    served = []
    monkeypatch.setattr(
        server,
        "serve",
        lambda app, address, access, **options: (served.append((access, options)), closed(address)),
    )
    result = CliRunner().invoke(
        cli, ["serve", str(player.folder), "--lan", "--port", "0"], obj=player.context
    )
    assert result.exit_code == 0, result.output
    access, options = served[0]
    (link,) = re.findall(r"^http://127\.0\.0\.9:\d+/enter#[0-9a-f]{32}$", result.stdout, re.MULTILINE)
    assert link.endswith(access.token)
    assert options["idle_s"] == 30 * 60
    assert "others share" in result.stderr
    assert "30 minutes" in result.stderr
    assert read_code(result.stdout) == link


def test_on_this_machine_alone_there_is_no_code(player, monkeypatch):
    """A link, and how to stop."""
    monkeypatch.setattr(server, "serve", lambda app, address, access, **options: closed(address))
    result = CliRunner().invoke(cli, ["serve", str(player.folder), "--port", "0"], obj=player.context)
    assert result.exit_code == 0
    assert re.search(r"^http://127\.0\.0\.1:\d+/enter#", result.stdout, re.MULTILINE)
    assert "█" not in result.stdout
    assert "\x1b" not in result.stdout
    assert "Ctrl+C" in result.stderr


def read_code(text: str) -> str:
    """Read the code as a camera would see it on a terminal."""
    lines = [line for line in text.splitlines() if re.search("[█▀▄\x1b]", line)]
    cells = [cells_of(line) for line in lines]
    width = max(map(len, cells))
    image = Image.new("L", (width, 2 * len(cells)), 0)
    for y, line in enumerate(cells):
        for x, (top, bottom) in enumerate(line):
            image.putpixel((x, 2 * y), 255 * top)
            image.putpixel((x, 2 * y + 1), 255 * bottom)
    (found,) = zxingcpp.read_barcodes(image.resize((8 * width, 16 * len(cells)), Image.Resampling.NEAREST))
    return found.text


def cells_of(line: str) -> list[tuple[bool, bool]]:
    """Return for every letter whether its upper and its lower half are light."""
    halves = {"█": (True, True), "▀": (True, False), "▄": (False, True), " ": (False, False)}
    inverted = False
    cells = []
    for part in re.findall("\x1b\\[[0-9;]*m|.", line):
        if part.startswith("\x1b"):
            inverted = part == "\x1b[7m" or (inverted and part not in {"\x1b[0m", "\x1b[49m", "\x1b[27m"})
        else:
            light = halves[part]
            cells.append((not light[0], not light[1]) if inverted else light)
    return cells
