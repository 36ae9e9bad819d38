/** The journey of one visitor through one frame: ask, show, pick, answer, hand over the token. */

import { askChallenge, Problem, readPictures, sendAnswer } from "./client.js";
import { countDown } from "./clock.js";
import { waitForHello } from "./handshake.js";
import { States } from "./state.js";
import { View } from "./view.js";
import { words } from "./words.js";

/** @typedef {import("./client.js").Challenge} Challenge */

const HELLO_WITHIN = 10_000;
const SAY_NO_MORE = new Set(["host_not_allowed", "host_required", "unknown_sitekey"]);

const states = new States();
const view = new View();
const { sitekey = "", problem = "" } = view.card.dataset;
const alone = window.parent === window;
/** @type {import("./handshake.js").Host | null} */
let host = null;
/** @type {Challenge | undefined} */
let challenge;
let work = new AbortController();
/** Stops the one clock there is. */
let stopClock = () => {};

states.addEventListener("statechange", (event) => {
  const { detail } = /** @type {CustomEvent} */ (event);
  view.follow(detail.state, detail);
  host?.port.postMessage({ type: "state", ...detail });
});
view.addEventListener("refresh", () => start());
view.addEventListener("submit", () => submit());
view.grid.addEventListener("broken", () => fail(new Problem("pictures_broken", words.broken)));

/** Drop whatever is under way. */
function stop() {
  work.abort();
  stopClock();
  work = new AbortController();
  return work.signal;
}

/** Ask for a challenge and show it. */
async function start(notice = "", reason = "") {
  if (!host || !states.change("loading", { reason })) return;
  const signal = stop();
  view.note(notice);
  const { origin, lang, action, cdata } = host;
  const wish = {
    sitekey,
    host: origin,
    lang: lang || undefined,
    action: action || undefined,
    cdata: cdata || undefined,
  };
  await attempt(signal, async () => show(await askChallenge(wish, signal), signal));
}

/** @param {Challenge} given @param {AbortSignal} signal */
async function show(given, signal) {
  challenge = given;
  view.show(given);
  stopClock = countDown(given.lifetime, {
    second: (left) => states.now === "open" && view.tick(left),
    end: () => expire("challenge"),
  });
  await readPictures(
    given,
    (place, picture) => {
      states.change("open");
      view.grid.fill(place, picture);
    },
    signal,
  );
  view.complete();
}

async function submit() {
  if (!challenge || !states.change("checking")) return;
  const { id } = challenge;
  const { signal } = work;
  await attempt(signal, async () => {
    const verdict = await sendAnswer(id, view.grid.picks, signal);
    if ("token" in verdict) return solve(verdict.token, verdict.lifetime);
    states.change("loading", { reason: "next" });
    const fresh = stop();
    view.note(verdict.message);
    return attempt(fresh, () => show(verdict.next, fresh));
  });
}

/** @param {string} token @param {number} lifetime */
function solve(token, lifetime) {
  stop();
  states.change("solved", { token });
  stopClock = countDown(lifetime, { end: () => expire("token") });
}

/** @param {"challenge" | "token"} what */
function expire(what) {
  // An answer on its way is judged by the server, which knows the time better.
  if (states.now === "checking") return;
  stop();
  states.change("expired", { what });
}

/** Do some work; what goes wrong ends in one sentence. @param {AbortSignal} signal @param {() => Promise<void>} task */
async function attempt(signal, task) {
  try {
    await task();
  } catch (error) {
    if (!signal.aborted) fail(error instanceof Problem ? error : new Problem("unclear", words.unclear));
  }
}

/** @param {Problem} problem */
function fail({ code, message, wait }) {
  stop();
  // The visitor has nothing to decide: a fresh challenge comes by itself.
  if (code === "wrong_answer") void start(message, code);
  else if (code === "challenge_expired") states.change("expired", { what: "challenge" });
  else refuse(code, message, { wait });
}

/** @param {string} code @param {string} message @param {{wait?: number, cause?: string}} [more] */
function refuse(code, message, { wait = 0, cause } = {}) {
  const action = SAY_NO_MORE.has(code) || !host ? "" : words.again;
  if (!states.change("error", { code, message, cause, action }) || !wait || !action) return;
  stopClock = countDown(wait * 1000, {
    second: (left) => view.action(words.againIn(left), false),
    end: () => view.action(words.again, true),
  });
}

/** Wait until the visitor can see the grid: photos are not spent on a page nobody scrolls down. */
const seen = () =>
  new Promise((resolve) => {
    new IntersectionObserver((entries, observer) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      observer.disconnect();
      resolve(undefined);
    }).observe(view.card);
  });

async function open() {
  if (alone) return refuse("no_parent", words.alone);
  host = await waitForHello(HELLO_WITHIN);
  if (!host) return refuse("no_hello", words.silent);
  const { port, origin } = host;
  port.postMessage({ type: "ready" });
  new ResizeObserver(() =>
    port.postMessage({ type: "height", height: view.card.getBoundingClientRect().height }),
  ).observe(view.card);
  if (problem) return refuse(problem, problem === "unknown_sitekey" ? words.unknownKey : words.unclear);
  if (origin === "null") return refuse("host_not_allowed", words.sandboxed, { cause: "sandboxed page" });
  port.onmessage = ({ data }) => data?.type === "reset" && reset();
  await seen();
  // A reset may have been quicker.
  if (states.now === "idle") await start();
}

function reset() {
  stop();
  states.change("idle");
  void start();
}

void open();
