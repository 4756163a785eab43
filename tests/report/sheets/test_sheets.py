"""Sheets as they come out of the printer: what each says, what none may say, and that every page can be cut and folded."""

from __future__ import annotations

import io
import re
import sys
from collections import Counter
from dataclasses import replace

import pypdf
import pytest

from nof1.errors import ReportError
from nof1.report.sheets import pdf
from nof1.report.sheets.block_cards import block_cards
from nof1.report.sheets.cards import kit_cards, shape_for, slip_sheet
from nof1.report.sheets.instructions import instructions
from nof1.report.sheets.labels import block_numbers, label_sheet
from nof1.report.sheets.model import Pack, Paper, grouped
from nof1.report.sheets.preparer import packing_list, recovery_sheet
from nof1.report.sheets.self_blinded import labels_again, self_blinded_sheets
from nof1.report.sheets.third_party import third_party_sheets
from nof1.report.sheets.wallet import wallet_card

from .printed import Sheet, made_plans, trial_text

CODE = re.compile(r"K-[2-9A-HJKMNP-Z]{6}")
KEY = re.compile(r"(?:[2-9A-HJKMNP-Z]{4} ){3}[2-9A-HJKMNP-Z]{4}")
SIZES = {Paper.A4: {(210, 297)}, Paper.LETTER: {(216, 279)}}


@pytest.mark.parametrize("paper", Paper)
def test_what_a_lone_person_prints(paper):
    """Conditions and keys on the slips alone, codes on the labels alone; the same plan gives the same bytes, without a date."""
    plan, _ = made_plans()
    sheets = self_blinded_sheets(plan, paper)
    assert list(sheets) == [
        "instructions.pdf", "sheet-1.pdf", "sheet-2.pdf", "block-numbers.pdf", "labels.pdf", "wallet-card.pdf",
    ]  # fmt: skip
    codes = {code for block in plan.labels for code in (*block.codes, block.reserve)}
    for name, data in sheets.items():
        assert Sheet(data).sizes == SIZES[paper]
        assert b"CreationDate" not in data
        assert b"/ID" not in data
        text = Sheet(data).text
        assert set(CODE.findall(text)) == (codes if name == "labels.pdf" else set())
        number = int(name[6]) - 1 if name.startswith("sheet-") else None
        keys = [] if number is None else [grouped(slip.card_key) for slip in plan.slips[number]]
        assert KEY.findall(text) == keys
    assert slip_sheet(plan.trial, 1, plan.slips[0], paper) == sheets["sheet-1.pdf"]
    assert labels_again(plan, paper) == {"labels.pdf": sheets["labels.pdf"]}
    assert not any(text in Sheet(sheets["labels.pdf"]).text for text in plan.trial.contents)


def test_cards_of_all_conditions_have_the_same_ink():
    """Both slips show the same signs in the same size: from outside, and by weight of ink, they are alike but for the key."""
    plan, _ = made_plans(k=3)
    texts = [
        KEY.sub("", Sheet(slip_sheet(plan.trial, n, slips, Paper.A4)).text)
        for n, slips in enumerate(plan.slips, start=1)
    ]
    signs = [Counter(re.sub(r"Sheet \d: goes with tub \d only|[\s;]", "", text)) for text in texts]
    assert signs[0] == signs[1] == signs[2]
    assert len(set(texts)) == 3


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"title": "A title of many words " * 6, "contact": "Somebody, with a long address and two numbers " * 2},
        {"contents": ("a name " * 20, "another one " * 12), "title": "T" * 90},
        {"contents": tuple(f"condition number {n} of eight, 3 capsules a day" for n in range(8))},
    ],
)  # fmt: skip
def test_a_card_ends_before_its_fold(changes):
    """The emergency line of a card is whole and stands in the middle third, however long the texts are."""
    trial = trial_text(**changes)
    shape = shape_for(trial)
    plan, _ = made_plans(k=len(trial.contents), blocks=("1",))
    reader = pypdf.PdfReader(io.BytesIO(slip_sheet(trial, 1, plan.slips[0], Paper.A4)))
    found = []
    reader.pages[0].extract_text(
        visitor_text=lambda text, cm, tm, *_: found.append((cm[3] * tm[5] + cm[5], text)) if text.strip() else None
    )  # fmt: skip
    lowest = min(height for height, _ in found)
    fold = (297 - 8 - 10 - 2 * shape.panel_mm) / 25.4 * 72
    assert lowest > fold
    text = " ".join("".join(text for _, text in found).split())
    assert all(" ".join(one.split()) in text for one in (*trial.contents, trial.title, trial.contact))


def test_texts_that_no_card_can_hold_are_refused():
    """Nothing is cut off in silence: the text says what to shorten."""
    with pytest.raises(ReportError, match="too long for a card"):
        shape_for(trial_text(title="word " * 2000))


@pytest.mark.parametrize("paper", Paper)
def test_labels_read_back(paper):
    """A QR code holds the code alone; codes stand sorted in their block, the reserve label last."""
    plan, _ = made_plans(blocks=("1", "S1"), per_block=2)
    sheet = Sheet(label_sheet(plan.trial, plan.labels, plan.pack, paper))
    wanted = [code for block in plan.labels for code in (*sorted(block.codes), block.reserve)]
    assert CODE.findall(sheet.text) == wanted
    assert sorted(sheet.qr_texts()) == sorted(wanted)
    assert sheet.text.count("reserve") == 2
    turned = [replace(block, codes=block.codes[::-1]) for block in plan.labels]
    assert label_sheet(plan.trial, turned, plan.pack, paper) == sheet.data


def test_block_numbers_are_as_many_as_kits():
    """Every pack gets its number, the packs of a block the same one."""
    plan, _ = made_plans(blocks=("1", "2", "S1"), per_block=2)
    assert Sheet(block_numbers(plan.labels, Paper.A4)).text.split() == [
        *"1111",
        *"2222",
        *["S1"] * 4,
    ]


def test_what_a_preparer_prints():
    """Everything sorted by code, so that the order of use stays with the participant's plan; labels and wallet say nothing."""
    _, plan = made_plans()
    sheets = third_party_sheets(plan, Paper.A4)
    assert list(sheets) == [
        "packing-list.pdf", "labels.pdf", "cards.pdf", "recovery-sheet.pdf", "wallet-card.pdf",
    ]  # fmt: skip
    codes = sorted(kit.code for kit in plan.kits)
    listed = Sheet(sheets["packing-list.pdf"]).text
    assert CODE.findall(listed) == codes
    for kit in plan.kits:
        assert f"{kit.code} {kit.content}" in listed
    assert CODE.findall(Sheet(sheets["labels.pdf"]).text) == codes
    assert CODE.findall(Sheet(sheets["wallet-card.pdf"]).text) == []
    cards = Sheet(sheets["cards.pdf"]).text
    assert sorted(KEY.findall(cards)) == sorted(grouped(kit.card_key) for kit in plan.kits)
    turned = replace(plan, kits=plan.kits[::-1])
    assert packing_list(turned, Paper.A4) == sheets["packing-list.pdf"]
    assert kit_cards(plan.trial, turned.kits, Paper.A4) == sheets["cards.pdf"]


def test_the_recovery_sheet_reads_back():
    """The square holds the 64 digits; each group is printed with its check sign; below, code and content."""
    _, plan = made_plans()
    sheet = Sheet(recovery_sheet(plan, Paper.A4))
    assert sheet.qr_texts() == ["".join(digits for digits, _ in plan.secret_groups)]
    for digits, check in plan.secret_groups:
        assert f"{digits}-{check}" in sheet.text
    for kit in plan.kits:
        assert f"{kit.code} {kit.content}" in sheet.text


@pytest.mark.parametrize(("blocks", "per_block", "names"), [
    (("1", "2"), 2, ["block 1", "block 2"]),
    (("0",), 5, ["card 1 of 2", "card 2 of 2"]),
])  # fmt: skip
def test_block_cards(blocks, per_block, names):
    """Daily trials have one card for each block, or for every seven kits in order of use; inside, sorted by code."""
    _, plan = made_plans(blocks=blocks, per_block=per_block, pack=Pack.DAY)
    text = Sheet(block_cards(plan.trial, plan.kits, Paper.A4)).text
    parts = re.split("|".join(names), text)[1:]
    size = 4 if len(blocks) == 2 else 7
    for start, part in enumerate(parts):
        codes = [kit.code for kit in plan.kits[start * size : start * size + size]]
        assert CODE.findall(part) == sorted(codes)
    assert "block-cards.pdf" in third_party_sheets(plan, Paper.A4)


def test_day_packs_of_a_preparer_point_to_the_sealed_card():
    """They hold no slip, so neither label nor wallet card sends anyone to look for one; the list says what to seal."""
    _, plan = made_plans(pack=Pack.CARD, capsules_per_kit=1)
    sheets = {name: Sheet(data).text for name, data in third_party_sheets(plan, Paper.A4).items()}
    assert "emergency: sealed card" in sheets["labels.pdf"]
    assert "open the sealed card with the code of the day pack in use" in sheets["wallet-card.pdf"]
    assert "slip" not in sheets["labels.pdf"] + sheets["wallet-card.pdf"]
    assert "seal each in an opaque envelope of its own" in sheets["packing-list.pdf"]
    assert "exactly 1 capsule, alike" in sheets["packing-list.pdf"]


def test_instructions_of_twelve_packs():
    """The numbers of the plan stand in the sentences of the design, to the word."""
    plan, _ = made_plans(blocks=tuple("123456"))
    text = Sheet(instructions(plan, Paper.A4)).text
    for sentence in (
        "Packing: 12 packs of 42 capsules, 6 blocks; about 26 minutes",
        "You need: 12 equal boxes, 12 equal bags,",
        ("one tub on the table at a time. Labels come last. Nobody weighs, opens or holds to the light anything that "
        "has a label."),
        ("(2 min) From one stack of boxes take twelve. Stick a printed block number underneath (not handwritten: one "
        "knows one's own hand): 1, 1, 2, 2, … 6, 6. Put one box of each number left, one right."),
        "Count exactly 252 capsules into tub 1 and 252 into tub 2. Close tub 2 and put it in another room with Sheet 2.",
        ("(8 min) Tub 1, Sheet 1, left boxes. For each box: 42 capsules into a bag, close. Cut off the slip with the "
        "box's number, fold it twice, pattern outside, tape it inside the lid. Bag in, box shut, taped."),
        "Tub 1 is now empty and Sheet 1 used up. If not, something is wrong: recount now, while you still may.",
        "Clear the table, wash and dry your hands. (8 min) Tub 2, Sheet 2, right boxes, the same.",
        ("(4 min) Both boxes numbered 1 into the sack, all others away from you. Close, turn your back to it, tumble 20 "
        "seconds. Take one out without looking: stick on the first label of block 1. Take out the other: second label. "
        "Then 2, 3, … 6."),
        "Wait a night before the first dose.",
        "The slip stays in its lid, folded, until the trial is locked. In an emergency anyone may open it",
    ):  # fmt: skip
        assert sentence in text, sentence


@pytest.mark.parametrize(("given", "sentence"), [
    ({"per_block": 2}, ("The four boxes numbered 1 into the sack, all others away from you. Close, turn your back to it, "
     "tumble 40 seconds.")),
    ({"k": 3, "blocks": ("1", "2", "S1")}, "Then block 2 and S1."),
    ({"k": 3}, "Count exactly: 126 into tub 1, 126 into tub 2, 126 into tub 3."),
    ({"blocks": ("0",), "per_block": 6}, ("All twelve boxes into a duvet cover or a laundry bag. Close it, tumble 2 minutes, "
     "turn it over ten times.")),
    ({"pack": Pack.DAY, "per_block": 2, "capsules_per_kit": 1}, ("The four envelopes of block 1 flat and face down on the "
     "table, all others away. Close your eyes and stir them with both hands for 1 minute. Square them up, cut the pile "
     "three times like a pack of cards.")),
    ({"pack": Pack.DAY, "per_block": 2, "capsules_per_kit": 1}, "then goes into a tin with the last seven."),
])  # fmt: skip
def test_the_shuffle_by_the_kind_of_sack(given, sentence):
    """Pairs, several packs, the whole trial and day packs have each their own hands."""
    plan, _ = made_plans(**given)
    assert sentence in Sheet(instructions(plan, Paper.LETTER)).text


def test_the_wallet_card_needs_no_computer():
    """It says what may have been taken, the highest dose, and what to open without asking."""
    text = Sheet(wallet_card(trial_text(), Pack.BOX, Paper.A4)).text
    for sentence in (
        *trial_text().contents,
        "450 mg",
        "open the slip in the lid of the box in use; no permission, no computer needed",
        "A. Person, +49 30 000000",
    ):
        assert text.count(sentence) == 2


def test_sheets_reach_for_nothing():
    """A title is text, whatever it says; and a page that asked for an address would be refused."""
    title = 'A <img src="file:///etc/hostname"> & {{ 7 * 7 }}'
    assert title in Sheet(wallet_card(trial_text(title=title), Pack.BOX, Paper.A4)).text
    weasyprint = pdf.load_weasyprint()
    for address in ("file:///etc/hostname", "https://example.org/a.css", "data:text/css,p{}"):
        page = weasyprint.HTML(string=f'<img src="{address}">', url_fetcher=pdf._Fetcher({}))
        with pytest.raises(weasyprint.urls.FatalURLFetchingError):
            page.write_pdf()


def test_without_pango_the_error_says_what_to_install(monkeypatch):
    """A machine that lacks the libraries is told which, before anything was written."""
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(ReportError, match="apt install"):
        wallet_card(trial_text(), Pack.BOX, Paper.A4)
