"""Every task, from the form to the scores, by a made-up person: without a page, and with one."""

from __future__ import annotations

from decimal import Decimal

import pytest

from nof1.battery.score import score_run

SHORT: dict[tuple[str, str | None], dict[str, object]] = {
    ("pvt", None): {"duration_s": 4, "isi_s": (Decimal("0.2"), Decimal("0.6"))},
    ("coding", None): {"duration_s": 5},
    ("nback", None): {"blocks": 1, "trials": 10, "targets": 3, "lures": 1, "practice": 2, "soa_ms": 500, "on_ms": 300},
    ("digit_span", None): {"lists": 3, "item_ms": 200},
    ("corsi", None): {"lists": 3, "item_ms": 200},
    ("wordlist", "study"): {"words": 4, "trials": 2, "word_ms": 150, "gap_ms": 50},
    ("wordlist", "delayed"): {"words": 4, "trials": 2, "word_ms": 150, "gap_ms": 50},
    ("stroop", None): {"congruent": 3, "incongruent": 3, "practice": 1, "iti_ms": (Decimal(100), Decimal(200))},
    ("flanker", None): {"congruent": 3, "incongruent": 3, "practice": 1, "iti_ms": (Decimal(100), Decimal(200))},
    ("gonogo", None): {"trials": 8, "nogo": 2, "window_ms": 400, "iti_ms": (Decimal(50), Decimal(100))},
    ("switch", None): {"single": 2, "mixed": 6, "cue_ms": 100},
    ("objloc", "study"): {"glyphs": 4, "trials": 2, "glyph_ms": 150},
    ("objloc", "delayed"): {"glyphs": 4, "trials": 2, "glyph_ms": 150},
    ("crt4", None): {"trials": 6, "rsi_ms": 200},
    ("srt", None): {"trials": 4, "foreperiod_s": (Decimal("0.2"), Decimal("0.4"))},
}  # fmt: skip


IN_SIGHT = ["stroop", "switch", "crt4"]
"""Tasks that no live run plays with real presses, and that a made-up person ends in seconds."""


@pytest.mark.parametrize(
    ("mode", "tasks"),
    [
        ("data-only", list(SHORT)),
        *(("visual", [name]) for name in IN_SIGHT),
        pytest.param("visual", list(SHORT), marks=pytest.mark.sim),
    ],
    ids=["data-only", *(f"visual-{name}" for name in IN_SIGHT), "visual"],
)
def test_every_task_from_form_to_scores(lab, mode, tasks):
    """What the page sends of any task is taken as it is, complete, marked simulated, with every score in its range."""
    for (name, part), params in SHORT.items():
        if name in tasks or (name, part) in tasks:
            lab.form(name, part=part, **params)
    pages = [lab.open(address, f"?simulate={mode}") for address in lab.forms] if mode == "data-only" else []
    for address in lab.forms if mode == "visual" else ():  # a page behind another one gets a frame a second
        page = lab.open(address, "?simulate=visual")
        page.wait_for_url("**/next", timeout=60_000)
        page.close()
    for page in pages:
        page.wait_for_url("**/next", timeout=120_000)  # all pages at once
    for address, form in lab.forms.items():
        body = lab.body(address)
        assert (body["status"], body["mode"]) == ("complete", mode)
        assert all(row["block"] and row["trial"] >= 0 for row in body["trials"]), address
        run = lab.run(address)
        assert (run.record.mode, run.record.ended) == ("simulated", "complete")
        is_all_given = all(block.rule.kind != "timed" for block in form.blocks)
        assert not is_all_given or [one.trial.index for one in run.given] == [
            one.index for one in form.trials
        ], address
        scored = score_run(run)
        assert "untrusted_events" in scored.flags
        assert any(one.value is not None for one in scored.values), address


def test_a_real_trial_takes_no_made_up_person(lab):
    """Without the server's leave the address of a page cannot turn a run into a simulated one."""
    lab.form("srt", trials=2)
    lab.server.forms["srt"]["settings"] = {"simulated": False}
    page = lab.open("srt", "?simulate=data-only")
    page.wait_for_selector(".page .big")
    page.wait_for_timeout(500)
    assert lab.server.runs == {}
