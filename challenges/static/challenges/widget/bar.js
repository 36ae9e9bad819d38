/** The bar that stands in the page: a check box, what became of it, and whose it is. */

import { part } from "./parts.js";
import { words } from "./words.js";

const BUSY = new Set(["loading", "open", "checking"]);

export class Bar extends EventTarget {
  #bar = part("bar");
  #check = part("check");

  constructor() {
    super();
    this.#check.disabled = false;
    this.#check.addEventListener("click", () => {
      if (this.#check.ariaDisabled !== "true") this.dispatchEvent(new Event("wish"));
    });
  }

  focus() {
    this.#check.focus();
  }

  /** @param {string} state @param {any} detail @param {boolean} covered by the grid, which has words of its own */
  follow(state, detail, covered) {
    this.#check.ariaChecked = String(state === "solved");
    this.#check.ariaBusy = String(BUSY.has(state));
    this.#check.ariaDisabled = String(state === "solved" || Boolean(detail.final) || detail.refresh === "never");
    const sentence = {
      solved: words("solved"),
      expired: words(`expired_${detail.what}`),
      error: detail.message,
    }[state];
    if (covered && state !== "solved") this.note("");
    else this.note(sentence ?? detail.notice ?? "", state === "error");
  }

  /** A line of its own instead of the usual hint. @param {string} sentence @param {boolean} [instead] of the label, too */
  note(sentence, instead = false) {
    part("more").textContent = sentence || words("check_hint");
    this.#bar.toggleAttribute("data-note", Boolean(sentence));
    this.#bar.toggleAttribute("data-only-note", instead);
  }
}
