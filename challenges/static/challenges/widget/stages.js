/**
 * What the frame is in its page: a bar or the card itself within the page, nothing, or a dialog
 * over the whole window. The page around lifts the frame and puts it back; it says where the bar
 * belongs meanwhile.
 *
 * @typedef {import("./place.js").Box} Box
 */

import { hasFocus, part } from "./parts.js";
import { placeCard } from "./place.js";

// A page that does not say where the bar belongs, or does not put us back.
const PATIENCE = 300;

export class Stages extends EventTarget {
  #root = document.documentElement;
  #home = this.#root.dataset.stage ?? "bar";
  #bar = part("bar");
  #card = part("card");
  /** @type {MessagePort | undefined} */
  #port;
  /** @type {Box | null} */
  #box = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  covering = false;

  constructor() {
    super();
    window.addEventListener("resize", () => this.#resized());
    new ResizeObserver(() => (this.covering ? this.#lay() : this.#tellHeight())).observe(this.#card);
    new ResizeObserver(() => this.#tellHeight()).observe(this.#bar);
    document.addEventListener("keydown", (event) => event.key === "Tab" && this.#keepInside(event));
    part("over").addEventListener("click", (/** @type {Event} */ event) => this.#aside(event));
    part("close").addEventListener("click", () => this.dispatchEvent(new Event("leave")));
  }

  /** Whether anything of the widget stands in the page by itself. */
  get isInline() {
    return this.#home === "inline";
  }

  get isBar() {
    return this.#home === "bar";
  }

  /** From now on the page around hears of heights and covers. @param {MessagePort} port */
  talkTo(port) {
    this.#port = port;
    this.#tellHeight();
  }

  /** Lie over the page. The card is drawn as soon as the frame is as large as the window. */
  cover() {
    if (this.covering || this.isInline) return;
    this.covering = true;
    this.#box = null;
    this.#port?.postMessage({ type: "cover", on: true });
    this.#after(() => this.#raise());
  }

  /** @param {Box} box where the bar belongs in the window */
  place(box) {
    if (!this.covering) return;
    this.#box = box;
    if (this.#root.dataset.stage === "over") this.#lay();
    else this.#raise();
  }

  /** Go back into the page. The bar stays where it seems to be until the frame is small again. */
  uncover() {
    if (!this.covering) return;
    this.covering = false;
    this.#root.dataset.stage = this.isBar && this.#box ? "leaving" : this.#home;
    for (const name of ["role", "aria-modal"]) this.#card.removeAttribute(name);
    this.#bar.inert = false;
    this.#port?.postMessage({ type: "cover", on: false });
    this.#after(() => this.#land());
  }

  /** @param {() => void} task */
  #after(task) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(task, PATIENCE);
  }

  #resized() {
    if (!this.covering) return this.#land();
    // Large already, and nobody has said yet where the bar belongs.
    if (this.#root.dataset.stage !== "over") this.#root.dataset.stage = "lifting";
    this.#lay();
  }

  #raise() {
    clearTimeout(this.#timer);
    this.#root.dataset.stage = "over";
    this.#card.setAttribute("role", "dialog");
    this.#card.setAttribute("aria-modal", "true");
    this.#bar.inert = true;
    this.#lay();
    this.dispatchEvent(new Event("raised"));
  }

  #land() {
    clearTimeout(this.#timer);
    this.#root.dataset.stage = this.#home;
    for (const one of [this.#bar, this.#card]) one.removeAttribute("style");
    this.#tellHeight();
  }

  #lay() {
    if (this.#root.dataset.stage !== "over") return;
    const room = { width: this.#root.clientWidth, height: window.innerHeight };
    const card = { width: this.#card.offsetWidth, height: this.#card.offsetHeight };
    const { left, top } = placeCard(this.isBar ? this.#box : null, card, room, this.#root.dir === "rtl");
    Object.assign(this.#card.style, { left: `${left}px`, top: `${top}px` });
    const box = this.#box;
    if (!box) return;
    for (const side of /** @type {const} */ (["left", "top", "width", "height"]))
      this.#bar.style[side] = `${box[side]}px`;
  }

  #tellHeight() {
    const { stage } = this.#root.dataset;
    if (this.covering || stage === "leaving" || stage === "none") return;
    const { height } = (this.isInline ? this.#card : this.#bar).getBoundingClientRect();
    this.#port?.postMessage({ type: "height", height });
  }

  /** A click beside the card. @param {Event} event */
  #aside(event) {
    if (this.covering && event.target === event.currentTarget) this.dispatchEvent(new Event("leave"));
  }

  /** The page behind a dialog is out of reach. @param {KeyboardEvent} event */
  #keepInside(event) {
    if (!this.covering) return;
    const stops = [...this.#card.querySelectorAll("button, a[href]")].filter(isStop);
    const [first, last] = [stops[0], stops[stops.length - 1]];
    const end = event.shiftKey ? first : last;
    if (hasFocus(this.#card) && document.activeElement !== end && stops.length > 1) return;
    event.preventDefault();
    (event.shiftKey ? last : first)?.focus();
  }
}

/** @param {any} element */
const isStop = (element) =>
  element.tabIndex >= 0 &&
  !element.disabled &&
  element.getClientRects().length > 0 &&
  getComputedStyle(element).visibility === "visible";
