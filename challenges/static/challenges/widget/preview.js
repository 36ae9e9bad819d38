/**
 * A closer look at one photo: on hover after a moment, on keyboard focus, on a long press.
 *
 * It lies beside its photo, lets every click through, and is gone as soon as one moves on.
 */

const SIZE = 250;
const GAP = 8;
const LEAST = 1.4;
const MOMENT = 500;
const SLIP = 10;

export class Preview {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #pressed = false;
  #start = { x: 0, y: 0 };

  /** @param {HTMLElement} grid @param {HTMLElement} layer */
  constructor(grid, layer) {
    this.grid = grid;
    this.layer = layer;
    this.image = /** @type {HTMLImageElement} */ (layer.querySelector("img"));
    grid.addEventListener("pointerover", (event) => event.pointerType !== "touch" && this.#soon(event, false));
    grid.addEventListener("pointerout", (event) => event.pointerType !== "touch" && this.hide());
    grid.addEventListener(
      "focusin",
      (event) => this.#tile(event)?.matches(":focus-visible") && this.#soon(event, false),
    );
    grid.addEventListener("focusout", () => this.hide());
    this.#listenToTouch();
    // A click has chosen: what was looked at is no longer the question.
    grid.addEventListener("click", (event) => this.#clicked(event), { capture: true });
    document.addEventListener("keydown", (event) => event.key === "Escape" && this.hide());
  }

  #listenToTouch() {
    const { grid } = this;
    grid.addEventListener("pointerdown", (event) => {
      this.#pressed = false;
      this.#start = { x: event.clientX, y: event.clientY };
      if (event.pointerType === "touch") this.#soon(event, true);
    });
    grid.addEventListener("pointermove", (event) => {
      const slipped = Math.hypot(event.clientX - this.#start.x, event.clientY - this.#start.y) > SLIP;
      if (event.pointerType === "touch" && slipped) this.hide();
    });
    for (const name of ["pointerup", "pointercancel"]) {
      grid.addEventListener(
        name,
        (event) => /** @type {PointerEvent} */ (event).pointerType === "touch" && this.hide(),
      );
    }
    // A long press looks closer; it opens no menu of the browser.
    grid.addEventListener("contextmenu", (event) => this.#pressed && event.preventDefault());
  }

  hide() {
    clearTimeout(this.#timer);
    this.layer.hidden = true;
  }

  /** @param {Event} event @returns {HTMLElement | null} */
  #tile(event) {
    return event.target instanceof Element ? event.target.closest("button") : null;
  }

  /** @param {Event} event @param {boolean} pressing */
  #soon(event, pressing) {
    this.hide();
    const tile = this.#tile(event);
    if (!tile) return;
    this.#timer = setTimeout(() => {
      this.#pressed = pressing;
      this.#show(tile, pressing);
    }, MOMENT);
  }

  /** @param {Event} event */
  #clicked(event) {
    this.hide();
    if (!this.#pressed) return;
    // The end of a long press is not a pick.
    this.#pressed = false;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {HTMLElement} tile @param {boolean} pressing */
  #show(tile, pressing) {
    const address = tile.querySelector("img")?.src;
    if (!address || tile.ariaDisabled === "true") return;
    const { left, top, size } = pressing ? this.#middle(tile) : this.#beside(tile);
    if (size < tile.offsetWidth * LEAST) return;
    this.image.src = address;
    Object.assign(this.layer.style, { left: `${left}px`, top: `${top}px`, width: `${size}px`, height: `${size}px` });
    this.layer.hidden = false;
  }

  /** Beside the photo, on the roomier side, and within the grid: the buttons below stay free. */
  #beside(/** @type {HTMLElement} */ tile) {
    const [box, grid] = [tile.getBoundingClientRect(), this.grid.getBoundingClientRect()];
    const [before, after] = [box.left - grid.left - GAP, grid.right - box.right - GAP];
    const size = Math.floor(Math.min(SIZE, Math.max(before, after), grid.height));
    const left = after >= before ? box.right + GAP : box.left - GAP - size;
    const centred = box.top + box.height / 2 - size / 2;
    return { left, top: Math.min(Math.max(centred, grid.top), grid.bottom - size), size };
  }

  /** Under a finger nothing is clicked: as large as it goes, away from the finger. */
  #middle(/** @type {HTMLElement} */ tile) {
    const [box, wide, high] = [tile.getBoundingClientRect(), document.documentElement.clientWidth, window.innerHeight];
    const size = Math.min(SIZE, wide - 2 * GAP, high - 2 * GAP);
    const left = box.left + box.width / 2 < wide / 2 ? wide - GAP - size : GAP;
    const centred = box.top + box.height / 2 - size / 2;
    return { left, top: Math.min(Math.max(centred, GAP), high - GAP - size), size };
  }
}
