"""The protocols that nof1 brings: without problems, with their facts and sources, and without a word of advice."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nof1.analysis.planning import plan_facts
from nof1.files.protocols import library_text, read_protocol
from nof1.protocol.facts import facts_of, is_swallowed, missing_in_safety
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
    """All eight of the design's table."""
    assert {path.stem for path in FILES} == {
        "caffeine-vigilance", "melatonin-mood", "nefiracetam-choline", "nefiracetam-dose", "nefiracetam-memory",
        "nefiracetam-mood", "nefiracetam-vs-aniracetam", "tea-sleep",
    }  # fmt: skip


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
    assert len(numbers) >= 7
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


NEFIRACETAM = pytest.mark.parametrize(
    "name", [path.stem for path in FILES if path.stem.startswith("nefiracetam")]
)


@NEFIRACETAM
def test_nefiracetam_says_its_status_before_anything_else(name):
    """In the file, in the rationale, in the safety block, and in the sentence that is asked to be typed."""
    protocol = read_protocol(_path(name))
    lines = _path(name).read_text(encoding="utf-8").splitlines()
    assert lines[2].startswith("# STATUS FIRST. Nefiracetam is not an approved medicine")
    safety = protocol.safety
    for text in (protocol.rationale, safety.status):
        assert (
            text.lower()
            .replace("nefiracetam is ", "")
            .startswith("not an approved medicine in the united states")
        )
        assert "withdrawn" in text
        assert "2002" in text
    for text in (protocol.rationale, safety.acknowledge):
        assert "damaged kidney and testis" in text
        assert "In dogs" in text or "in dogs" in text


@NEFIRACETAM
def test_nefiracetam_counts_body_surface_rightly(name):
    """Every line of the table: dose in the dog, times 20 / 37, times the weight; and how the doses here compare."""
    text = _path(name).read_text(encoding="utf-8")
    rows = re.findall(r"#   dog, .*?(\d+) mg/kg.*?(\d+) mg +(\d+) mg +(\d+) mg a day", text)
    assert [int(row[0]) for row in rows] == [10, 20, 60, 90]
    for dose, *equivalents in rows:
        expected = [round(int(dose) * 20 / 37 * weight) for weight in (60, 70, 80)]
        assert [int(one) for one in equivalents] == expected
    no_effect, thirteen_weeks = ([int(one) for one in row[1:]] for row in rows[:2])
    highest = 900 if name == "nefiracetam-mood" else 450

    def times(dose, rests_on):
        return "{}, {} and {} times".format(*(round(dose / one, 1) for one in rests_on))

    assert f"The {highest} mg a day of this protocol are {times(highest, no_effect)} the first line" in text
    if highest == 900:
        assert f"and {times(900, thirteen_weeks)} the second" in text
        assert f"are {times(600, no_effect)} the first" in " ".join(text.split("\n# "))
    assert "1.4 to 2.8 times" in text
    assert (round(600 / no_effect[2], 1), round(900 / no_effect[0], 1)) == (1.4, 2.8)
    assert f"{10 * 6 / 37 * 60:.0f} mg at 60 kg" in text
    low, high = round(highest / no_effect[2], 1), round(highest / no_effect[0], 1)
    said = read_protocol(_path(name)).safety.acknowledge
    assert f"{highest} mg a day are {low} to {high} times (at 80 to 60 kg)" in said


@NEFIRACETAM
def test_nefiracetam_keeps_to_four_weeks_in_a_row(name):
    """The ceiling of every protocol, on the worst order; kidney, fertility and pain killers are named, and labs before and after."""
    protocol = read_protocol(_path(name))
    safety = protocol.safety
    assert facts(protocol).longest_days_on == safety.max_consecutive_days_on <= 28
    planned = sum(
        facts_of(protocol).n_periods // len(protocol.conditions) * protocol.design.period_days
        for one in protocol.conditions.values()
        if one.is_active
    )
    assert planned <= safety.max_total_days_on
    assert {"kidney disease", "trying to conceive", "pregnancy"} <= set(safety.exclusions)
    assert any("NSAID" in one for one in safety.concomitant.prohibited)
    assert safety.baseline_labs == safety.follow_up_labs == ("creatinine with eGFR", "urinalysis")
    harms = {"headache", "dizziness", "irritability", "nervousness", "nausea"}
    assert set(protocol.instruments["harms"].ratings) == harms


def test_mood_compares_two_doses_with_placebo():
    """900 and 600 mg a day, blocks of three, PHQ-8 and apathy at the end of a period; both findings after stroke."""
    mood = read_protocol(_path("nefiracetam-mood"))
    assert [one.dose for one in mood.conditions.values()] == ["300 mg", "200 mg", None]
    assert facts(mood).size == 6**6
    assert mood.blinding.mode is Mode.SELF_BLINDED
    assert list(mood.contrasts) == ["high_off", "low_off", "high_low"]
    assert {"phq8.total", "apathy.total"} <= {one.score for _, one in mood.outcome_list()}
    assert "primary result was negative" in mood.rationale
    assert "900 mg did better than 600 mg and placebo" in mood.rationale.replace("\n", " ")


def test_dose_asks_for_a_line_through_all_doses():
    """Four doses in equal steps, a preparer, and a trend whose estimate is the difference from none to the highest."""
    dose = read_protocol(_path("nefiracetam-dose"))
    amounts = [0 if one.dose is None else 3 * int(one.dose.split()[0]) for one in dose.conditions.values()]
    assert amounts == [450, 300, 150, 0]
    assert dose.blinding.mode is Mode.THIRD_PARTY
    name, trend = next(iter(dose.contrasts.items()))
    assert name == "trend"
    # A straight line of 1 from none to 450 mg is estimated as 1.
    assert sum(float(w) * a / 450 for w, a in zip(trend.values(), amounts, strict=True)) == pytest.approx(1)
    assert facts(dose).reach["trend"].n_sequences == 2**6


def test_choline_is_a_factorial_with_an_interaction():
    """Each of two factors there or not; the difference of differences first, its weakness said."""
    choline = read_protocol(_path("nefiracetam-choline"))
    cells = {(one.factors["nefiracetam"], one.factors["choline"]) for one in choline.conditions.values()}
    assert len(cells) == 4
    name, weights = next(iter(choline.contrasts.items()))
    assert (name, [int(one) for one in weights.values()]) == ("interaction", [1, -1, -1, 1])
    assert choline.outcomes.primary.score == "harms.headache"
    assert "four times the data" in choline.rationale
    assert choline.constant == ()


def test_versus_compares_two_that_work_or_do_not():
    """An active comparator, a preparer, no study that compares the two."""
    versus = read_protocol(_path("nefiracetam-vs-aniracetam"))
    assert [one.name for one in versus.conditions.values()] == ["nefiracetam", "aniracetam"]
    assert all(one.is_active for one in versus.conditions.values())
    assert versus.blinding.mode is Mode.THIRD_PARTY
    assert "a study that compares the two was not found" in versus.rationale.replace("\n", " ")
    assert "no placebo" in versus.rationale


def test_tea_is_weekly_and_open():
    """Nothing is swallowed beyond tea, so that the safety block may be short."""
    tea = read_protocol(_path("tea-sleep"))
    assert (tea.design.period_days, tea.blinding.mode) == (7, Mode.OPEN_LABEL)
    assert not is_swallowed(tea)
    assert tea.safety.max_daily_dose is None
    assert tea.safety.acknowledge is None
