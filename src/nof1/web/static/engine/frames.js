// Time as the display and the browser have it.
//
// A stimulus is written to the page inside an animation frame. The timestamp of the frame after it is the first moment at
// which the written stimulus can be on the display: that is the onset from which a reaction time counts.

/** Call back with the timestamp of the next animation frame [ms since the page began]. */
export const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));

/** The moment from which what was written at `written` can be seen; after a late frame the next one may be stamped before the writing. */
export const onsetOf = async (written) => Math.max(await nextFrame(), written);

/** Wait for a number of animation frames, or give up when the page is hidden and frames stop. */
export async function measureRefresh(n = 60, timeoutMs = 4000) {
  const stamps = [];
  const started = performance.now();
  await new Promise((resolve) => {
    const timer = setTimeout(resolve, timeoutMs);
    const step = (stamp) => {
      stamps.push(stamp);
      if (stamps.length > n) {
        clearTimeout(timer);
        resolve();
      } else {
        requestAnimationFrame(step);
      }
    };
    requestAnimationFrame(step);
  });
  const steps = stamps.slice(1).map((stamp, i) => stamp - stamps[i]).sort((a, b) => a - b);
  if (steps.length === 0) return { n: 0, median_ms: null, p95_ms: null, max_ms: null, took_ms: round(performance.now() - started) };
  const at = (share) => round(steps[Math.min(steps.length - 1, Math.floor(share * steps.length))]);
  return { n: steps.length, median_ms: at(0.5), p95_ms: at(0.95), max_ms: round(steps[steps.length - 1]), took_ms: round(performance.now() - started) };
}

/** The smallest step that the clock of this browser makes [ms], looked for during at most `budgetMs`. */
export function timerResolution(budgetMs = 40) {
  let smallest = Infinity;
  const end = performance.now() + budgetMs;
  let last = performance.now();
  for (let seen = 0; seen < 400 && last < end; ) {
    const now = performance.now();
    if (now > last) {
      smallest = Math.min(smallest, now - last);
      seen += 1;
      last = now;
    }
  }
  return Number.isFinite(smallest) ? Math.round(smallest * 1e4) / 1e4 : budgetMs;
}

/** Round a time to a hundredth of a millisecond; null stays null. */
export const round = (ms) => (ms === null || ms === undefined ? null : Math.round(ms * 100) / 100);
