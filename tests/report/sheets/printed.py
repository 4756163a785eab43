"""Plans to print, and what can be read back from a sheet."""

from __future__ import annotations

import io
import os
import random
import shutil
import subprocess
from dataclasses import dataclass

import pypdf
import pytest
import zxingcpp
from PIL import Image

from nof1.blinding.kits import ALPHABET, kit_code
from nof1.report.sheets.model import HandPlan, LabelBlock, Pack, PackedKit, PreparerPlan, Slip, TrialText

CONTENTS = (
    "nefiracetam 150 mg per capsule, 3 capsules a day",
    "microcrystalline cellulose, 3 capsules a day",
    "creatine 1 g per capsule, 3 capsules a day",
)


def trial_text(k=2, **changes):
    """Return the texts of a trial of k conditions."""
    given = {
        "title": "Does nefiracetam make my working memory better?", "protocol_sha256": "ab12cd34" * 8,
        "contents": CONTENTS[:k], "capsules_per_kit": 42, "contact": "A. Person, +49 30 000000",
        "highest_daily_dose": "450 mg",
    }  # fmt: skip
    return TrialText(**{**given, **changes})


def made_plans(*, blocks=("1", "2", "S1"), per_block=1, k=2, pack=Pack.BOX, seed=1, **changes):
    """Return the plan of a lone person and that of a preparer, with codes and keys from a seed."""
    chance = random.Random(seed)  # noqa: S311 - a made plan
    trial = trial_text(k, **changes)
    kits = (per_block * k + 1) * len(blocks)
    codes = [kit_code(value) for value in chance.sample(range(31**5), kits)]

    def key():
        return "".join(chance.choice(ALPHABET) for _ in range(16))

    labels = tuple(
        LabelBlock(block=block, codes=tuple(part[:-1]), reserve=part[-1])
        for block, part in zip(
            blocks,
            [codes[i : i + per_block * k + 1] for i in range(0, kits, per_block * k + 1)],
            strict=True,
        )
    )
    slips = tuple(
        tuple(Slip(block=block, card_key=key()) for block in blocks for _ in range(per_block))
        for _ in range(k)
    )
    packed = tuple(
        PackedKit(
            code=code, block=label.block, content=trial.contents[place % len(trial.contents)], card_key=key()
        )
        for label in labels
        for place, code in enumerate(label.codes)
    )
    groups = tuple((f"{chance.getrandbits(32):08x}", chance.choice(ALPHABET)) for _ in range(8))
    return (
        HandPlan(trial=trial, pack=pack, slips=slips, labels=labels),
        PreparerPlan(trial=trial, pack=pack, kits=packed, secret_groups=groups),
    )


@dataclass(frozen=True)
class Sheet:
    """A PDF as a reader sees it."""

    data: bytes

    @property
    def pages(self):
        """Text of every page."""
        return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(self.data)).pages]

    @property
    def text(self):
        """All text, blanks and line ends as one blank."""
        return " ".join(" ".join(self.pages).split())

    @property
    def sizes(self):
        """Width and height of every page [mm]."""
        boxes = [page.mediabox for page in pypdf.PdfReader(io.BytesIO(self.data)).pages]
        return {(round(float(b.width) / 72 * 25.4), round(float(b.height) / 72 * 25.4)) for b in boxes}

    def qr_texts(self):
        """Read all QR codes of the printed pages."""
        pictures = self.picture(150)
        return [
            code.text
            for one in pictures
            for code in zxingcpp.read_barcodes(
                Image.open(io.BytesIO(one)), formats=zxingcpp.BarcodeFormat.QRCode
            )
        ]

    def picture(self, dpi=50):
        """Return the pages as grey pictures (PGM), the way a printer would see them."""
        return pictures_of(self.data, dpi)


def pictures_of(data, dpi=50):
    """Return the pages of a PDF as grey pictures (PGM); where none can be made nothing was read, and that is said."""
    if shutil.which("pdftoppm") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("pdftoppm is missing (Debian: poppler-utils); printed QR codes cannot be read back")
        pytest.skip("pdftoppm is missing (Debian: poppler-utils); printed QR codes are not read back")
    done = subprocess.run(
        ["pdftoppm", "-gray", "-r", str(dpi), "-"], input=data, capture_output=True, check=True
    )
    return _split(done.stdout)


def _split(stream):
    """Cut a stream of PGM pictures into pictures."""
    pictures = []
    while stream:
        head = stream.split(b"\n", 3)
        width, height = map(int, head[1].split())
        length = sum(len(part) + 1 for part in head[:3]) + width * height
        pictures.append(stream[:length])
        stream = stream[length:]
    return pictures
