"""What is said about a protocol without problems: how it was understood, what it can find, what it takes."""

from __future__ import annotations

from decimal import Decimal
from math import comb

import pytest

from nof1.errors import ProtocolError
from nof1.protocol.digest import protocol_sha256
from nof1.workflow.check import check_protocol

from .playing import Player, open_label, rich, self_blinded, third_party


def lines(tmp_path, text):
    """Return the check of a protocol as lines."""
    player = Player(tmp_path, text)
    return check_protocol(player.protocol, player.context).lines()


def value(told, name):
    """Return what stands behind the first line that begins with a word."""
    return next(line[13:] for line in told if line[:13].strip() == name)


def test_pairs(tmp_path):
    """Conditions, design, blinding, outcome, orders, packs, digest."""
    player = Player(tmp_path, third_party(blocks=6, spares=0, confirm="randomization_test"))
    checked = check_protocol(player.protocol, player.context)
    told = checked.lines()
    assert told[0] == "pairs: Does it do anything for me? A made-up trial"
    assert value(told, "on") == "caffeine, 100 mg at 08:00"
    assert value(told, "off") == "cellulose at 08:00"
    assert value(told, "design") == "randomized blocks, 12 periods of 2 days in 6 blocks"
    assert value(told, "blinding") == "third party: a preparer knows, nobody else"
    assert value(told, "primary").startswith("App points (app.points), higher is better")
    assert value(told, "analysis").endswith("confirmed by the randomization test")
    assert value(told, "orders") == "64 could be drawn (6.0 bits)"
    assert value(told, "smallest p") == f"on_off: 2/64 = {2 / 64}, by the randomization test"
    assert value(told, "packs").startswith("12; about")
    assert value(told, "capsules") == "12 of on, 12 of off to fill"
    assert told[-1] == f"digest {protocol_sha256(checked.protocol)}"


def test_what_the_sessions_take(tmp_path):
    """Counted on a calendar: the longest day has two prompts and the weekly question."""
    player = Player(tmp_path, rich())
    burden = check_protocol(player.protocol, player.context).burden
    assert burden.n_sessions == 4 + 4 * 6
    assert burden.hours * 60 == pytest.approx(28 * one_rating(player) + 4 * one_rating(player))
    assert burden.minutes_on_longest_day == 3 * one_rating(player)


def one_rating(player):
    """Return the minutes that one rating takes."""
    from nof1.battery.catalogue import minutes_of  # noqa: PLC0415 - beside its one use
    from nof1.files.protocols import read_protocol  # noqa: PLC0415

    return Decimal(minutes_of(read_protocol(player.protocol), "day"))


def test_run_in_washout_and_constants_are_told(tmp_path):
    """In the words of the design."""
    told = lines(tmp_path, rich())
    assert value(told, "always") == "choline, 300 mg"
    text = " ".join(" ".join(told).split())
    assert "after 4 sessions of practice within 3 days, 1 day between them" in text
    assert value(told, "days") == "2 of 3 of a period count"


def test_an_open_trial_says_so(tmp_path):
    """Nothing is packed."""
    told = lines(tmp_path, open_label())
    assert value(told, "blinding") == "open label: everybody knows"
    assert not any(line[:13].strip() == "packs" for line in told)


def test_a_balanced_design_counts_its_orders(tmp_path):
    """Ten periods, five of each."""
    text = open_label().replace("kind: randomized_blocks, blocks: 3", "kind: balanced, periods: 10")
    assert value(lines(tmp_path, text), "orders").startswith(f"{comb(10, 5)} could be drawn")


def test_no_line_is_too_long(tmp_path):
    """A hundred characters, indented where a line goes on."""
    assert max(map(len, lines(tmp_path, rich()))) <= 100


def test_a_protocol_with_problems(tmp_path):
    """All of them, each with line and column."""
    player = Player(tmp_path, third_party().replace("period_days: 2", "period_days: two"))
    with pytest.raises(ProtocolError, match=r"7:51|design\.period_days"):
        check_protocol(player.protocol, player.context)


def test_limits_are_told_with_how_they_are_watched(tmp_path):
    """Ceilings, stop rules, whom the protocol leaves out, and what the safety block lacks."""
    text = third_party().replace(
        "  exclusions: [none]",
        "  stop_rules: [{when: day.mood >= 9 on 2 days, do: pause}]\n  exclusions: [pregnancy]",
    )
    told = " ".join(" ".join(lines(tmp_path, text)).split())
    assert "ceiling at most 100 mg a day; no order that could be drawn goes beyond it" in told
    assert "stop rule day.mood >= 9 on 2 days: pause" in told
    assert "watched at every entry, without knowing a condition" in told
    assert "left out pregnancy; asked once at randomize" in told
    assert "missing safety.emergency_contact" in told


def test_spent_is_told_with_where_to_write(tmp_path):
    """How many items are answered, and each that is not."""
    told = " ".join(" ".join(lines(tmp_path, third_party())).split())
    assert "SPENT 2019, the list for protocols of N-of-1 trials:" in told
    assert "funding: not written; rationale: who pays" in told


def test_a_contact_that_nobody_wrote_is_told(tmp_path):
    """A protocol of the library is copied with its gaps, and this one would be printed on the wallet card."""
    told = [
        " ".join(" ".join(lines(tmp_path / name, third_party().replace("  exclusions", f"  {contact}  exclusions"))).split())
        for name, contact in (("a", 'emergency_contact: "to be written here: whom"\n'), ("b", 'emergency_contact: "Kin, 1"\n'))
    ]  # fmt: skip
    assert ["write whom to call before anything is printed" in text for text in told] == [True, False]


def test_what_packing_alone_takes(tmp_path):
    """Capsules, packs, spare ones, minutes: 6, 1.4 a pack, 0.6 a sack."""
    told = "\n".join(lines(tmp_path, self_blinded(blocks=6)))
    assert "  packs      14, 2 of them spare; about 30 minutes to pack\n" in told
    assert "  capsules   14 of on, 14 of off to fill" in told
    assert "third_party costs less" not in told


def test_many_packs_alone(tmp_path):
    """Above forty somebody else is the cheaper way, and that is said."""
    told = " ".join(" ".join(lines(tmp_path, self_blinded(blocks=20))).split())
    assert "42 packs are much to pack alone" in told
    assert "blinding.mode: third_party costs less" in told
    assert "costs less" not in " ".join(lines(tmp_path, third_party(blocks=20)))
