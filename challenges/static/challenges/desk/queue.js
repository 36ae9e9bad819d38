/** The queue of photos that wait for a person: keys and buttons, one big picture, no waiting. */

import { Api, Problem } from "./queue-api.js";
import { AHEAD, Line, SPARE } from "./queue-line.js";
import { Outbox } from "./queue-outbox.js";
import * as view from "./queue-view.js";

/**
 * @typedef {import("./queue-line.js").Item} Item
 * @typedef {import("./queue-line.js").Said} Said
 * @typedef {import("./queue-api.js").Word} Word
 */

/** @type {Record<string, Word>} */
const WORDS = { c: "cat", d: "dog", n: "neither", x: "reject" };
/** The page says so often that it is still open, in milliseconds; photos are kept for two minutes. */
const HEARTBEAT = 40_000;
/** An empty queue is looked at so often. */
const LOOK_AGAIN = 15_000;
/** The rate is that of so many last decisions; a longer pause than this counts as this. */
const RATE_OF = 20;
const LONGEST_PAUSE = 30_000;
/** What was decided is shown so much later, in milliseconds. */
const STRIP_LATER = 120;
/** Nobody can decide on these any more. */
const NOT_OURS = new Set(["photo_gone", "photo_taken", "already_settled"]);

const root = view.part("queue");
const csrf = root.querySelector("input[name=csrfmiddlewaretoken]");
const api = new Api(root.dataset.api ?? "", csrf instanceof HTMLInputElement ? csrf.value : "");
const help = /** @type {HTMLDialogElement} */ (view.part("help"));
const line = new Line();
const outbox = new Outbox(refresh);
/** What was said here and stands, oldest first. @type {Said[]} */
const spoken = [];
/** When decisions were made. @type {number[]} */
const times = [];
let strip = 0;
let left = 0;
let fetching = false;
let dry = false;
let started = false;

// --- what a person does --------------------------------------------------------------------------

/** @param {Word} word @param {number} since */
function decide(word, since) {
  const item = line.current;
  if (!item || item.said?.word === word) return;
  if (item.said) takeBack(item.said);
  const said = { item, word, job: null, decision: null, came: "" };
  remember(said);
  times.push(Date.now());
  line.next();
  show(since);
  send(said);
  void fill();
}

/** @param {Said} said */
function send(said) {
  const { item, word } = said;
  item.pending += 1;
  said.job = {
    send: async () => {
      const done = await api.decide(item.photo.id, word);
      said.decision = done.id;
      said.came = done.came;
      item.pending -= 1;
    },
    failed: (problem) => {
      item.pending -= 1;
      failed(said, problem);
    },
  };
  outbox.add(said.job);
}

/** @param {Said} said @param {Problem} problem */
function failed(said, problem) {
  const { item } = said;
  view.showNotice(problem.message, item);
  if (item.said !== said) return;
  forget(said);
  if (NOT_OURS.has(problem.code)) {
    const shown = line.current === item;
    line.drop(item);
    if (shown) show(performance.now());
    return;
  }
  line.goTo(item);
  show(performance.now());
}

/** @param {Said} said */
function remember(said) {
  said.item.said = said;
  spoken.push(said);
  left = Math.max(0, left - 1);
}

/** @param {Said} said */
function forget(said) {
  said.item.said = null;
  spoken.splice(spoken.lastIndexOf(said), 1);
  left += 1;
}

/** Take back what was said of a photo, here and on the server. @param {Said} said */
function takeBack(said) {
  const { item, job } = said;
  forget(said);
  times.pop();
  if (job && outbox.cancel(job)) {
    item.pending -= 1;
    return;
  }
  item.pending += 1;
  // What is on its way arrives first, and says which decision it became.
  outbox.add({
    send: async () => {
      if (said.decision !== null) await api.undo(said.decision);
      item.pending -= 1;
    },
    failed: (problem) => {
      item.pending -= 1;
      view.showNotice(problem.message, item);
      if (item.said) return;
      remember(said);
      if (line.current === item) line.next();
      show(performance.now());
    },
  });
}

function undo() {
  const last = spoken.at(-1);
  if (!last) {
    view.showNotice("There is nothing more to undo on this page.");
    return;
  }
  takeBack(last);
  line.goTo(last.item);
  show(performance.now());
}

/** @param {number} since */
function skip(since) {
  line.next();
  show(since);
  void fill();
}

/** @param {number} since */
function back(since) {
  line.back();
  show(since);
}

// --- photos ahead --------------------------------------------------------------------------------

async function fill() {
  const wanted = AHEAD + SPARE + 1 - line.ahead;
  // Some at once: a call for each key would be in the way of the decisions.
  if (fetching || wanted <= (line.ahead ? SPARE : 0) || dry) return;
  fetching = true;
  try {
    const empty = !line.current;
    const next = await api.next(wanted, line.holding);
    started = true;
    left = Math.max(next.left - outbox.jobs.length, line.open.length);
    const added = line.add(next.photos);
    dry = next.photos.length < wanted;
    if (added && !line.current) line.next();
    if (empty) show(performance.now());
    view.showTrouble(outbox.problem?.message ?? null);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    view.showTrouble(error.message);
    dry = true;
  } finally {
    fetching = false;
    refresh();
  }
  if (!dry) void fill();
}

/** Say that the page is still open. */
async function beat() {
  dry = false;
  await fill();
  await api.next(0, line.holding).catch(() => {});
}

// --- the screen ----------------------------------------------------------------------------------

/** Show the current photo, and tell how long that took. @param {number} since */
function show(since) {
  const item = line.current;
  view.showItem(item, !started);
  refresh();
  if (!item) return;
  void item.ready.then((good) => {
    if (line.current !== item) return;
    if (!good) view.showBroken(item);
    // The second frame begins when the first one has been painted.
    requestAnimationFrame(() => requestAnimationFrame(() => painted(item, since)));
  });
}

/** @param {Item} item @param {number} since */
function painted(item, since) {
  const detail = { photo: item.photo.id, ms: performance.now() - since };
  root.dispatchEvent(new CustomEvent("queue:painted", { detail, bubbles: true }));
}

function refresh() {
  const unsent = outbox.jobs.length;
  view.showCounts({ left, done: spoken.length, rate: rate(), unsent });
  view.showTrouble(outbox.problem?.message ?? null);
  // Small copies of pictures take a while to draw: after the next big one is painted.
  clearTimeout(strip);
  strip = setTimeout(() => view.showStrip(spoken), STRIP_LATER);
}

/** Decisions a minute. */
function rate() {
  const last = times.slice(-RATE_OF - 1);
  if (last.length < 3) return 0;
  let span = 0;
  for (let place = 1; place < last.length; place += 1) span += Math.min(last[place] - last[place - 1], LONGEST_PAUSE);
  return span ? Math.round((60_000 * (last.length - 1)) / span) : 0;
}

// --- keys and buttons ----------------------------------------------------------------------------

/** @type {Record<string, (since: number) => void>} */
const STEPS = { u: undo, arrowright: skip, arrowleft: back, "?": () => help.showModal() };

addEventListener("keydown", (event) => {
  // A key that is held down decides once, and one for a field or the browser decides nothing.
  if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || help.open) return;
  if (event.target instanceof Element && event.target.closest("input, textarea, select, [contenteditable]")) return;
  act(event.key.toLowerCase(), event);
});

/** @param {string} key @param {Event} event */
function act(key, event) {
  const word = WORDS[key];
  if (!word && !STEPS[key]) return;
  event.preventDefault();
  view.showNotice(null);
  if (word) decide(word, event.timeStamp);
  else STEPS[key](event.timeStamp);
}

root.addEventListener("click", (event) => {
  if (!(event.target instanceof Element)) return;
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.key) act(button.dataset.key, event);
  if (button.dataset.item) returnTo(Number(button.dataset.item));
  if (button.dataset.close === "notice") view.showNotice(null);
  if (button.dataset.close === "help") help.close();
});

/** @param {number} photo */
function returnTo(photo) {
  const found = spoken.find((one) => one.item.photo.id === photo);
  if (!found) return;
  line.goTo(found.item);
  show(performance.now());
}

addEventListener("beforeunload", (event) => {
  if (outbox.jobs.length) event.preventDefault();
});
addEventListener("pagehide", () => api.release(line.unsaid));
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
addEventListener("online", () => {
  dry = false;
  void fill();
});
setInterval(() => void beat(), HEARTBEAT);
setInterval(() => {
  if (line.current) return;
  dry = false;
  void fill();
}, LOOK_AGAIN);
show(performance.now());
void fill();
