"""A protocol for a register and for a signature: everything that is promised, the digest, one page."""

from __future__ import annotations

import io
import re

import pytest
from pypdf import PdfReader

from nof1.errors import WorkspaceError
from nof1.files.protocols import library, read_protocol
from nof1.protocol.digest import protocol_sha256
from nof1.workflow.handing_on import preregister, print_to_sign

HOSTILE = "<script>alert(1)</script><img src=http://x>"


@pytest.mark.parametrize("name", sorted(library()))
def test_a_preregistration_holds_what_binds(name):
    """Digest, every outcome with its smallest effect, every comparison, every stop rule."""
    path = library()[name]
    protocol, text = read_protocol(path), preregister(path)
    assert f"SHA-256 {protocol_sha256(protocol)}" in text
    assert text.startswith(protocol.title)
    for _, outcome in protocol.outcome_list():
        assert f"({outcome.score}, " in text
    for contrast in protocol.contrasts:
        assert f"Comparison {contrast}: " in text
    assert text.count("(primary)") == 1
    for rule in protocol.safety.stop_rules:
        assert f"{rule.when}: {rule.do}" in text
    assert "Benefit or harm: the interval of the difference at 95 % leaves out 0" in text
    assert (
        "; for every outcome and comparison but the first, p after Holm's correction is at most 0.05 as well"
        in text
    )
    assert "and the randomization test gives at most 0.05 too" in text
    assert ("each block is turned round" in text) == (len(protocol.conditions) > 2)
    assert "a prior that is normal around 0 with standard deviation the smallest effect of interest" in text
    assert "Adverse events are recorded" in text


@pytest.mark.parametrize(
    ("looks", "told"),
    [
        ("{method: e_value}", "need an e-value of 20 on the differences within complete blocks"),
        ("{method: lan_demets, at_blocks: [4]}", "after block 4 0.0031, after block 8 0.049 (Lan-DeMets"),
    ],
)
def test_a_preregistration_says_what_looks_cost(tmp_path, looks, told):
    """The level of each, or what a claim needs besides."""
    text = library()["tea-sleep"].read_text(encoding="utf-8")
    path = tmp_path / "tea-sleep.yaml"
    path.write_text(re.sub(r"looks: .*", f"looks: {looks}", text), encoding="utf-8")
    assert told in preregister(path)


@pytest.mark.parametrize("name", ["nefiracetam-mood", "tea-sleep"])
def test_a_page_to_sign_is_one_page(name, tmp_path):
    """With the question, the whole digest, the limits and the sentence that is acknowledged."""
    path = library()[name]
    protocol = read_protocol(path)
    pdf = PdfReader(io.BytesIO(print_to_sign(path, tmp_path / "sign.pdf").read_bytes()))
    assert len(pdf.pages) == 1
    text = " ".join(pdf.pages[0].extract_text().split())
    assert protocol_sha256(protocol) in text.replace(" ", "")
    for said in (protocol.title, "What is compared", "My own limits", "Participant, date"):
        assert said in text
    if protocol.safety.acknowledge:
        assert protocol.safety.acknowledge[:60] in text


def test_a_page_is_never_overwritten(tmp_path):
    """It may be the signed one."""
    to = tmp_path / "sign.pdf"
    to.write_bytes(b"mine")
    with pytest.raises(WorkspaceError, match="exists; nothing was changed"):
        print_to_sign(library()["tea-sleep"], to)
    assert to.read_bytes() == b"mine"


def test_hostile_words_stay_words_on_paper(tmp_path):
    """What looks like markup is printed as it was written, and asks for nothing."""
    library_text = library()["tea-sleep"].read_text(encoding="utf-8")
    title = "Is my sleep another one in weeks with chamomile tea? An open N-of-1 trial"
    path = tmp_path / "tea-sleep.yaml"
    path.write_text(library_text.replace(title, f"'{HOSTILE}'"), encoding="utf-8")
    pdf = PdfReader(io.BytesIO(print_to_sign(path, tmp_path / "sign.pdf").read_bytes()))
    assert HOSTILE in pdf.pages[0].extract_text().replace("\n", "")
