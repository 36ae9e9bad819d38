/** The journey of one photo: chosen, dropped, pasted or taken; shown to the network; answered. */

import { classify, Problem } from "./client.js";
import { View } from "./view.js";
import { words } from "./words.js";

const view = new View();
const { api = "", weight = "0" } = view.page.dataset;
let work = new AbortController();
/** @type {File | null} */
let last = null;
/** @type {ReturnType<typeof setInterval> | undefined} */
let clock;

/** Drop whatever is under way. */
function stop() {
  work.abort();
  clearInterval(clock);
  work = new AbortController();
  return work.signal;
}

/** @param {File | null | undefined} photo */
async function show(photo) {
  const signal = stop();
  if (!photo) return fail(new Problem(words.noFile));
  last = photo;
  if (photo.size > Number(weight)) return fail(new Problem(words.tooLarge(photo.size, Number(weight))));
  view.busy(photo);
  try {
    const answer = await classify(api, photo, signal);
    if (!signal.aborted) view.result(answer);
  } catch (error) {
    if (signal.aborted) return;
    if (!(error instanceof Problem)) console.error(error);
    fail(error instanceof Problem ? error : new Problem(words.unclear, { again: true }));
  }
}

/** @param {Problem} problem */
function fail({ message, again, wait }) {
  view.problem(message, again ? words.retry : "");
  if (again && wait) countDown(wait);
}

/** @param {number} wait in seconds */
function countDown(wait) {
  const end = performance.now() + wait * 1000;
  const tick = () => {
    const left = Math.ceil((end - performance.now()) / 1000);
    view.retry(left > 0 ? words.retryIn(left) : words.retry, left <= 0);
    if (left <= 0) clearInterval(clock);
  };
  tick();
  clock = setInterval(tick, 500);
}

for (const field of /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll("input[type=file]"))) {
  field.addEventListener("change", () => {
    const photo = field.files?.[0];
    // The same file can be chosen once more.
    field.value = "";
    if (photo) show(photo);
  });
}

view.addEventListener("again", () => {
  stop();
  view.idle(true);
});
view.addEventListener("retry", () => show(last));

document.addEventListener("paste", (event) => {
  const photo = event.clipboardData?.files[0];
  if (photo) show(photo);
});
// Anywhere on the page: a browser would leave it for a photo that was dropped beside the mark.
document.addEventListener("dragover", (event) => {
  event.preventDefault();
  view.dragging(true);
});
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) view.dragging(false);
});
document.addEventListener("drop", (event) => {
  event.preventDefault();
  view.dragging(false);
  show(event.dataTransfer?.files[0]);
});
