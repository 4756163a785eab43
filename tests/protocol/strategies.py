"""Protocols of many shapes, as documents that a person could have written."""

from __future__ import annotations

from hypothesis import strategies as st

NAMES = st.sampled_from(["day", "wm", "vigil", "words", "phq", "app", "own"])
TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Zl", "Zp")), min_size=1, max_size=30
).filter(lambda text: text.strip())
CLOCKS = st.builds("{:02d}:{:02d}".format, st.integers(0, 23), st.integers(0, 59))
INSTRUMENTS = {
    "day": {"ratings": ["mood", "headache"]},
    "wm": {"task": "nback", "params": {"n": 2, "on_ms": 450.5}},
    "vigil": {"task": "pvt", "params": {"isi_s": [1, 4]}, "input": "touch"},
    "words": {"task": "wordlist", "params": {"lang": "en"}},
    "phq": {"questionnaire": "phq8"},
    "app": {"external": {"scores": {"z": {"unit": "points", "better": "lower", "range": [-1, 1]},
                                    "a": {"unit": "s", "better": "higher", "range": [0, 9.5]}}}},
    "own": {"ratings": [{"id": "ringing", "text": "Ringing", "low": "none", "high": "loud", "better": "lower"}]},
}  # fmt: skip
SCORES = {
    "day": "day.mood", "wm": "wm.dprime", "vigil": "vigil.speed", "words": "words.delayed", "phq": "phq.total",
    "app": "app.z", "own": "own.ringing",
}  # fmt: skip

LOOKS = ["none", {"method": "e_value"}, {"method": "lan_demets", "at_blocks": [3, 5]}]


@st.composite
def designs(draw: st.DrawFn, n_conditions: int, period_days: int) -> dict[str, object]:
    """Return a design that fits its conditions."""
    design: dict[str, object] = {"period_days": period_days}
    kind = draw(st.sampled_from(["randomized_blocks", "balanced", "counterbalanced"]))
    if kind == "balanced":
        design |= {"kind": kind, "periods": n_conditions * draw(st.integers(3, 8))}
        if draw(st.booleans()):
            design["max_run"] = draw(st.integers(1, 3))
    else:
        design |= {"kind": kind, "blocks": draw(st.integers(6, 10))}
        if kind == "randomized_blocks":
            design["per_block"] = draw(st.integers(1, 2))
    if period_days > 1 and draw(st.booleans()):
        design |= {
            "onset_days": draw(st.integers(0, period_days - 1)),
            "washout_days": draw(st.integers(0, 5)),
        }
    if draw(st.booleans()):
        design["run_in"] = {"sessions": draw(st.integers(1, 5)), "within_days": draw(st.integers(5, 9))}
    return design


@st.composite
def documents(draw: st.DrawFn) -> dict[str, object]:
    """Return a whole protocol, open label so that any design will do."""
    codes = draw(
        st.lists(st.sampled_from(["on", "off", "high", "low", "yes"]), min_size=2, max_size=4, unique=True)
    )
    times = draw(st.lists(CLOCKS, min_size=1, max_size=3, unique=True))
    conditions = {
        code: {"name": f"{draw(TEXTS)} {code}", "dose": f"{place + 1} mg", "times": times}
        for place, code in enumerate(codes)
    }
    chosen = draw(st.lists(NAMES, min_size=1, max_size=5, unique=True))
    period_days = draw(st.sampled_from([1, 2, 7]))
    first, *others = codes[-1], *codes[:-1]
    outcomes = {"primary": {"score": SCORES[chosen[0]], "sesoi": 0.25}}
    if len(chosen) > 1:
        outcomes["secondary"] = [{"score": SCORES[name]} for name in chosen[1:]]
    document = {
        "nof1": 1,
        "id": draw(st.from_regex(r"[d-k][a-z0-9-]{2,40}", fullmatch=True)),
        "title": draw(TEXTS),
        "day_starts": draw(CLOCKS),
        "conditions": conditions,
        "design": draw(designs(len(codes), period_days)),
        "blinding": {"mode": "open_label"},
        "instruments": {name: INSTRUMENTS[name] for name in chosen},
        "batteries": {"all_of_it": chosen},
        "sessions": [
            {"battery": "all_of_it", "at": draw(st.lists(CLOCKS, min_size=1, max_size=3, unique=True))}
        ],
        "outcomes": outcomes,
        "safety": {"exclusions": draw(st.lists(TEXTS, max_size=3)), "max_daily_dose": "1 g"},
    }
    if draw(st.booleans()):
        document["analysis"] = {
            "alpha": draw(st.decimals("0.001", "0.2", places=4).map(float)),
            "contrasts": {f"against_{code}": {first: 0.5, code: -0.5} for code in others},
            "trend": draw(st.sampled_from(["log", "linear", "exp", "none"])),
        }
        if document["design"]["kind"] == "randomized_blocks":
            document["analysis"]["looks"] = draw(st.sampled_from(LOOKS))
    return document
