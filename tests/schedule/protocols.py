"""Small protocols for tests of designs and calendars; every part can be replaced."""

from __future__ import annotations

from decimal import Decimal

from nof1.protocol.model import Protocol

ON_OFF = {
    "on": {"name": "caffeine", "dose": "100 mg", "times": ["08:00"]},
    "off": {"name": "cellulose", "times": ["08:00"]},
}
THREE = {
    "high": {"name": "much", "dose": "900 mg", "times": ["08:00", "14:00"]},
    "low": {"name": "some", "dose": "600 mg", "times": ["08:00", "14:00"]},
    "none": {"name": "nothing", "times": ["08:00", "14:00"]},
}
FOUR = {
    code: {"name": code, **({"dose": f"{dose} mg"} if dose else {}), "times": ["08:00"]}
    for code, dose in (("d450", 450), ("d300", 300), ("d150", 150), ("d0", 0))
}


def make_protocol(
    design: dict | None = None,
    *,
    mode: str = "third_party",
    conditions: dict | None = None,
    **sections,
) -> Protocol:
    """Return a protocol whose other sections are as short as they can be."""
    blinding = sections.pop("blinding", {})
    return Protocol.model_validate(
        {
            "nof1": 1,
            "id": "test-trial",
            "title": "A trial",
            "conditions": conditions or ON_OFF,
            "design": {"kind": "randomized_blocks", "blocks": 6, "period_days": 7, **(design or {})},
            "blinding": {"mode": mode, **blinding},
            "instruments": {
                "wm": {"task": "nback"},
                "words": {"task": "wordlist"},
                "day": {"ratings": ["mood"]},
            },
            "batteries": {"daily": ("day", "wm"), "memory": ("words:study", "daily", "words:delayed")},
            "sessions": ({"battery": "daily", "at": "10:00"},),
            "outcomes": {"primary": {"score": "wm.dprime", "sesoi": Decimal("0.3")}},
            **sections,
        }
    )
