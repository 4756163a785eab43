"""What the page refuses: host × origin × token × method × size, one law for each answer."""

from __future__ import annotations

import asyncio
import itertools
import secrets
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from nof1.web.access import Access
from nof1.web.server import HEADER_SECONDS, bind

from .site import HOST, PageClient

GOOD_HOSTS = (HOST, "localhost:8417", "[::1]:8417", "LOCALHOST:8417")
BAD_HOSTS = (
    "", "evil.example", "evil.example:8417", "127.0.0.1", "127.0.0.1:80", "localhost", "127.0.0.1:8417.evil.example",
    "evil.example@127.0.0.1:8417", "0.0.0.0:8417", "127.1:8417", "[::1]", "[::ffff:127.0.0.1]:8417", "192.168.1.5:8417", " 127.0.0.1:8417",
)  # fmt: skip
BAD_ORIGINS = (
    "null", "", "http://evil.example", "https://127.0.0.1:8417", "http://127.0.0.1", "http://127.0.0.1:8418",
    "http://localhost:8417", "http://127.0.0.1:8417.evil.example", "http://127.0.0.1:8417/", "file://",
)  # fmt: skip
PAGES = (
    "/",
    "/session/4",
    "/session/4/form/day",
    "/progress",
    "/dose",
    "/event",
    "/note",
    "/csv",
    "/guess/1",
    "/card",
)
APIS = ("/api/form/4/wm", "/api/ping")
WRITES = (
    ("POST", "/note"), ("POST", "/box"), ("POST", "/dose"), ("POST", "/event"), ("POST", "/guess/1"), ("POST", "/session/4/form/day"),
    ("POST", "/csv"), ("POST", "/api/device"), ("PUT", f"/api/runs/{'a' * 32}"),
)  # fmt: skip
ORIGIN = {"origin": f"http://{HOST}"}
HEADERS = {
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}


def body_of(path: str) -> dict[str, object]:
    """Return a body of the type that a path takes."""
    if path == "/csv":
        return {"content": b"at,day.mood\n2026-03-05,5\n", "headers": {"content-type": "text/csv"}}
    if path.startswith("/api/"):
        return {"json": {"device": {}}}
    return {"data": {"text": "x"}}


def with_headers(options: dict[str, object], **headers: str) -> dict[str, object]:
    """Return the same request with more headers; an underscore stands for a hyphen."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return {**options, "headers": {**options.get("headers", {}), **named}}


@pytest.fixture(scope="module")
def window(_drawn, quick_root) -> PageClient:
    """Return a window that refused requests may share: none of them changes anything."""
    player = _drawn.copy(quick_root / f"matrix-{secrets.token_hex(4)}")
    player.put(4, "10:00")
    return PageClient.opened(player)


@pytest.fixture
def n_events(window):
    """Return how many events there were, and check afterwards that none came."""
    before = len(window.player.rows())
    yield before
    assert len(window.player.rows()) == before


@pytest.mark.parametrize("host", GOOD_HOSTS)
def test_the_names_of_this_machine_are_let_in(window, host):
    """Loopback by any of its names is the page."""
    assert window.ask("GET", "/api/ping", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    ("host", "path"), list(itertools.product(BAD_HOSTS, ("/", "/enter", "/static/nof1.css")))
)
def test_another_host_learns_nothing(window, host, path):
    """A page of another name that points here is refused before anything is looked up (DNS rebinding)."""
    answer = window.ask("GET", path, headers={"host": host})
    assert answer.status_code == 400
    assert "memory" not in answer.text


@pytest.mark.parametrize("path", [*PAGES, *APIS])
def test_without_a_session_nothing_is_shown(window, path):
    """Not one page of the trial without the cookie."""
    stranger = PageClient(window.player, window.access, window.app)
    answer = stranger.ask("GET", path)
    assert answer.status_code == 401
    assert "K-" not in answer.text
    assert "memory" not in answer.text


@pytest.mark.parametrize(("method", "path"), WRITES)
def test_without_a_session_nothing_is_written(window, n_events, method, path):
    """No cookie, no entry, whatever the origin says."""
    stranger = PageClient(window.player, window.access, window.app)
    answer = stranger.ask(method, path, **with_headers(body_of(path), **ORIGIN, x_nof1_csrf=window.csrf))
    assert answer.status_code == 401


@pytest.mark.parametrize(("origin", "write"), list(itertools.product(BAD_ORIGINS, WRITES[:2])))
def test_another_origin_writes_nothing(window, n_events, origin, write):
    """Cookie and token are right, but the request comes from elsewhere."""
    method, path = write
    answer = window.ask(method, path, **with_headers(body_of(path), origin=origin, x_nof1_csrf=window.csrf))
    assert answer.status_code == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
def test_the_browser_itself_says_that_it_is_another_site(window, n_events, site):
    """What no page can forge counts more than an origin."""
    answer = window.ask(
        "POST",
        "/note",
        **with_headers(body_of("/note"), **ORIGIN, sec_fetch_site=site, x_nof1_csrf=window.csrf),
    )
    assert answer.status_code == 403


def test_without_any_origin_nothing_is_written(window, n_events):
    """A request that says nothing of where it comes from is none of our pages."""
    assert (
        window.ask("POST", "/note", **with_headers(body_of("/note"), x_nof1_csrf=window.csrf)).status_code
        == 403
    )


@pytest.mark.parametrize(("method", "path"), WRITES)
@pytest.mark.parametrize("token", ["", "0" * 32, "tok en"])
def test_a_wrong_token_of_the_form_writes_nothing(window, n_events, method, path, token):
    """Cookie and origin are right, the token is not."""
    headers = {"x_nof1_csrf": token} if token else {}
    assert window.ask(method, path, **with_headers(body_of(path), **ORIGIN, **headers)).status_code == 403


def test_the_token_of_one_form_opens_no_other(window, n_events):
    """A token belongs to the address of its form."""
    token = window.fields("/note")["csrf"]
    answer = window.ask("POST", "/event", data={"csrf": token, "term": "x"}, headers=ORIGIN)
    assert answer.status_code == 403


@pytest.mark.parametrize(("path", "kind"), [
    ("/api/device", "text/plain"), ("/api/device", "application/x-www-form-urlencoded"), ("/note", "application/json"),
    ("/note", "multipart/form-data; boundary=x"), ("/csv", "application/json"), ("/note", ""),
])  # fmt: skip
def test_another_type_is_refused(window, n_events, path, kind):
    """JSON is JSON: a form of another page cannot send it."""
    answer = window.ask(
        "POST", path, content=b"{}", headers={**ORIGIN, "x-nof1-csrf": window.csrf, "content-type": kind}
    )
    assert answer.status_code == 415


@pytest.mark.parametrize("method", ["DELETE", "PATCH", "TRACE", "OPTIONS", "CONNECT"])
def test_other_methods_are_refused(window, n_events, method):
    """And no answer says that another page may ask (no CORS)."""
    answer = window.ask(method, "/api/ping", headers=ORIGIN)
    assert answer.status_code == 405
    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize("path", [p for _, p in WRITES])
def test_looking_changes_nothing(window, n_events, path):
    """No GET has an effect, also with every field of a form in its address."""
    window.ask("GET", f"{path}?text=x&taken=yes&term=x&severity=1&csrf={window.csrf}")


@pytest.mark.parametrize(("path", "size", "status"), [
    ("/note", 1_000_001, 413), ("/api/device", 1_000_001, 413), ("/csv", 10_000_001, 413), ("/csv", 1_500_000, 422),
])  # fmt: skip
@pytest.mark.parametrize("is_announced", [True, False])
def test_too_much_is_refused(window, n_events, path, size, status, is_announced):
    """By what is announced, and by what comes."""

    async def chunks():
        for start in range(0, size, 100_000):
            yield b"x" * min(100_000, size - start)

    kind = (
        body_of(path)
        .get("headers", {})
        .get(
            "content-type",
            "application/json" if path.startswith("/api") else "application/x-www-form-urlencoded",
        )
    )
    headers = {**ORIGIN, "x-nof1-csrf": window.csrf, "content-type": kind}
    content = b"x" * size if is_announced else chunks()
    assert window.ask("POST", path, content=content, headers=headers).status_code == status


def test_a_thousand_fields_and_no_more(window, n_events):
    """A form of a million fields costs nothing."""
    data = "&".join(f"f{n}=1" for n in range(1001))
    headers = {**ORIGIN, "x-nof1-csrf": window.csrf, "content-type": "application/x-www-form-urlencoded"}
    assert window.ask("POST", "/note", content=data, headers=headers).status_code == 400


@pytest.mark.parametrize(
    "path",
    ["/", "/enter", "/static/nof1.css", "/nowhere", "/api/nowhere", "/favicon.ico", "/session/4/run/wm"],
)
def test_every_answer_carries_the_headers(window, path):
    """Also errors, also files."""
    answer = window.ask("GET", path)
    for name, value in HEADERS.items():
        assert answer.headers[name] == value
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert ("unsafe-inline" in policy) == ("/run/" in path)


@pytest.mark.parametrize("path", [
    "/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py", "/static//etc/passwd", "/static/engine/../../guard.py", "/vendor/../__init__.py",
])  # fmt: skip
def test_no_file_beside_the_static_ones(window, path):
    """What is not meant to be given is not there."""
    answer = window.ask("GET", path)
    assert answer.status_code in {404, 401}
    assert "import" not in answer.text


def test_pages_have_no_script_and_no_style_of_their_own(window):
    """The policy would block them; so there are none."""
    for path in PAGES:
        text = window.ask("GET", path).text
        assert "<script>" not in text
        assert " style=" not in text
        assert " onclick=" not in text


def test_the_cookie_is_for_this_page_alone(window):
    """HttpOnly, Strict, and its value is not the token of the link."""
    stranger = PageClient.closed(window.player)
    token = stranger.access.token
    answer = stranger.ask("POST", "/api/enter", json={"token": token}, headers=ORIGIN)
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert token not in cookie
    assert stranger.ask("GET", "/").status_code == 200


def test_a_link_opens_once(window):
    """A second use of the same link, by whoever saw it, is refused; the next link is another one."""
    stranger = PageClient.closed(window.player)
    token = stranger.access.token
    assert stranger.ask("POST", "/api/enter", json={"token": token}, headers=ORIGIN).status_code == 200
    again = PageClient(window.player, stranger.access, stranger.app)
    assert again.ask("POST", "/api/enter", json={"token": token}, headers=ORIGIN).status_code == 403
    assert (
        again.ask("POST", "/api/enter", json={"token": stranger.access.token}, headers=ORIGIN).status_code
        == 200
    )


@pytest.mark.parametrize("token", ["", "0" * 32, None, 7, "é" * 32])
def test_a_wrong_link_opens_nothing(window, token):
    """Whatever the token is, and of whatever type."""
    stranger = PageClient.closed(window.player)
    assert stranger.ask("POST", "/api/enter", json={"token": token}, headers=ORIGIN).status_code in {403, 422}
    assert stranger.ask("GET", "/").status_code == 401


def test_guessing_is_counted():
    """Five wrong tokens a minute from an address, and it waits; others do not."""
    clock = [0.0]
    access = Access(secrets.token_bytes, lambda: clock[0])
    for _ in range(5):
        assert not access.is_locked_out("peer")
        access.exchange("wrong", "peer")
    assert access.is_locked_out("peer")
    assert not access.is_locked_out("another")
    clock[0] = 61.0
    assert not access.is_locked_out("peer")


def test_who_guesses_waits(window):
    """The answer says so, and the right token does not help meanwhile."""
    stranger = PageClient.closed(window.player)
    for _ in range(5):
        stranger.ask("POST", "/api/enter", json={"token": "0" * 32}, headers=ORIGIN)
    answer = stranger.ask("POST", "/api/enter", json={"token": stranger.access.token}, headers=ORIGIN)
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "60"


def test_only_loopback_is_bound():
    """Without --lan no other address answers."""
    address = bind(0, lan=False)
    try:
        assert {s.getsockname()[0] for s in address.sockets} <= {"127.0.0.1", "::1"}
        assert address.lan_url is None
    finally:
        for one in address.sockets:
            one.close()


def test_a_silent_connection_is_closed(site, monkeypatch):
    """Whoever opens a connection and sends a letter a minute keeps no place."""
    monkeypatch.setattr("nof1.web.server.HEADER_SECONDS", 0.2)
    with socket.create_connection(("127.0.0.1", site.port), timeout=5) as slow:
        slow.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
        began = time.monotonic()
        assert slow.recv(1000) == b""
        assert time.monotonic() - began < 4
    assert HEADER_SECONDS == 10.0


def test_a_slow_body_is_given_up(window, monkeypatch):
    """A body that does not come ends the request."""
    monkeypatch.setattr("nof1.web.guard.BODY_SECONDS", 0.05)

    async def never():
        yield b"x"
        await asyncio.sleep(5)

    headers = {**ORIGIN, "x-nof1-csrf": window.csrf, "content-type": "application/json"}

    async def send():
        sent = []
        messages = [{"type": "http.request", "body": b"{", "more_body": True}]

        async def receive():
            if messages:
                return messages.pop()
            await asyncio.sleep(5)
            return {"type": "http.disconnect"}

        async def sending(message):
            sent.append(message)

        scope = {
            "type": "http", "method": "POST", "path": "/api/enter", "query_string": b"", "client": ("127.0.0.1", 1),
            "headers": [(n.encode(), v.encode()) for n, v in {"host": HOST, **headers}.items()],
        }  # fmt: skip
        await window.app(scope, receive, sending)
        return sent[0]["status"]

    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(asyncio.run, send()).result() == 408
