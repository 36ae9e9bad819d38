/** Reporting a picture: for a moment the grid chooses one photo, and then all is as it was. */

import { hasFocus, part, say } from "./parts.js";
import { words } from "./words.js";

export class Report {
  #view;
  #send;
  #prompt = "";
  on = false;

  /** @param {import("./view.js").View} view @param {(place: number) => Promise<string>} send answers what to tell */
  constructor(view, send) {
    this.#view = view;
    this.#send = send;
    part("report").addEventListener("click", () => view.main.dataset.state === "open" && this.#enter());
    part("report-back").addEventListener("click", () => this.leave());
    part("report-send").addEventListener("click", () => this.#finish());
    view.grid.addEventListener("change", () => this.#follow());
  }

  #enter() {
    this.on = true;
    this.#prompt = part("prompt").textContent;
    part("prompt").textContent = words("report_ask");
    this.#show(true);
    this.#view.grid.chooseOne();
    this.#follow();
    this.#view.grid.focus();
    say(words("report_ask"));
  }

  /** Go back to the cats, with the picks of before. @returns {boolean} whether there was anything to leave */
  leave(notice = "") {
    if (!this.on) return false;
    const focused = hasFocus(this.#view.card);
    this.on = false;
    part("prompt").textContent = this.#prompt;
    this.#show(false);
    this.#view.grid.pickAgain();
    this.#view.note(notice);
    if (focused) part("report").focus();
    return true;
  }

  async #finish() {
    const [place] = this.#view.grid.picks;
    part("report-send").disabled = true;
    const notice = await this.#send(place);
    this.leave(notice);
  }

  /** @param {boolean} on */
  #show(on) {
    this.#view.card.toggleAttribute("data-reporting", on);
    part("report-foot").hidden = !on;
  }

  #follow() {
    part("report-send").disabled = !this.#view.grid.picks.length;
  }
}
