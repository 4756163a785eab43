"""What the report says when a model cannot do what it should: from the data, by a flag, to the sentence that is read."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field, replace

import pytest
from tests.analysis.made import MEANINGS, protocol, tables_of

from nof1.analysis.analyse import analyse
from nof1.analysis.dataset import Dataset
from nof1.analysis.flags import LOWERING
from nof1.report.render import render

CLAIMS = {"benefit", "harm", "trivial", "no_worthwhile_difference"}
BLOCKS = {"kind": "randomized_blocks", "period_days": 7}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One situation.

    Attributes
    ----------
    flag : str
        What the analysis must notice.
    says : str
        What a reader must find.
    changed : callable
        From a score row and its condition to the value that it gets.
    has_p : bool
        Whether a p of the planned model may stand there.
    """

    flag: str
    says: str
    changed: object = None
    has_p: bool = True
    plan: dict = field(default_factory=dict)
    tables: dict = field(default_factory=dict)
    of_trial: tuple = ()


def where(period=None, condition=None, session=None, *, to):
    """Replace the values of a period, a condition or a session."""

    def changed(row, code):
        is_meant = (
            (period is None or row.period == period)
            and (condition is None or code == condition)
            and (session is None or row.session == session)
        )
        return to(row) if is_meant and row.value is not None else row.value

    return changed


ROWS = {
    "constant": Row(
        flag="constant_outcome",
        says="The score never varied, so there is nothing to compare.",
        changed=where(to=lambda _: "5"),
        has_p=False,
    ),
    "no noise": Row(
        flag="implausibly_exact",
        says="more exact than such scores can be, so no p-value that rests on their scatter can be trusted",
        changed=lambda _, code: "6" if code == "on" else "5",
        has_p=False,
    ),
    "one condition without noise": Row(
        flag="implausibly_exact",
        says="or those under one condition, are almost identical",
        changed=where(condition="off", to=lambda _: "5"),
    ),
    "period variance 0": Row(
        flag="singular",
        says="(period variance estimated as 0); then the interval may be too narrow",
        changed=lambda row, _: f"{5 + row.session % 5 + 0.01 * (row.session * 7 % 11):.2f}",
    ),
    "two blocks": Row(
        flag="too_few_blocks",
        says="There are fewer than three complete blocks: too few for more than a description.",
        plan={"design": {**BLOCKS, "blocks": 2}},
        tables={"index": 1},
        has_p=False,
    ),
    "four blocks": Row(
        flag="randomization_cannot_confirm",
        says="The smallest p that this design can reach is .125, above .05: this test alone could never have shown",
        plan={"design": {**BLOCKS, "blocks": 4}},
        tables={"index": 5},
    ),
    "a period lost": Row(
        flag="block_incomplete",
        says=(
            "At least one period has no score; the others are analysed, and the test keeps its place. "
            "At least one block has lost a condition; what is left of it stays in the planned analysis."
        ),
        changed=where(period=4, to=lambda _: None),
    ),
    "one order alone": Row(
        flag="order_confounded",
        says="but one condition always came at the same place of its block, so a drift over time would look like an effect.",
        tables={"index": 0},
    ),
    "a condition missing": Row(
        flag="condition_absent",
        says="could not be estimated. There is no score under tea.",
        changed=where(condition="on", to=lambda _: None),
        has_p=False,
    ),
    "no score at all": Row(
        flag="no_data", says="There is no score to analyse.", changed=where(to=lambda _: None), has_p=False
    ),
    "an order without choice": Row(
        flag="not_randomized",
        says="nothing but this order could have occurred, and a drift cannot be told from an effect",
        plan={"design": {"kind": "fixed", "sequence": ["on", "off"] * 4, "period_days": 7}},
        tables={"index": 0},
    ),
    "one day a period": Row(
        flag="day_variance_unidentified",
        says="There is one day per period, so the variance between periods cannot be told from that between days.",
        plan={"design": {**BLOCKS, "blocks": 8, "period_days": 1}, "analysis": {"model": "mixed"}},
        tables={"index": 77},
    ),
    "a wild score that decides": Row(
        flag="outlier_decides",
        says=(
            "lies 54 robust standard deviations from the others under that condition; it was not left out for that. With it pulled in "
            "to the farthest score that is no outlier, the verdict would be “Benefit”."
        ),
        changed=where(session=30, to=lambda _: "60"),
        tables={"effect": 2.0},
    ),
    "a ceiling": Row(
        flag="floor_or_ceiling",
        says="More than a quarter of the scores lie at the end of the scale, where a change cannot show.",
        changed=lambda row, _: "10" if row.session % 3 == 0 else row.value,
    ),
    "many missing": Row(
        flag="many_missing",
        says="More than 40 % of the planned scores are missing.",
        tables={"missing": 0.45, "seed": 5},
    ),
    "missing under one condition": Row(
        flag="unequal_missing",
        says="if bad days were skipped, the difference is overstated. Missing: 12 of 30 under tea",
        changed=lambda row, code: None if code == "on" and row.session % 5 < 2 else row.value,
    ),
    "most of a condition missing": Row(
        flag="condition_mostly_missing",
        says="under one condition less than half of the planned scores are there",
        changed=lambda row, code: None if code == "on" and row.session % 5 < 3 else row.value,
    ),
    "opened before the lock": Row(
        flag="unblinded_before_lock",
        says="so every p-value here is exploratory and confirms nothing",
        of_trial=("unblinded_before_lock",),
    ),
    "a look that nobody planned": Row(
        flag="unplanned_look",
        says="so every p-value here is exploratory and confirms nothing",
        of_trial=("unplanned_look",),
    ),
    "few days": Row(
        flag="too_few_days",
        says="There are fewer than 12 days with a score, or fewer than 5 under one condition",
        plan={"design": {"kind": "balanced", "periods": 10, "period_days": 1}},
        has_p=False,
    ),
    "days that alternate": Row(
        flag="negative_autocorrelation",
        says="Neighbouring days differ more than distant ones, which is unusual",
        plan={"design": {"kind": "balanced", "periods": 14, "period_days": 1}},
        tables={"index": 1000},
        changed=lambda row, _: f"{float(row.value) + 3 * (row.session % 2):.3f}",
    ),
}


def told(row):
    """Analyse and tell a trial of 6 blocks with a large effect, changed as the row says; the text as it is read."""
    only = {"outcomes": {"primary": {"score": "day.mood", "sesoi": 1}}}
    plan = protocol(
        **{**only, **row.plan, "analysis": {"sensitivity": "none", **row.plan.get("analysis", {})}}
    )
    tables = tables_of(plan, **{"effect": 2.5, **row.tables})
    conditions = {one.period: one.condition for one in tables.allocation}
    changed = row.changed or (lambda one, _: one.value)
    values = [
        changed(one, conditions.get(one.period)) if one.score == "day.mood" else one.value
        for one in tables.scores
    ]
    scores = (
        replace(one, value=value, missing_reason="ill" if value is None else None)
        for one, value in zip(tables.scores, values, strict=True)
    )
    trial = replace(tables.trial, flags=row.of_trial)
    data = Dataset.from_tables(
        replace(tables, scores=tuple(scores), trial=trial), protocol=plan, meanings=MEANINGS
    )
    results = analyse(data)
    page = re.sub(r"<(style|svg).*?</\1>", "", render(results).html, flags=re.DOTALL)
    return results, " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).replace("\u00a0", " ").split())


@pytest.mark.usefixtures("no_figures")
@pytest.mark.parametrize("name", ROWS)
def test_from_data_to_the_sentence(name):
    """The flag is raised, its sentence is read, nothing stops, and no more is claimed than the data carry."""
    row = ROWS[name]
    results, text = told(row)
    outcome = results.primary
    assert row.flag in {*outcome.flags, *outcome.primary.flags}
    assert row.says in text
    assert "analysis_failed" not in outcome.flags
    assert not re.search(r"\bnan\b|\bNone\b(?! was)|Traceback|Error", text)
    if row.flag in LOWERING:
        assert outcome.verdict not in CLAIMS
    if not row.has_p:
        assert outcome.primary.p_value is outcome.primary.ci_low is None
        assert all(
            one is None or one.p_value is None for one in (outcome.period_means, outcome.paired_blocks)
        )
        assert not re.search(r"t\(\d", text)
        assert outcome.bayes is None or outcome.bayes.posterior is None
        assert outcome.verdict == "not_estimable"
