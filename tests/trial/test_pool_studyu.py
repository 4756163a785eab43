"""Three people of one published export, imported into folders of their own and pooled."""

from __future__ import annotations

from pathlib import Path

import pytest

from nof1.report.pooled import people_table, pooled_lines
from nof1.scores.importers import ImportForm
from nof1.workflow.context import Context
from nof1.workflow.import_trial import import_trial
from nof1.workflow.pool import pool

TEA = Path(__file__).parent / "data_protocols" / "tea.yaml"
PEOPLE = {
    "one": "0889f7fb-64b3-4f02-a517-0754b69cb6df",
    "two": "c8bafe93-7744-4345-834a-fc121bf61334",
    "three": "b6a716a4-bef2-49a5-9808-8bb5d93c3704",
}


@pytest.fixture(scope="module")
def folders(tmp_path_factory, shared_data):
    """Import every person of the export."""
    root = tmp_path_factory.mktemp("studyu")
    (root / "protocols").mkdir()
    context = Context(workspace=root)
    data = shared_data / "studyu" / "measurements.csv"
    for name, who in PEOPLE.items():
        done = import_trial(TEA, data, root / "data" / name, context, participant=who, form=ImportForm.STUDYU)
        assert done.n_rows == 129  # as they stand in the file, wide and of everybody
        assert done.n_scores == 2 * done.n_sessions
    return [root / "data" / name for name in PEOPLE], context


def test_three_people_of_a_published_export(folders):
    """Nobody is left out, and with three people nothing is said about differences between people."""
    paths, context = folders
    pooled = pool(paths, context)
    assert pooled.left_out == ()
    assert {one.participant for one in pooled.estimate.individuals} == set(PEOPLE.values())
    assert pooled.estimate.method == "participant_means"
    assert pooled.estimate.df == 2
    own = [one.own for one in pooled.estimate.individuals]
    assert pooled.estimate.estimate == pytest.approx(sum(own) / 3)
    told = " ".join(pooled_lines(pooled))
    assert "Sleep quality, higher is better. Herbal tea − No tea: 3 people" in told
    for limit in ("Fewer than five people", "Not randomized: in all trials", "Not blinded: in all trials"):
        assert limit in told
    assert "Simulated" not in told
    assert people_table(pooled).columns == ("Person", "Days", "Own scores", "Standard error")


def test_the_identifiers_of_the_app_go_on_request(folders):
    """No part of them is left."""
    paths, context = folders
    pooled = pool(paths, context, without_names=True)
    told = str(pooled.to_json())
    assert not [who for who in PEOPLE.values() if who[:8] in told]
