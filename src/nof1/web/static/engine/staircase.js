// The rule of a staircase, as the form says it: one list right, one longer; `down_after` wrong in a row at one length, one shorter.

/** The right list: `answer` up to a length, turned round where the order is backward. */
export function rightList(answer, order, length = answer.length) {
  const list = answer.slice(0, length);
  return order === "backward" ? list.reverse() : list;
}

export const isSame = (one, other) => one.length === other.length && one.every((item, i) => item === other[i]);

export class Staircase {
  constructor({ start, lowest, highest, down_after }) {
    Object.assign(this, { lowest, highest, downAfter: down_after, length: start, wrong: 0 });
  }

  /** Tell how the list went; the length of the next one follows. */
  record(isRight) {
    if (isRight) {
      this.length = Math.min(this.length + 1, this.highest);
      this.wrong = 0;
      return;
    }
    this.wrong += 1;
    if (this.wrong >= this.downAfter) {
      this.length = Math.max(this.length - 1, this.lowest);
      this.wrong = 0;
    }
  }
}
