/**
 * The grid of photos: real buttons, one tab stop, arrows within. What a photo shows is never said.
 * Of several rounds it shows one at a time; the photos of the others arrive meanwhile.
 */

import { copyOf } from "./parts.js";
import { words } from "./words.js";

export class Grid extends EventTarget {
  /** Those of all rounds, one after another. @type {HTMLButtonElement[]} */
  tiles = [];
  rounds = 1;
  /** The round that is shown, from 0. */
  round = 0;
  /** @type {string[]} */
  #addresses = [];
  #columns = 4;
  /** The picks of before, while one photo is chosen for something else. @type {number[] | null} */
  #kept = null;

  /** @param {HTMLElement} place */
  constructor(place) {
    super();
    this.place = place;
    place.addEventListener("keydown", (event) => this.#move(event));
    place.addEventListener("click", (event) => this.#toggle(event));
    place.addEventListener("focusin", (event) => this.#stopAt(event.target));
  }

  /** The places of the photos picked so far. */
  get picks() {
    return this.tiles.flatMap((tile, place) => (tile.ariaPressed === "true" ? [place] : []));
  }

  /** The photos of the round that is shown. */
  get shown() {
    const count = this.tiles.length / this.rounds;
    return this.tiles.slice(this.round * count, (this.round + 1) * count);
  }

  /** Where each photo lies, to show it elsewhere too. */
  get pictures() {
    return this.tiles.map((tile) => tile.querySelector("img")?.src ?? "");
  }

  /** Whether any photo is here. */
  get started() {
    return this.tiles.some((tile) => tile.ariaDisabled === "false");
  }

  /** Whether every photo of this round is here; those of the rounds before were. */
  get complete() {
    return this.shown.every((tile) => tile.ariaDisabled === "false");
  }

  /** Lay out empty places, as before unless told: photos fill them as they arrive. */
  lay(count = this.tiles.length, columns = this.#columns, rounds = this.rounds) {
    const focused = this.place.contains(document.activeElement);
    this.#forget();
    this.#kept = null;
    this.#columns = columns;
    this.place.style.setProperty("--columns", String(columns));
    this.rounds = rounds;
    this.round = 0;
    this.tiles = Array.from({ length: count }, (_, place) => this.#tile(place % (count / rounds), count / rounds));
    this.place.replaceChildren(...this.shown);
    if (focused) this.focus();
  }

  /** Show another round, as the visitor left it. @param {number} step 1 or -1 @returns {boolean} whether there is one */
  turn(step) {
    const next = this.round + step;
    if (next < 0 || next >= this.rounds) return false;
    this.round = next;
    this.place.replaceChildren(...this.shown);
    this.#stopAt(this.shown[0]);
    this.dispatchEvent(new Event("change"));
    return true;
  }

  /** @param {number} place @param {number} count */
  #tile(place, count) {
    const tile = /** @type {HTMLButtonElement} */ (copyOf("tile"));
    tile.ariaLabel = words("photo", { place: place + 1, count });
    tile.tabIndex = place ? -1 : 0;
    return tile;
  }

  /** Show a photo in its place as soon as it can be drawn. @param {number} place @param {Blob} picture */
  fill(place, picture) {
    const tile = this.tiles[place];
    const image = /** @type {HTMLImageElement} */ (tile.querySelector("img"));
    const address = URL.createObjectURL(picture);
    this.#addresses.push(address);
    /** @param {string} name */
    const tell = (name) => this.tiles.includes(tile) && this.dispatchEvent(new Event(name));
    image.addEventListener("error", () => tell("broken"));
    image.addEventListener("load", () => {
      tile.ariaDisabled = "false";
      tell("change");
    });
    image.src = address;
  }

  /** Choose one photo only, for something else than the answer. */
  chooseOne() {
    this.#kept = this.picks;
    this.#press([]);
  }

  /** Go back to what was picked. */
  pickAgain() {
    this.#press(this.#kept ?? []);
    this.#kept = null;
    this.dispatchEvent(new Event("change"));
  }

  /** @param {number[]} places */
  #press(places) {
    for (const [place, tile] of this.tiles.entries()) tile.ariaPressed = String(places.includes(place));
  }

  /** Put the keyboard on the photo that is the grid's tab stop. */
  focus() {
    this.shown.find((tile) => tile.tabIndex === 0)?.focus();
  }

  #forget() {
    for (const address of this.#addresses) URL.revokeObjectURL(address);
    this.#addresses = [];
  }

  /** @param {EventTarget | null} target */
  #stopAt(target) {
    for (const tile of this.shown) tile.tabIndex = tile === target ? 0 : -1;
  }

  /** @param {Event} event */
  #toggle(event) {
    const tile = this.shown.find((one) => event.target instanceof Node && one.contains(event.target));
    if (!tile || tile.ariaDisabled === "true" || this.place.ariaBusy === "true") return;
    const pressed = tile.ariaPressed !== "true";
    if (this.#kept) this.#press([]);
    tile.ariaPressed = String(pressed);
    this.dispatchEvent(new Event("change"));
  }

  /** @param {KeyboardEvent} event */
  #move(event) {
    const now = this.shown.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    if (now < 0 || event.altKey || event.metaKey) return;
    const next = this.#after(event, now);
    if (next === undefined) return;
    event.preventDefault();
    this.shown[next]?.focus();
  }

  /** @param {KeyboardEvent} event @param {number} now @returns {number | undefined} */
  #after({ key, ctrlKey }, now) {
    const back = document.documentElement.dir === "rtl" ? "ArrowRight" : "ArrowLeft";
    const row = now - (now % this.#columns);
    const end = this.shown.length - 1;
    switch (key) {
      case "ArrowLeft":
      case "ArrowRight":
        return key === back ? Math.max(now - 1, 0) : Math.min(now + 1, end);
      case "ArrowUp":
        return now >= this.#columns ? now - this.#columns : now;
      case "ArrowDown":
        return now + this.#columns <= end ? now + this.#columns : now;
      case "Home":
        return ctrlKey ? 0 : row;
      case "End":
        return ctrlKey ? end : Math.min(row + this.#columns - 1, end);
    }
  }
}
