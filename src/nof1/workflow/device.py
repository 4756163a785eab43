"""Which device a test was given on: reaction times of two devices differ by more than most effects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nof1.encoding import frame, sha256_hex

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nof1.workflow.trial import Trial

_RATES = (50, 60, 75, 90, 120, 144, 165, 240)
FACTS = ("browser", "os", "pointer", "refresh")
"""What identifies a device; versions change too often, addresses say too much."""


def device_facts(device: Mapping[str, object]) -> tuple[str, ...]:
    """Return what identifies a device.

    Parameters
    ----------
    device : mapping of str to object
        As the page found it: ``browser``, ``os``, ``pointer``, ``refresh_hz``.

    Returns
    -------
    tuple of str
        In the order of `FACTS`; ``?`` where something is not known.

    Examples
    --------
    >>> device_facts({"browser": "Firefox", "os": "Linux", "pointer": "fine", "refresh_hz": 59.94})
    ('Firefox', 'Linux', 'fine', '60')
    """
    rate = device.get("refresh_hz")
    known = isinstance(rate, int | float) and rate > 0
    nearest = str(min(_RATES, key=lambda hz: abs(hz - float(rate)))) if known else "?"  # type: ignore[arg-type]  # a number here
    return (*(str(device.get(name) or "?")[:40] for name in FACTS[:3]), nearest)


def fingerprint(device: Mapping[str, object]) -> str:
    """Return a digest of what identifies a device.

    Parameters
    ----------
    device : mapping of str to object
        As in `device_facts`.

    Returns
    -------
    str
        ``browser/os/pointer/refresh`` and 16 hexadecimal digits, so that a change can be told.
    """
    facts = device_facts(device)
    return f"{'/'.join(fact.replace('/', '_') for fact in facts)}#{sha256_hex(frame('nof1/device/v1', *facts))[:16]}"


def device_changes(trial: Trial, device: Mapping[str, object]) -> tuple[str, ...]:
    """Compare a device with the one of the first run.

    Parameters
    ----------
    trial : Trial
        As it stands.
    device : mapping of str to object
        As in `device_facts`.

    Returns
    -------
    tuple of str
        What differs, of `FACTS`; empty: nothing, or this is the first run.
    """
    runs = (r for runs in trial.runs.values() for r in runs)
    first = min(runs, key=lambda r: r.seq, default=None)
    if first is None or first.event.device is None:
        return ()
    held = first.event.device.partition("#")[0].split("/")
    now = [fact.replace("/", "_") for fact in device_facts(device)]
    return tuple(name for name, a, b in zip(FACTS, held, now, strict=False) if a != b)
