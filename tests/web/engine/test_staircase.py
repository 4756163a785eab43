"""The staircase of the page is the one that the battery checks."""

from __future__ import annotations

from nof1.battery.score import score_run

WRONG = [False, True, True, False, False, False]


def test_lengths_follow_the_rule(lab):
    """Lists by keys, some wrong: the battery finds the lengths that its own rule gives, and the right ones right."""
    form = lab.form("digit_span", lists=6, item_ms=150, direction="backward")
    page = lab.open("digit_span")
    lists = [
        trial for block in form.blocks for trial in (block.trials[:1] if block.is_practice else block.trials)
    ]
    n_practice = len(lists) - len(form.trials)
    assert form.blocks[-1].rule.start is not None
    lengths = [form.blocks[-1].rule.start]
    for i, trial in enumerate(lists):
        while page.query_selector(f'.entering[data-trial="{trial.index}"]') is None:
            on = page.query_selector(".page [data-id=on]")
            if on is not None:
                page.keyboard.press("Enter")
            page.wait_for_timeout(40)
        length = len(trial.answer) if i < n_practice else lengths[-1]
        right = list(trial.answer[:length])[::-1]
        is_wrong = i >= n_practice and WRONG[i - n_practice]
        for digit in [*right[1:], right[0]] if is_wrong and len(set(right)) > 1 else right:
            page.keyboard.press(digit)
        page.keyboard.press("Enter")
        if i >= n_practice:
            lengths.append(_next(lengths, WRONG[: i - n_practice + 1]))
    page.wait_for_url("**/next")
    run = lab.run("digit_span")
    assert [one.record.length for one in run.given] == lengths[:-1]
    values = {one.score: one.value for one in score_run(run).values}
    assert values["total_correct"] == WRONG.count(False)


def _next(lengths: list[int], wrong: list[bool]) -> int:
    if not wrong[-1]:
        return lengths[-1] + 1
    is_second = len(wrong) > 1 and wrong[-2] and lengths[-1] == lengths[-2]
    return max(lengths[-1] - 1, 2) if is_second else lengths[-1]
