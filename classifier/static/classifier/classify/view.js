/** What the visitor sees and hears. It knows no service. */

import { paint } from "./heat.js";
import { words } from "./words.js";

/** @typedef {"idle" | "busy" | "result"} State */

/** @param {string} name @returns {any} the part of the page with that data-part */
const part = (name) => document.querySelector(`[data-part="${name}"]`);

const STILL_AFTER = 5000;

export class View extends EventTarget {
  page = part("page");
  #address = "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  constructor() {
    super();
    part("again").addEventListener("click", () => this.dispatchEvent(new Event("again")));
    part("retry").addEventListener("click", () => {
      if (part("retry").ariaDisabled !== "true") this.dispatchEvent(new Event("retry"));
    });
    part("looked").addEventListener("change", () => this.#showHeat());
    part("picture").addEventListener("load", () => {
      const { naturalWidth, naturalHeight } = part("picture");
      part("figure").style.setProperty("--ratio", String(naturalWidth / naturalHeight));
    });
    // A file that is no picture has nothing to show; the service says what it is.
    part("picture").addEventListener("error", () => part("figure").toggleAttribute("data-blank", true));
  }

  /** @param {State} state */
  #change(state) {
    clearTimeout(this.#timer);
    this.page.dataset.state = state;
    part("again").textContent = state === "busy" ? words.never : words.again;
    part("told").ariaBusy = String(state === "busy");
  }

  /** Ask for a photo. @param {boolean} [focus] */
  idle(focus = false) {
    this.page.dataset.verdict = "";
    this.#change("idle");
    this.#forget();
    if (focus) part("choose").focus();
  }

  /** @param {Blob} photo */
  busy(photo) {
    const focused = this.#hasFocus();
    part("notice").hidden = true;
    this.page.dataset.verdict = "";
    this.#forget();
    part("figure").removeAttribute("data-blank");
    this.#address = URL.createObjectURL(photo);
    part("picture").src = this.#address;
    part("heat").hidden = true;
    this.#change("busy");
    this.say(words.busy);
    this.#timer = setTimeout(() => this.say(words.waiting), STILL_AFTER);
    if (focused) part("told").focus();
  }

  /** @param {import("./client.js").Answer} answer */
  result(answer) {
    const focused = this.#hasFocus();
    const [cat, dog] = [words.percent(answer.p_cat), words.percent(1 - answer.p_cat)];
    part("verdict").textContent = words.verdicts[answer.verdict] ?? answer.verdict;
    part("sentence").textContent = answer.sentence;
    part("meaning").textContent = answer.meaning;
    part("p-cat").textContent = cat;
    part("p-dog").textContent = dog;
    part("bar").value = answer.p_cat;
    this.page.dataset.verdict = answer.verdict;
    this.#change("result");
    paint(part("heat"), answer.heat);
    this.#showHeat();
    if (focused) part("told").focus({ preventScroll: true });
    const chance = words.chanceOf(words.verdicts[answer.label] ?? answer.label, words.percent(answer.confidence));
    this.say(words.aloud(answer.sentence, chance, answer.meaning));
    part("told").scrollIntoView({ block: "nearest" });
  }

  /** One sentence and, where waiting helps, one button. @param {string} sentence @param {string} retry */
  problem(sentence, retry) {
    this.idle();
    this.page.dataset.verdict = "problem";
    this.say("");
    part("problem").textContent = sentence;
    part("notice").hidden = false;
    this.retry(retry, true);
    part(retry ? "retry" : "choose").focus();
  }

  /** @param {string} text @param {boolean} enabled */
  retry(text, enabled) {
    part("retry").hidden = !text;
    part("retry").textContent = text;
    part("retry").ariaDisabled = String(!enabled);
  }

  /** @param {boolean} over */
  dragging(over) {
    this.page.toggleAttribute("data-over", over);
  }

  /** Speak to those who listen, without interrupting. @param {string} sentence */
  say(sentence) {
    part("status").textContent = sentence;
  }

  #showHeat() {
    part("heat").hidden = !part("looked").checked || part("figure").hasAttribute("data-blank");
  }

  #forget() {
    part("picture").removeAttribute("src");
    if (this.#address) URL.revokeObjectURL(this.#address);
    this.#address = "";
  }

  #hasFocus() {
    return document.hasFocus() && document.activeElement !== document.body;
  }
}
