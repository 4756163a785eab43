"""What the report says of the guesses: what they show, and never that the blind held."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nof1.analysis.blinding_index import bang_index, james_index
from nof1.analysis.blinding_summary import BlindingSummary, GuessTest, Index
from nof1.report.guesses import guess_words, index_table
from nof1.report.methods import methods
from nof1.report.words import condition_names


def said(results):
    """Return plain and technical sentences as two texts."""
    words = guess_words(results, condition_names(results))
    return " ".join((*words.found, *words.meaning)), " ".join(words.technical)


def a_test(n, of=64, smallest=1):
    """Make a randomization test of guesses."""
    return GuessTest(
        statistic=7,
        n_as_extreme=n,
        n_sequences=of,
        p_value=n / of,
        smallest_p=smallest / of,
        exact=of < 99_999,
    )


def test_guesses_as_by_chance(make_results):
    """Seven of twelve are told as what they are: no sign, and no proof."""
    plain, in_technical_words = said(make_results())
    assert "7 were right and 4 wrong, and 1 “don’t know”" in plain
    assert "Of 64 orders that the design could have drawn, 20 would have made at least as many" in plain
    assert "(p = .313): so many come about without knowing anything." in plain
    assert "cannot show that the blinding held" in plain
    assert "A treatment that works unblinds itself" in plain
    assert "With the guess in the model, capsule − placebo is" in plain
    assert "one-sided" in in_technical_words


@pytest.mark.parametrize(("n", "told"), [(1, True), (3, True), (4, False), (64, False)])
def test_a_small_p_is_told(make_results, n, told):
    """At the level of the plan the sentence turns, and nothing is near chance any more."""
    blinding = replace(make_results().blinding, correct_test=a_test(n))
    plain, _ = said(make_results(blinding=blinding))
    assert ("more than guessing without knowing explains" in plain) == told
    assert ("cannot show that the blinding held" in plain) != told
    assert "A treatment that works unblinds itself" in plain


def test_few_guesses_that_could_never_tell(make_results):
    """Two guesses in blocks of two: at best one order in four."""
    blinding = replace(make_results().blinding, correct_test=a_test(16, smallest=16))
    plain, _ = said(make_results(blinding=blinding))
    assert "could not have brought p down to .05" in plain


def test_probabilities_can_tell_more_than_counts(make_results):
    """Sure where right and unsure where wrong."""
    blinding = replace(make_results().blinding, log_score_test=a_test(2))
    plain, _ = said(make_results(blinding=blinding))
    assert (
        "The stated probabilities, though, hold more about the conditions than that explains (p = .031)."
        in plain
    )


def test_sampled_orders_are_told_as_a_sample(make_results):
    """An estimate of p is not told as a count of everything."""
    blinding = replace(make_results().blinding, correct_test=a_test(41_300, of=100_000))
    plain, _ = said(make_results(blinding=blinding))
    assert "Of 100,000 orders drawn anew by the design’s own rule, 41,300 would" in plain
    assert "p ≈ .413" in plain


def test_where_there_is_nothing_to_tell(make_results):
    """Open trials, trials without guesses, and trials that are still blinded."""
    for changes, expected in (
        ({"mode": "open_label"}, "nothing to guess"),
        ({"blinding": BlindingSummary()}, "cannot be told"),
        ({"blinding": BlindingSummary(n_guesses=3)}, "3 guesses were recorded before anything was opened."),
    ):
        results = make_results(**changes)
        plain, in_technical_words = said(results)
        assert expected in plain
        assert in_technical_words == ""
        assert index_table(results, condition_names(results)) is None
    blinded, _ = said(make_results(blinding=BlindingSummary(n_guesses=3)))
    assert "right" not in blinded


def test_belief_that_cannot_be_told_from_the_condition(make_results, make_estimate):
    """All guesses right: nothing is left to estimate, and that is said."""
    results = make_results()
    for flags, told in ((("not_estimable",), True), ((), False)):
        rows = tuple(
            replace(row, estimate=make_estimate(None, flags=flags)) if row.name == "guess_adjusted" else row
            for row in results.sensitivity
        )
        plain, _ = said(replace(results, sensitivity=rows))
        assert ("so closely that an effect beside the belief cannot be estimated" in plain) == told
    assert "With the guess" not in said(replace(results, sensitivity=()))[0]


def test_the_table_of_indices(make_results):
    """A row per condition, one over all, and the two tests as fractions; chance beside each."""
    results = make_results()
    table = index_table(results, condition_names(results))
    assert {len(row) for row in table.rows} == {len(table.columns)}
    cells = {row[0]: row[1:] for row in table.rows}
    assert cells["Bang, capsule"] == ("0.33", "−0.55 to 0.91", "0", "–")
    assert cells["James, all conditions"] == ("0.42", "0.14 to 0.70", "0.50", "–")
    assert cells["Right guesses"] == ("7", "–", "–", "20/64 = .313")
    assert cells["Log score [bits a guess]"] == ("0.07", "–", "0", "17/64 = .266")
    blinding = replace(
        results.blinding, bang={"on": Index(value=None), "off": Index(value=1.0, se=0.0)}, james=None
    )
    table = index_table(replace(results, blinding=blinding), condition_names(results))
    assert [row[1:3] for row in table.rows[:2]] == [("–", "–"), ("1.00", "–")]
    assert not any(row[0].startswith("James") for row in table.rows)


def test_the_example_is_a_possible_one(make_results):
    """The indices of the example are those of its own counts."""
    blinding = make_results().blinding
    table = [list(row.values()) for row in blinding.counts.values()]
    (a, b, c), (d, e, f) = table
    for index, made in ((blinding.james, james_index(table)), (blinding.bang["on"], bang_index(a, b, c)),
                        (blinding.bang["off"], bang_index(e, d, f))):  # fmt: skip
        assert (index.value, index.se, *index.ci) == pytest.approx((made.value, made.se, *made.ci), abs=1e-3)


def test_three_conditions(make_results):
    """Chance is a third, and all wrong is -1/2."""
    results = make_results(conditions={"a": "high", "b": "low", "c": "none"})
    plain, in_technical_words = said(results)
    assert "about one in three would be right" in plain
    assert "−0.50 where every one was wrong" in in_technical_words


def test_the_methods_name_their_sources(make_results):
    """With indices there is a paragraph on them, and without there is none."""
    assert any(method.name == "Guesses" for method in methods(make_results()))
    assert not any(method.name == "Guesses" for method in methods(make_results(blinding=BlindingSummary())))
