"""The numbers of other programs: told as they came out, also where there is nothing to compare."""

from __future__ import annotations

from nof1.analysis.crosscheck import Check
from nof1.analysis.result import Series
from nof1.report.crosschecked import checks_table, render_crosscheck
from nof1.report.page import check_page


def test_agreement_difference_and_silence_are_told():
    """A number that differs must be seen; a program that could not do it is no agreement."""
    checks = (
        Check(name="estimate", tool="statsmodels", ours=0.42, theirs=0.4200001, agrees=True),
        Check(name="p", tool="pingouin", ours=0.02, theirs=0.5, agrees=False),
        Check(name="t", tool="pingouin", ours=None, theirs=None, agrees=None, note="<b>no blocks</b>"),
        Check(name="d", tool="pingouin", ours=1.0, theirs=None, agrees=None),
    )
    table = checks_table(checks)
    assert [row[2] for row in table.rows] == ["agrees", "differs", "not cross-checked: <b>no blocks</b>", "–"]
    assert table.rows[0][3:] == ("0.42", "0.42")


def test_scores_are_taken_out_of_the_results(make_results):
    """The comparison uses the very scores of the report, and shows itself in a notebook."""
    shown = render_crosscheck(make_results())
    bundle = shown._repr_mimebundle_()
    assert set(bundle) == {"text/html", "text/plain"}
    assert "statsmodels" in str(shown)
    assert check_page(bundle["text/html"]) == ()


def test_no_scores_no_error(make_results, make_outcome):
    """A trial without a score must not lose its appendix to an error."""
    empty = make_outcome(series=Series())
    assert "compare" in str(render_crosscheck(make_results(outcomes=(empty,))))
