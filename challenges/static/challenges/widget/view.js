/** The card: it follows the states, says what they mean, and reports what was pressed. */

import { Grid } from "./grid.js";
import { hasFocus, part, say } from "./parts.js";
import { clockWords, words } from "./words.js";

const BUSY = new Set(["loading", "checking"]);
const QUIET_UNTIL = 30;

export class View extends EventTarget {
  main = part("main");
  card = part("card");
  grid = new Grid(part("grid"));
  #state = "idle";
  #warned = false;
  #notice = "";

  constructor() {
    super();
    this.#press("refresh", () => !BUSY.has(this.#state));
    this.#press("submit", () => this.#state === "open" && !this.#turn(1));
    part("back").addEventListener("click", () => this.#state === "open" && this.#turn(-1));
    this.#press("action", () => part("action").ariaDisabled !== "true");
    this.#press("extend", () => true);
    this.grid.addEventListener("change", () => this.#count());
    this.#addressContact(this.main.dataset.contact);
    this.grid.lay(12, 4);
    this.#count();
  }

  /** @param {string} name @param {() => boolean} allowed */
  #press(name, allowed) {
    part(name).addEventListener("click", () => allowed() && this.dispatchEvent(new Event(name)));
  }

  /** @param {string} contact an e-mail address or a web address, or nothing */
  #addressContact(contact) {
    if (contact) part("contact").href = contact.startsWith("https://") ? contact : `mailto:${contact}`;
  }

  /** @param {string} state @param {any} detail */
  follow(state, detail) {
    this.#state = state;
    this.main.dataset.state = state;
    // A line instead of the whole grid where there is nothing to show or to keep a place for.
    this.card.toggleAttribute("data-line", state === "solved" || detail.what === "token" || Boolean(detail.final));
    part("grid").ariaBusy = String(BUSY.has(state));
    part("refresh").ariaDisabled = String(BUSY.has(state));
    part("contact").hidden = true;
    this.#count();
    const shown = { loading: this.#loading, solved: this.#solved, expired: this.#expired, error: this.#error }[state];
    if (detail.reason !== "resumed") shown?.call(this, detail);
    // New places may have been laid out.
    this.#count();
    if (state !== "open") this.tick(Infinity, false);
  }

  #loading() {
    const focused = hasFocus(this.card);
    this.#warned = false;
    this.grid.lay();
    part("panel").hidden = true;
    part("solved").hidden = true;
    // The button that was pressed is gone or off: go on where the new photos come.
    if (focused && !hasFocus(part("grid"))) this.grid.focus();
    say(words("loading"));
  }

  #solved() {
    const focused = hasFocus(this.card);
    part("solved").hidden = false;
    part("panel").hidden = true;
    if (focused) part("solved").focus();
    say(`${words("solved")} ${words("solved_hint")}`);
  }

  /** @param {{what: "challenge" | "token", refresh: string}} detail */
  #expired({ what, refresh }) {
    this.panel(words(`expired_${what}`), refresh === "never" ? "" : words("refresh"));
  }

  /** @param {{code: string, message: string, final: boolean}} detail */
  #error({ code, message, final }) {
    part("contact").hidden = code !== "too_many_misses" || !this.main.dataset.contact;
    this.panel(message, final ? "" : words("again"));
  }

  /** One sentence over the grid and, where something can be done, one button. @param {string} sentence @param {string} action */
  panel(sentence, action) {
    const focused = hasFocus(this.card);
    part("solved").hidden = true;
    part("sentence").textContent = sentence;
    this.action(action, true);
    part("panel").hidden = false;
    this.grid.lay();
    if (focused) part(action ? "action" : "panel").focus();
    say(sentence);
  }

  /** @param {string} text @param {boolean} enabled */
  action(text, enabled) {
    part("action").hidden = !text;
    part("action").ariaDisabled = String(!enabled);
    part("action-words").textContent = text;
  }

  /** @param {{prompt: string, count: number, columns: number, rounds: number}} challenge */
  show({ prompt, count, columns, rounds }) {
    part("prompt").textContent = prompt;
    this.card.dataset.columns = String(columns);
    this.grid.lay(count, columns, rounds);
    this.#head();
    this.#count();
  }

  /** Go to another round, or do nothing where there is none. @param {number} step @returns {boolean} whether there was one */
  #turn(step) {
    if (!this.grid.turn(step)) return false;
    this.note("");
    this.grid.focus();
    this.dispatchEvent(new Event("turned"));
    say(this.grid.complete ? this.#round : `${this.#round}. ${words("loading")}`);
    return true;
  }

  /** Which round is shown, where there are several. */
  get #round() {
    const { round, rounds } = this.grid;
    return rounds > 1 ? words("round", { round: round + 1, rounds }) : "";
  }

  /** The line under the prompt: which round it is, and how to do it, or how the last one went. */
  #head() {
    part("round").textContent = this.#round;
    part("round").hidden = !this.#round;
    part("hint").textContent = this.#notice || words(this.#isLast ? "hint" : "hint_next");
  }

  get #isLast() {
    return this.grid.round === this.grid.rounds - 1;
  }

  /** Say how the last one went, or nothing. @param {string} notice */
  note(notice) {
    this.#notice = notice;
    this.#head();
    part("hint").toggleAttribute("data-notice", Boolean(notice));
    if (notice) say(this.#state === "loading" ? `${notice} ${words("loading")}` : notice);
  }

  /** Put the keyboard where one goes on: on the photos, or on what there is instead of them. */
  rest() {
    if (part("panel").hidden) this.grid.focus();
    else part(part("action").hidden ? "panel" : "action").focus();
  }

  /** The photos are all here. */
  complete() {
    if (this.#state !== "open") return;
    const ready = words("ready", { count: this.grid.shown.length });
    say(this.#round ? `${this.#round}. ${ready}` : ready);
  }

  /** A quiet clock, only near the end, and more time for the asking. @param {number} left in seconds @param {boolean} more */
  tick(left, more) {
    const near = left <= QUIET_UNTIL;
    const focused = hasFocus(part("extend"));
    part("time").hidden = !near;
    part("extend").hidden = !more;
    if (focused && !(near && more) && this.#state === "open") this.grid.focus();
    part("clock").textContent = near ? clockWords(left) : "";
    if (near && !this.#warned) say(words(more ? "more_time_offer" : "seconds_left", { count: left }));
    this.#warned = near;
  }

  #count() {
    const { length } = this.grid.shown.filter((tile) => tile.ariaPressed === "true");
    const ready = length > 0 && this.grid.complete;
    part("picked").textContent = length ? words("picked", { count: length }) : "";
    part("refresh").hidden = this.grid.round > 0;
    part("back").hidden = !this.grid.round;
    part("back").ariaDisabled = String(this.#state !== "open");
    part("submit").textContent = words(this.#state === "checking" ? "checking" : this.#isLast ? "submit" : "next");
    part("submit").disabled = !ready;
    part("submit").ariaDisabled = String(this.#state !== "open" || !ready);
  }
}
