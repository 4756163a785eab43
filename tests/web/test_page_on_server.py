"""The page of a trial that is kept on a PostgreSQL server: forms are stored once, and a server that is away loses nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import httpx
import pytest

from nof1.storage.address import read_address, write_address

from ..workflow.playing import Player  # noqa: TID252 - tests have no absolute names
from .site import HOST, PageClient, everything

RATINGS = {"day.mood": "7", "day.calm": "5", "day.focus": "skip", "day.headache": "0"}
DAY = "/session/4/form/day"


@pytest.fixture
def page(tmp_path, clinic) -> PageClient:
    """Return a window on the first morning of period 1, of a trial that is kept on a server."""
    player = Player(tmp_path, text=everything(), name="memory", store_url=clinic.writer)
    player.randomize()
    player.put(4, "10:00")
    return PageClient.opened(player)


def test_a_form_that_is_sent_by_two_windows_is_stored_once(page):
    """At the same moment: one event and one receipt; another answer is refused with both."""
    first, second = page.fields(DAY), page.fields(DAY)
    headers = {"origin": f"http://{HOST}"}
    send = {"data": {**first, **RATINGS}, "headers": headers}
    windows = [replace(page, cookies=httpx.Cookies(page.cookies)) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        answers = [done.json() for done in pool.map(lambda window: window.ask("POST", DAY, **send), windows)]
    assert len({answer["receipt"] for answer in answers}) == 1
    assert sorted(answer["duplicate"] for answer in answers) == [False, True, True]
    other = page.ask("POST", DAY, data={**second, **RATINGS, "day.mood": "2"}, headers=headers)
    assert other.status_code == 409
    assert page.player.kinds().count("scores_entered") == 1


def test_a_server_that_is_away_is_told_on_the_page_and_nothing_is_lost(page, tmp_path):
    """The answer says that nothing was saved; the same form is taken when the server is there again."""
    given = {"data": {**page.fields(DAY), **RATINGS}, "headers": {"origin": f"http://{HOST}"}}
    path = page.player.folder / "store.json"
    right = read_address(path)
    write_address(path, replace(right, url=f"postgresql:///clinic?host={tmp_path}"))
    refused = page.ask("POST", DAY, **given)
    assert refused.status_code >= 400
    assert "see that the server runs" in refused.text
    write_address(path, right)
    assert page.ask("POST", DAY, **given).json()["state"] == "saved"
    assert page.player.kinds().count("scores_entered") == 1
