"""Hands for the live tests: pages are read, stimuli are seen, keys and fingers press."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from nof1.battery.form import Form, Trial

SHOWN = '.stage[data-trial="{}"] .stimulus > *'
AFTER_MS = 170  # a press right upon the frame would be an anticipation
LOOK = """
stimulus => new Promise((resolve, reject) => {
  const end = performance.now() + 30000;
  const look = () => {
    if (document.querySelector(stimulus)) resolve("stimulus");
    else if (document.querySelector(".page [data-id=on]")) resolve("page");
    else if (document.querySelector("#run[data-state]") || !document.querySelector("#run")) resolve("end");
    else if (performance.now() > end) reject(new Error(`not seen: ${stimulus}`));
    else requestAnimationFrame(look);
  };
  look();
});
"""  # every frame: a selector of Playwright looks less often than a stimulus lasts
LOG = """
globalThis.seen = [];
for (const name of ["keydown", "pointerdown"])
  addEventListener(name, (event) => seen.push({ name, at: event.timeStamp, key: event.key ?? null, pointer: event.pointerType ?? null }), true);
"""


@dataclass
class Hands:
    """A person at a page.

    Attributes
    ----------
    page : Page
        The page.
    is_touch : bool
        Fingers rather than keys.
    pressed : dict of int to str
        What was pressed, by trial.
    after_ms : int
        How long a stimulus is looked at.
    """

    page: Page
    is_touch: bool = False
    pressed: dict[int, str] = field(default_factory=dict)
    after_ms: int = AFTER_MS

    def trials(self, form: Form) -> Iterator[Trial]:
        """Go from stimulus to stimulus, and through the pages between; practice is answered rightly on the way."""
        for block in form.blocks:
            for trial in block.trials[:1] if block.is_practice else block.trials:
                if not self._comes(trial.index):
                    break  # the time of the block was up
                if block.is_practice:
                    self.press(trial, trial.expected)
                else:
                    yield trial

    def _comes(self, index: int) -> bool:
        """Wait for a stimulus, read pages that come before it; False if the run ends instead."""
        while (found := self.page.evaluate(LOOK, SHOWN.format(index))) != "stimulus":
            if found == "end":
                return False
            if self.is_touch:
                self.page.tap(".page [data-id=on]")
            else:
                self.page.keyboard.press("Enter")
            self.page.wait_for_timeout(60)
        return True

    def press(self, trial: Trial, choice: str | None) -> None:
        """Press a choice by its key or its pad; None: do nothing."""
        if choice is None:
            return
        self.page.wait_for_timeout(self.after_ms)
        if self.is_touch:
            pad = self.page.locator(f'.pad[data-choice="{choice}"]')
            box = pad.bounding_box() if pad.count() else None
            if box is None:
                return  # the time of the block was up meanwhile
            self.page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        else:
            self.page.keyboard.press({"press": " ", "match": " "}.get(choice, choice))
        self.pressed[trial.index] = choice
