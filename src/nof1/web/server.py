"""The server of the page: sockets of this machine alone, or of the local network on request; off when nobody uses it."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import uvicorn
from typing_extensions import override
from uvicorn.protocols.http.h11_impl import H11Protocol

from nof1.errors import WorkspaceError

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp

    from nof1.web.access import Access

PORT = 8417
"""Always the same, so that what a browser keeps for the page is found again; `--port` takes another one."""
LAN_IDLE_S = 30 * 60.0
HEADER_SECONDS = 10.0
_MOST_CONNECTIONS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where the page can be called.

    Attributes
    ----------
    sockets : tuple of socket
        Bound and listening.
    hosts : frozenset of str
        Every ``host:port``.
    url : str
        The address to open on this machine.
    lan_url : str or None
        The address for other devices.
    """

    sockets: tuple[socket.socket, ...]
    hosts: frozenset[str]
    url: str
    lan_url: str | None


class PatientlessProtocol(H11Protocol):
    """HTTP as uvicorn speaks it; a connection that sends no whole request in time is closed."""

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn declares it
        super().connection_made(transport)
        self.loop.call_later(HEADER_SECONDS, self._close_if_silent)

    def _close_if_silent(self) -> None:
        has_asked = getattr(self, "cycle", None) is not None
        if not has_asked and not self.transport.is_closing():
            self.transport.close()


def bind(port: int, *, lan: bool) -> Address:
    """Take the port on the loopback addresses, and on the local network where that was asked for.

    Parameters
    ----------
    port : int
        0: any that is free.
    lan : bool
        Other devices may come.

    Returns
    -------
    Address
        With bound sockets.

    Raises
    ------
    WorkspaceError
        If the port is taken, or this machine is in no network.
    """
    sockets: list[socket.socket] = []
    try:
        return _address(sockets, port, lan=lan)
    except BaseException:
        for one in sockets:
            one.close()
        raise


def _address(sockets: list[socket.socket], port: int, *, lan: bool) -> Address:
    """Take one address after the other; what was taken stands in the list, so that it can be given back."""
    try:
        sockets.append(_bound(socket.AF_INET, "127.0.0.1", port))
    except OSError as error:
        raise WorkspaceError(
            f"port {port} is taken ({error.strerror}); is the page open already? Otherwise give --port {port + 1}"
        ) from None
    port = sockets[0].getsockname()[1]
    hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}
    with suppress(OSError):  # no IPv6 on this machine
        sockets.append(_bound(socket.AF_INET6, "::1", port))
        hosts.add(f"[::1]:{port}")
    lan_url = None
    if lan:
        address = lan_address()
        if address is None:
            raise WorkspaceError(
                "this machine has no address in a local network; join the Wi-Fi, or leave --lan out"
            )
        sockets.append(_bound(socket.AF_INET, address, port))
        hosts.add(f"{address}:{port}")
        lan_url = f"http://{address}:{port}"
    return Address(
        sockets=tuple(sockets), hosts=frozenset(hosts), url=f"http://127.0.0.1:{port}", lan_url=lan_url
    )


def lan_address() -> str | None:
    """Return the address of this machine in its network; no packet is sent to find it.

    Returns
    -------
    str or None
        None: no network.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address that nobody has; it only chooses the way out
        except OSError:
            return None
        found = str(probe.getsockname()[0])
    return None if found.startswith("127.") or found == "0.0.0.0" else found  # noqa: S104 - compared, not bound


def serve(
    app: ASGIApp,
    address: Address,
    access: Access,
    *,
    idle_s: float | None = None,
    on_idle: Callable[[], None] = lambda: None,
) -> None:
    """Serve until it is stopped, or nobody has used it for a while.

    Parameters
    ----------
    app : ASGIApp
        The page.
    address : Address
        Where.
    access : Access
        Knows when it was used.
    idle_s : float or None
        Off after so long [s]; None: never.
    on_idle : callable
        Is called before it goes off by itself.
    """
    config = uvicorn.Config(
        app,
        http=PatientlessProtocol,
        ws="none",
        lifespan="off",
        access_log=False,  # no address, no token, no time of day in a log
        log_level="warning",
        server_header=False,
        date_header=False,
        limit_concurrency=_MOST_CONNECTIONS,
        timeout_keep_alive=10,
        h11_max_incomplete_event_size=16_384,
        proxy_headers=False,
    )
    server = uvicorn.Server(config)

    async def run() -> None:
        task = asyncio.create_task(_watch(server, access, idle_s, on_idle)) if idle_s is not None else None
        await server.serve(sockets=list(address.sockets))
        if task is not None:
            task.cancel()

    with suppress(KeyboardInterrupt):  # Ctrl+C is how it is closed
        asyncio.run(run())


async def _watch(server: uvicorn.Server, access: Access, idle_s: float, on_idle: Callable[[], None]) -> None:
    while (left := idle_s - access.idle_s) > 0:  # noqa: ASYNC110 - it waits for time to pass, not for an event
        await asyncio.sleep(max(0.05, left))
    on_idle()
    server.should_exit = True


def _bound(family: socket.AddressFamily, host: str, port: int) -> socket.socket:
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind((host, port))
        made.listen()  # from here on nobody else can take it
    except OSError:
        made.close()
        raise
    return made
