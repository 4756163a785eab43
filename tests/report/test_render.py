"""The report as a whole: order, banners, three forms of the same, and texts that stay texts."""

from __future__ import annotations

import json
import re
from dataclasses import fields, is_dataclass, replace
from html.parser import HTMLParser

import pytest

from nof1.analysis.result import Contrast, Results, SequenceSummary
from nof1.report.page import check_page
from nof1.report.render import LETTER_MIME, RESULTS_MIME, render

HOSTILE = '"><script>x()</script><img src=x onerror=x()> {{ 7*7 }} </style> $x$ \x27 `'
CODES = {"verdict", "mode", "kind", "role", "better", "primary_method", "method", "permute", "size", "trend"}


class _Words(HTMLParser):
    """Everything that a reader sees, and the headings in their order."""

    def __init__(self, html):
        super().__init__()
        self.texts, self.headings, self.tags = [], [], []
        self._heading = None
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag == "h2":
            self._heading = []

    def handle_endtag(self, tag):
        if tag == "h2":
            self.headings.append("".join(self._heading).strip())
            self._heading = None

    def handle_data(self, data):
        self.texts.append(data)
        if self._heading is not None:
            self._heading.append(data)


def poisoned(value, name=""):
    """Put the hostile text into every text that is not a code of ours."""
    if is_dataclass(value) and not isinstance(value, type):
        return replace(
            value, **{field.name: poisoned(getattr(value, field.name), field.name) for field in fields(value)}
        )
    if isinstance(value, str):
        return value if name in CODES else f"{value}{HOSTILE}"
    if isinstance(value, dict) and name in {"conditions", "guesses", "record"}:
        return {key: poisoned(item) for key, item in value.items()}
    if isinstance(value, tuple) and name == "deviations":
        return tuple({f"{key}{HOSTILE}": f"{item}{HOSTILE}" for key, item in row.items()} for row in value)
    if isinstance(value, tuple) and name in {"outcomes", "harms", "sensitivity"}:
        return tuple(poisoned(item) for item in value)
    return value


def lean(results):
    """Leave out what takes long to draw."""
    return replace(results, outcomes=results.outcomes[:1], sensitivity=())


@pytest.fixture(scope="module")
def report(make_results):
    """Render the plain results once."""
    return render(make_results())


def test_three_forms_of_the_same(report, make_results):
    """A notebook output holds the page, the words and the numbers beside one another."""
    bundle = report._repr_mimebundle_(include=None, exclude=None)
    assert set(bundle) == {"text/html", "text/plain", RESULTS_MIME, LETTER_MIME}
    assert bundle[RESULTS_MIME] == make_results().to_json()
    assert json.loads(json.dumps(bundle[RESULTS_MIME], allow_nan=False)) == bundle[RESULTS_MIME]
    assert str(report) == bundle["text/plain"]


def test_plain_text(report, golden):
    """A terminal gets the verdict and what it rests on."""
    golden("report.txt", f"{report.text}\n")


def test_sections_come_in_the_order_of_the_questions(report):
    """Verdict first, limits and methods last."""
    assert _Words(report.html).headings == [
        "What was done",
        "The data",
        "The effect",
        "Is it large enough to matter?",
        "Secondary outcomes",
        "Harms",
        "Was the blind kept?",
        "Practice, neighbouring days, missing scores",
        "The same question, asked otherwise",
        "Departures from the plan",
        "Limits",
        "Methods and versions",
        "Is everything reported?",
    ]
    assert report.html.index("nof1-verdict") < report.html.index("What was done")


def test_words_of_the_report(report, golden):
    """The whole text, without the pictures; a change of wording is a change that somebody decided on."""
    html = re.sub(r"<style>.*?</style>|<svg.*?</svg>", "", report.html, flags=re.DOTALL)
    text = re.sub(r"</(p|h1|h2|li|tr|dd|dt|figcaption)>", "\n", html)
    text = re.sub(r"</t[hd]>\s*", " | ", text)
    words = "".join(_Words(text).texts)
    lines = [" ".join(line.split()) for line in words.splitlines()]
    told = "\n".join(line for line in lines if line) + "\n"
    golden("report_words.txt", re.sub(r"(numpy|scipy|pandas) \| [\w.+]+ \|", r"\1 | … |", told))


@pytest.mark.usefixtures("no_figures")
@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"simulated": True}, "Simulated"),
        ({"imported": True}, "Imported"),
        ({"mode": "open_label"}, "Not blinded"),
        ({"sequence": SequenceSummary(kind="fixed", size="1")}, "Not randomized"),
    ],
)
def test_banner_stands_on_every_section(make_results, changes, word):
    """Whoever sees one printed page must see what kind of report it is from."""
    report = render(lean(make_results(**changes)))
    assert all(heading.endswith(word) for heading in _Words(report.html).headings)
    assert report.text.splitlines()[1].startswith(f"{word.upper()}: ")


def test_real_blinded_trial_has_no_banner(report):
    """A banner that is always there is never read."""
    assert "nof1-banner" not in re.sub(r"<style>.*?</style>", "", report.html, flags=re.DOTALL)


def test_hostile_texts_stay_texts(make_results):
    """Names, units, labels, reasons, deviations: all come from files that somebody else may have written."""
    results = make_results(
        record={
            "facts": [["drift", HOSTILE], [HOSTILE, HOSTILE]],
            "stages": [[HOSTILE, HOSTILE]],
            "flags": [HOSTILE],
            "chain_head": HOSTILE,
            "versions": {HOSTILE: HOSTILE},
        }
    )
    report = render(poisoned(results))
    assert isinstance(results, Results)
    assert check_page(report.html) == ()
    seen = "".join(_Words(report.html).texts)
    assert seen.count("<script>x()</script>") > 20
    assert "{{ 7*7 }}" in seen
    assert not [tag for tag, _ in _Words(report.html).tags if tag in {"script", "img"}]
    assert report.html.count("</style>") == 1


def test_page_holds_nothing_active(report):
    """The plain report passes its own check; every picture has words, every table its heads."""
    assert check_page(report.html) == ()
    words = _Words(report.html)
    pictures = [attributes for tag, attributes in words.tags if tag == "svg"]
    assert len(pictures) >= 10
    assert all(picture["role"] == "img" and picture["aria-label"] for picture in pictures)
    assert len([tag for tag, _ in words.tags if tag == "figcaption"]) == len(pictures) / 2
    heads = [attributes for tag, attributes in words.tags if tag == "th"]
    assert all(head.get("scope") in {"col", "row"} for head in heads)


def test_ids_are_unique(report):
    """Two figures with one id would draw one another."""
    ids = [attributes["id"] for _, attributes in _Words(report.html).tags if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_report_is_the_same_twice(make_results):
    """A rerun gives the same bytes."""
    assert render(lean(make_results())).html == render(lean(make_results())).html


@pytest.mark.usefixtures("no_figures")
def test_one_outcome_that_failed_leaves_the_rest(make_results, make_outcome, make_estimate):
    """When one outcome cannot be analysed, the rest of the report still comes."""
    failed = make_outcome(
        role="secondary",
        score="words.delayed",
        label="recall",
        mixed_model=make_estimate(None, flags=("analysis_failed",), note="singular matrix"),
        randomization_test=None,
        equivalence=None,
        verdict="not_estimable",
        adjusted_p_value=None,
    )
    results = lean(make_results())
    html = render(replace(results, outcomes=(*results.outcomes, failed))).html
    assert "Recall: One analysis stopped with an error" in html
    assert "Not estimable" in html
    primary = replace(failed, role="primary", by_condition=(), period_means=None, paired_blocks=None)
    html = render(replace(results, outcomes=(primary, *results.outcomes[1:]), sensitivity=())).html
    assert "could not be estimated: singular matrix." in html


@pytest.mark.usefixtures("no_figures")
def test_several_contrasts_name_what_they_compare(make_results, make_outcome):
    """With three conditions the table says which two are compared."""
    results = lean(make_results(conditions={"high": "drug", "low": "drug", "zero": "placebo"}))
    first = make_outcome(contrast=Contrast(name="high_zero", weights={"high": 1.0, "zero": -1.0}))
    second = replace(first, contrast=Contrast(name="low_zero", weights={"low": 1.0, "zero": -1.0}))
    third = replace(first, score="a.b", label="other", role="secondary")
    html = render(replace(results, outcomes=(first, second, third))).html
    assert "drug (high) − placebo" in html
    assert ">Comparison</th>" in html
