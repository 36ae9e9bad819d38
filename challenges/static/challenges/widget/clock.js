/**
 * Count down to an end, and call back once a second and at the end.
 *
 * It measures a length of time, never a time of day, so a visitor's wrong clock does no harm. It
 * asks Date and not performance, because the latter may stand still while a laptop sleeps.
 *
 * @param {number} length in milliseconds
 * @param {{second?: (left: number) => void, end: () => void}} callbacks
 * @returns {() => void} stops it
 */
export function countDown(length, { second, end }) {
  const last = Date.now() + length;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  function tick() {
    clearTimeout(timer);
    const left = last - Date.now();
    if (left <= 0) {
      stop();
      end();
      return;
    }
    second?.(Math.ceil(left / 1000));
    timer = setTimeout(tick, left % 1000 || 1000);
  }

  function stop() {
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", tick);
    window.removeEventListener("pageshow", tick);
  }

  // Timers of a page in the background or in the back-forward cache run late.
  document.addEventListener("visibilitychange", tick);
  window.addEventListener("pageshow", tick);
  tick();
  return stop;
}
