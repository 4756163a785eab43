"""The protocols that nof1 brings: without problems, with their facts and sources, and without a word of advice."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nof1.analysis.planning import plan_facts
from nof1.files.protocols import library_text, read_protocol
from nof1.protocol.facts import missing_in_safety
from nof1.schedule.design import facts
from nof1.terms import Mode

FILES = sorted((Path(__file__).resolve().parents[2] / "protocols").glob("*.yaml"))
EVERY = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)

# What would turn a protocol into advice, praise or promise; "effective dose" as much as "you should".
ADVICE = re.compile(
    r"\b(safe|safely|harmless|should|ought|must|recommend\w*|advis\w*|advice|guarantee\w*|proven|proves|cures?|heals?"
    r"|boosts?|enhanc\w*|effective|optimal|well[- ]tolerated|risk[- ]free|you|your|try|ensures?|will (?:help|improve|work))\b",
    re.IGNORECASE,
)
# Where a reader can look it up; what nobody has published is a choice of the protocol, or nobody's.
REFERENCE = re.compile(
    r"doi:10\.\d{4,9}/\S+|PMID \d+|PMC\d+|\d+ CFR \d+|\d+(?:\(\w+\))?:\d+|\w+\.(?:com|gov|org)/\S+|this protocol|no controlled study"
)
NUMBERS = re.compile(
    r"^\s*(?:- \{|primary: \{)?(?:dose|half_life|score|blocks|periods|max_run|period_days|onset_days|sessions"
    r"|max_daily_dose|max_consecutive_days_on|max_total_days_on): .*\d"
)


def test_library_has_the_protocols_that_are_promised():
    """One to start with, one with three prompts a day, one in periods of two weeks."""
    assert {"caffeine-vigilance", "melatonin-mood", "nefiracetam-memory"} <= {path.stem for path in FILES}


@EVERY
def test_every_file_is_without_problems(path):
    """Read with the rules of every floor; named as its id; the first line leads an editor to the schema."""
    protocol = read_protocol(path)
    assert protocol.id == path.stem
    assert path.read_text(encoding="utf-8").startswith("# yaml-language-server: $schema=nof1.schema.json\n")


@EVERY
def test_every_file_says_what_it_promises_to_measure(path):
    """A finding needs a smallest effect, an order that can confirm it, and days that count."""
    protocol = read_protocol(path)
    told = plan_facts(protocol)
    assert protocol.outcomes.primary.sesoi is not None
    assert told.precision is not None
    assert told.detectable_sd is not None
    assert all(0.05 < one.power < 1 for one in told.power)
    assert protocol.analysis.confirm == "randomization_test"
    assert all(one.smallest_p <= 0.05 for one in facts(protocol).reach.values())


@EVERY
def test_every_file_is_complete_but_for_what_only_the_participant_knows(path):
    """Whether a clinician knows is nobody else's to say; everything else of the safety block is there."""
    protocol = read_protocol(path)
    assert set(missing_in_safety(protocol)) <= {"safety.clinician_informed"}
    assert len(protocol.rationale) > 300


@EVERY
def test_no_file_gives_advice(path):
    """Facts, plans and limits of one's own; neither praise nor promise, comments included."""
    lines = path.read_text(encoding="utf-8").splitlines()
    own = [line for line in lines if not line.startswith("    source: ")]  # titles of others are theirs
    assert [line for line in own if ADVICE.search(line)] == []


def test_advice_would_be_seen():
    """The list finds what it is there for."""
    for text in (
        "It is safe.",
        "You should take 200 mg",
        "a proven effect",
        "Recommended dose",
        "well-tolerated",
    ):
        assert ADVICE.search(text)


@EVERY
def test_every_source_can_be_looked_up(path):
    """A fact, where it stands, and of when it is."""
    sources = read_protocol(path).sources
    assert len(sources) >= 4
    for one in sources:
        assert REFERENCE.search(one.source), one.source
        assert one.date is not None
        assert re.search(r"\b(19|20)\d\d\b", one.date)
    assert any(one.source == "this protocol" for one in sources)


@EVERY
def test_numbers_have_their_source_or_reason_beside_them(path):
    """Doses, lengths, limits and smallest effects carry a comment on their line."""
    lines = path.read_text(encoding="utf-8").partition("\nsources:")[0].splitlines()
    numbers = [line for line in lines if NUMBERS.search(line)]
    assert len(numbers) >= 8
    assert [line for line in numbers if "#" not in line] == []


@EVERY
def test_references_in_brackets_lead_somewhere(path):
    """Each number in brackets has one source, and each numbered source is used."""
    body, _, sources = path.read_text(encoding="utf-8").partition("\nsources:")
    used = set(re.findall(r"\[(\d{1,2})\]", re.sub(r"(?:days|range): \[[^]]*\]", "", body)))
    given = re.findall(r'fact: "\[(\d+)\]', sources)
    assert used == set(given)
    assert given == [str(number) for number in range(1, len(given) + 1)]


# What the table of the design asks of each


@pytest.fixture
def caffeine():
    return read_protocol(_path("caffeine-vigilance"))


@pytest.fixture
def melatonin():
    return read_protocol(_path("melatonin-mood"))


@pytest.fixture
def nefiracetam():
    return read_protocol(_path("nefiracetam-memory"))


def _path(name: str) -> Path:
    return next(path for path in FILES if path.stem == name)


def test_caffeine_is_a_quick_start(caffeine):
    """Eight blocks of four one-day periods, two tests a day, a short run-in."""
    design = caffeine.design
    assert (design.kind, design.blocks, design.per_block, design.period_days) == (
        "randomized_blocks",
        8,
        2,
        1,
    )
    assert facts(caffeine).size == 6**8
    assert plan_facts(caffeine).prompts_a_day == 2
    assert design.run_in.sessions <= 4
    assert [one.score for _, one in caffeine.outcome_list()] == ["vigil.speed", "vigil.lapses"]
    assert tuple(caffeine.conditions) == ("on", "off")
    assert (caffeine.analysis.model, caffeine.safety.acknowledge) == ("daily", None)


def test_caffeine_fades_within_a_day(caffeine):
    """The half-life is there, and with it the reason why a day can have its own condition."""
    assert caffeine.conditions["on"].half_life == "5 h"
    assert plan_facts(caffeine).attenuation > 0.98


def test_caffeine_can_be_played_with_a_preparer(tmp_path):
    """The demo changes one line: then somebody else packs, and nothing else is wrong."""
    text = library_text("caffeine-vigilance")
    assert text.count("\n  mode: self_blinded\n") == 1
    path = tmp_path / "caffeine-vigilance.yaml"
    path.write_text(text.replace("mode: self_blinded", "mode: third_party"), encoding="utf-8")
    assert read_protocol(path).blinding.mode is Mode.THIRD_PARTY


def test_melatonin_has_the_published_shape(melatonin):
    """Seventy balanced days without a run above two, three prompts a day from 0 to 100, open."""
    design = melatonin.design
    assert (design.kind, design.periods, design.max_run, design.period_days) == ("balanced", 70, 2, 1)
    assert melatonin.blinding.mode is Mode.OPEN_LABEL
    assert plan_facts(melatonin).prompts_a_day == 3
    assert melatonin.outcomes.primary.score == "day.mood"
    assert melatonin.instruments["day"].ratings[0].range == (0, 100)


def test_melatonin_counts_for_the_day_that_follows(melatonin):
    """The day of the study turns with the dose, so that the prompts of the next day belong to it."""
    assert melatonin.conditions["on"].times == (melatonin.day_starts,) == ("23:30",)


def test_nefiracetam_has_the_planned_shape(nefiracetam):
    """Six pairs of fortnights, the first week not analysed, choline the same throughout, five harms a day."""
    design = nefiracetam.design
    assert (design.blocks, design.per_block, design.period_days, design.onset_days) == (6, 1, 14, 7)
    assert nefiracetam.blinding.mode is Mode.SELF_BLINDED
    assert "choline" in nefiracetam.constant[0].name
    harms = {"headache", "dizziness", "irritability", "nervousness", "nausea"}
    assert set(nefiracetam.instruments["harms"].ratings) == harms
    assert "harms" in nefiracetam.batteries["daily"]
    assert nefiracetam.safety.max_consecutive_days_on == facts(nefiracetam).longest_days_on == 28


def test_nefiracetam_says_its_status_before_anything_else(nefiracetam):
    """In the file, in the rationale, in the safety block, and in the sentence that is asked to be typed."""
    lines = _path("nefiracetam-memory").read_text(encoding="utf-8").splitlines()
    assert lines[2].startswith("# STATUS FIRST. Nefiracetam is not an approved medicine")
    safety = nefiracetam.safety
    for text in (nefiracetam.rationale, safety.status):
        assert (
            text.lower()
            .replace("nefiracetam is ", "")
            .startswith("not an approved medicine in the united states")
        )
        assert "withdrawn" in text
        assert "2002" in text
    for text in (nefiracetam.rationale, safety.acknowledge):
        assert "damaged kidney and testis" in text
        assert "In dogs" in text or "in dogs" in text


def test_nefiracetam_counts_body_surface_rightly():
    """Every line of the table: dose in the dog, times 20 / 37, times the weight."""
    text = _path("nefiracetam-memory").read_text(encoding="utf-8")
    rows = re.findall(r"#   dog, .*?(\d+) mg/kg.*?(\d+) mg +(\d+) mg +(\d+) mg a day", text)
    assert [int(row[0]) for row in rows] == [10, 20, 60, 90]
    for dose, *equivalents in rows:
        expected = [round(int(dose) * 20 / 37 * weight) for weight in (60, 70, 80)]
        assert [int(one) for one in equivalents] == expected
    no_effect = [int(one) for one in rows[0][1:]]
    assert "are 1.4, 1.2 and 1.0 times the first line" in text
    assert [round(450 / one, 1) for one in no_effect] == [1.4, 1.2, 1.0]
    assert "1.4 to 2.8 times" in text
    assert (round(600 / no_effect[2], 1), round(900 / no_effect[0], 1)) == (1.4, 2.8)
    assert f"{10 * 6 / 37 * 60:.0f} mg at 60 kg" in text
