"""`nof1 serve`."""

from __future__ import annotations

import io
import secrets
import sys
import time
from typing import TYPE_CHECKING

import click

from nof1.cli.shared import actor_option, pass_context, trial_argument

if TYPE_CHECKING:
    from pathlib import Path

    from nof1.workflow.context import Context

_WARNING = (
    "Plain http: on a Wi-Fi that others share they can read what you enter, and what you enter it with. Use it at home, "
    "or on the hotspot of your phone. It goes off by itself after 30 minutes without use."
)


@click.command(epilog="Example: nof1 serve coffee · nof1 serve coffee --lan")
@trial_argument
@click.option("--lan", is_flag=True, help="Also for other devices of the local network, such as your phone.")
@click.option("--port", type=click.IntRange(0, 65535), metavar="N", help="Another port than 8417.")
@actor_option
@pass_context
def serve(context: Context, trial: Path, lan: bool, port: int | None) -> None:
    """Open the page: what is due, forms, the battery. TRIAL is shown on this machine alone, unless --lan says otherwise."""
    from nof1.web.access import Access  # noqa: PLC0415 - the server, which `--help` need not load
    from nof1.web.app import make_app  # noqa: PLC0415
    from nof1.web.server import LAN_IDLE_S, PORT, bind  # noqa: PLC0415
    from nof1.web.server import serve as run  # noqa: PLC0415
    from nof1.workflow.day import day_page  # noqa: PLC0415

    day_page(trial, context)  # a trial that cannot be shown is told here, and not in a window
    address = bind(PORT if port is None else port, lan=lan)

    def tell(token: str) -> None:
        click.echo("Opened. For one more window or device, a new link:", err=True)
        _show_link(address.lan_url or address.url, token, with_code=False)

    # The operating system's chance, whatever the context has: who knows the seed would know the token.
    access = Access(secrets.token_bytes, time.monotonic, on_used=tell)
    app = make_app(trial, context, access, hosts=address.hosts, is_lan=lan)
    if lan:
        click.echo(_WARNING, err=True)
    _show_link(address.lan_url or address.url, access.token, with_code=lan)
    click.echo("The link opens the page once. Stop with Ctrl+C; nothing is lost by that.", err=True)
    run(
        app,
        address,
        access,
        idle_s=LAN_IDLE_S if lan else None,
        on_idle=lambda: click.echo("Nobody used the page for 30 minutes; it is closed.", err=True),
    )


def _show_link(url: str, token: str, *, with_code: bool) -> None:
    link = f"{url}/enter#{token}"
    if with_code:
        import segno  # noqa: PLC0415 - for --lan alone

        drawn = io.StringIO()
        is_compact = (sys.stdout.encoding or "").lower().startswith("utf")
        segno.make(link, error="m").terminal(drawn, compact=is_compact)
        # White on black whatever the colours of the terminal are: a camera wants the code, not its negative.
        is_plain = not is_compact or not sys.stdout.isatty()
        for line in drawn.getvalue().splitlines():
            click.echo(line if is_plain else f"\x1b[97;40m{line}\x1b[0m", color=True)
    click.echo(link)
