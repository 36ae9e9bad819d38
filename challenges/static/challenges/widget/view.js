/** What the visitor sees and hears: it follows the states, and reports what was pressed. */

import { Grid } from "./grid.js";
import { Preview } from "./preview.js";
import { words } from "./words.js";

/** @param {string} name @returns {any} the part of the page with that data-part */
const part = (name) => document.querySelector(`[data-part="${name}"]`);

const BUSY = new Set(["loading", "checking"]);
const QUIET_UNTIL = 30;

export class View extends EventTarget {
  card = part("card");
  grid = new Grid(part("grid"), part("tile"));
  #preview = new Preview(part("grid"), part("preview"));
  #state = "idle";

  constructor() {
    super();
    part("hint").textContent = words.hint;
    part("refresh-words").textContent = words.refresh;
    part("solved-title").textContent = words.solved;
    part("solved-more").textContent = words.solvedMore;
    this.#press("refresh", "refresh", () => !BUSY.has(this.#state));
    this.#press("submit", "submit", () => this.#state === "open");
    this.#press("action", "refresh", () => part("action").ariaDisabled !== "true");
    this.grid.addEventListener("change", () => this.#count());
    this.grid.lay(12, 4);
    this.#count();
  }

  /** @param {string} name @param {string} event @param {() => boolean} allowed */
  #press(name, event, allowed) {
    part(name).addEventListener("click", () => allowed() && this.dispatchEvent(new Event(event)));
  }

  /** @param {string} state @param {any} detail */
  follow(state, detail) {
    this.#state = state;
    this.card.dataset.state = state;
    // A bar instead of the whole grid where there is nothing to show or to keep a place for.
    this.card.toggleAttribute("data-bar", state === "solved" || detail.what === "token" || detail.action === "");
    part("grid").ariaBusy = String(BUSY.has(state));
    part("refresh").ariaDisabled = String(BUSY.has(state));
    this.#preview.hide();
    this.#count();
    const shown = { loading: this.#loading, solved: this.#solved, expired: this.#expired, error: this.#error }[state];
    shown?.call(this, detail);
    if (state !== "open") this.tick(Infinity);
  }

  #loading() {
    const focused = this.#hasFocus();
    this.grid.lay();
    part("panel").hidden = true;
    // The button that was pressed is gone or off: go on where the new photos come.
    if (focused && !part("grid").contains(document.activeElement)) this.grid.focus();
    this.say(words.loading);
  }

  #solved() {
    const focused = this.#hasFocus();
    part("solved").hidden = false;
    if (focused) part("solved").focus();
    this.say(`${words.solved} ${words.solvedMore}`);
  }

  /** @param {{what: "challenge" | "token"}} detail */
  #expired({ what }) {
    this.panel(words.expired[what], words.refresh);
  }

  /** @param {{message: string, action: string}} detail */
  #error({ message, action }) {
    this.panel(message, action);
  }

  /** One sentence over the grid and, where something can be done, one button. @param {string} sentence @param {string} action */
  panel(sentence, action) {
    const focused = this.#hasFocus();
    part("solved").hidden = true;
    part("sentence").textContent = sentence;
    this.action(action, true);
    part("panel").hidden = false;
    this.grid.lay();
    if (focused) part(action ? "action" : "panel").focus();
    this.say(sentence);
  }

  /** @param {string} text @param {boolean} enabled */
  action(text, enabled) {
    part("action").hidden = !text;
    part("action").ariaDisabled = String(!enabled);
    part("action-words").textContent = text;
  }

  /** @param {{prompt: string, count: number, columns: number}} challenge */
  show({ prompt, count, columns }) {
    part("prompt").textContent = prompt;
    this.grid.lay(count, columns);
  }

  /** The line under the prompt: how to do it, or how the last one went. @param {string} notice */
  note(notice) {
    part("hint").textContent = notice || words.hint;
    part("hint").toggleAttribute("data-notice", Boolean(notice));
    if (notice) this.say(`${notice} ${words.loading}`);
  }

  /** The photos are all here. */
  complete() {
    this.say(words.ready(this.grid.tiles.length));
  }

  /** A quiet clock, only near the end. @param {number} left in seconds */
  tick(left) {
    part("clock").hidden = left > QUIET_UNTIL;
    part("clock").textContent = left > QUIET_UNTIL ? "" : words.left(left);
    if (left === QUIET_UNTIL) this.say(words.leftAloud(left));
  }

  /** Speak to those who listen, without interrupting. @param {string} sentence */
  say(sentence) {
    part("status").textContent = sentence;
  }

  #count() {
    const { length } = this.grid.picks;
    const ready = length > 0 && this.grid.complete;
    part("picked").textContent = words.picked(length);
    part("submit-words").textContent = this.#state === "checking" ? words.checking : words.submit;
    part("submit").disabled = !ready;
    part("submit").ariaDisabled = String(this.#state !== "open" || !ready);
  }

  #hasFocus() {
    return document.hasFocus() && document.activeElement !== document.body;
  }
}
