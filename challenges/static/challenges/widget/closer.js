/**
 * A closer look at one photo: it rises in its own place, on hover after a moment, on keyboard focus
 * and on a long press. It can be hovered and clicked like the photo itself, stays as long as the
 * pointer or the focus does, and goes on Escape (WCAG 2.2, 1.4.13).
 */

const SIZE = 250;
const LEAST = 1.4;
const MOMENT = 500;
const SLIP = 10;
const EDGE = 4;

export class Closer {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #pressed = false;
  #start = { x: 0, y: 0 };
  /** Where on the screen the pointer was last seen in this frame. */
  #seen = { x: -1, y: -1 };
  /** The photo that is looked at. @type {HTMLElement | null} */
  #tile = null;
  /** The photo that is about to be. @type {HTMLElement | null} */
  #next = null;
  /** The photo that was just clicked: the question about it is answered. @type {HTMLElement | null} */
  #chosen = null;

  /** @param {HTMLElement} grid @param {HTMLElement} layer */
  constructor(grid, layer) {
    this.grid = grid;
    this.layer = layer;
    this.image = /** @type {HTMLImageElement} */ (layer.querySelector("img"));
    grid.addEventListener("pointermove", (event) => this.#hovered(event));
    for (const place of [grid, layer]) place.addEventListener("pointerout", (event) => this.#left(event));
    grid.addEventListener("focusin", (event) => tileOf(event)?.matches(":focus-visible") && this.#soon(event, false));
    grid.addEventListener("focusout", () => this.hide());
    layer.addEventListener("click", () => this.#tile?.click());
    this.#listenToTouch();
    // A click has chosen: what was looked at is no longer the question.
    grid.addEventListener("click", (event) => this.#clicked(event), { capture: true });
    window.addEventListener("resize", () => this.hide());
    for (const name of /** @type {const} */ (["pointermove", "pointerdown", "pointerup"]))
      window.addEventListener(name, ({ screenX, screenY }) => {
        this.#seen = { x: screenX, y: screenY };
      });
  }

  /** Take the closer look away. @returns {boolean} whether there was one */
  hide() {
    clearTimeout(this.#timer);
    this.#next = null;
    const shown = !this.layer.hidden;
    this.layer.hidden = true;
    return shown;
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
    for (const name of /** @type {const} */ (["pointerup", "pointercancel"]))
      grid.addEventListener(name, (event) => event.pointerType === "touch" && this.hide());
    // A long press looks closer; it opens no menu of the browser.
    grid.addEventListener("contextmenu", (event) => this.#pressed && event.preventDefault());
  }

  /**
   * A pointer that rests while a grid opens below it asks for nothing: only one that moves. Browsers
   * make up events for one that rests, and their place on the screen is the old one.
   *
   * @param {PointerEvent} event
   */
  #hovered(event) {
    const rests = event.screenX === this.#seen.x && event.screenY === this.#seen.y;
    if (event.pointerType !== "touch" && !rests && tileOf(event) !== this.#chosen) this.#soon(event, false);
  }

  /** The pointer went elsewhere, and not only from a photo to its own closer look. @param {PointerEvent} event */
  #left(event) {
    const to = event.relatedTarget;
    const stays = to instanceof Node && !this.layer.hidden && (this.layer.contains(to) || this.#tile?.contains(to));
    if (event.pointerType !== "touch" && !stays) this.hide();
    if (to instanceof Node && this.#chosen?.contains(to)) return;
    this.#chosen = null;
    // Gone from the frame: when it comes back, it has moved.
    if (!to) this.#seen = { x: -1, y: -1 };
  }

  /** @param {Event} event @param {boolean} pressing */
  #soon(event, pressing) {
    const tile = tileOf(event);
    if (!tile || tile === this.#next || (tile === this.#tile && !this.layer.hidden)) return;
    this.hide();
    this.#next = tile;
    this.#timer = setTimeout(() => {
      this.#pressed = pressing;
      this.#show(tile, pressing);
    }, MOMENT);
  }

  /** @param {Event} event */
  #clicked(event) {
    this.hide();
    this.#chosen = tileOf(event);
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
    const { left, top, size } = pressing ? awayFromFinger(tile) : overItself(tile, this.grid);
    if (size < tile.offsetWidth * LEAST) return;
    this.#tile = tile;
    this.image.src = address;
    this.layer.toggleAttribute("data-picked", tile.ariaPressed === "true");
    Object.assign(this.layer.style, { left: `${left}px`, top: `${top}px`, width: `${size}px`, height: `${size}px` });
    this.layer.hidden = false;
  }
}

/** @param {Event} event @returns {HTMLElement | null} */
const tileOf = (event) => (event.target instanceof Element ? event.target.closest("button") : null);

/** @param {number} wish @param {number} least @param {number} most */
const within = (wish, least, most) => Math.max(Math.min(wish, most), least);

/** In the middle of its photo, and within the grid if that is large enough: the buttons stay free. */
function overItself(/** @type {HTMLElement} */ tile, /** @type {HTMLElement} */ grid) {
  const [box, room] = [tile.getBoundingClientRect(), grid.getBoundingClientRect()];
  const [wide, high] = [document.documentElement.clientWidth, window.innerHeight];
  const size = Math.floor(Math.min(SIZE, wide - 2 * EDGE, high - 2 * EDGE));
  const across = size <= room.width ? [room.left, room.right - size] : [EDGE, wide - EDGE - size];
  const down = size <= room.height ? [room.top, room.bottom - size] : [EDGE, high - EDGE - size];
  return {
    left: within(box.left + (box.width - size) / 2, across[0], across[1]),
    top: within(box.top + (box.height - size) / 2, down[0], down[1]),
    size,
  };
}

/** Under a finger nothing is clicked: as large as it goes, where the finger does not hide it. */
function awayFromFinger(/** @type {HTMLElement} */ tile) {
  const [box, wide, high] = [tile.getBoundingClientRect(), document.documentElement.clientWidth, window.innerHeight];
  const size = Math.min(SIZE, wide - 4 * EDGE, high - 4 * EDGE);
  const left = box.left + box.width / 2 < wide / 2 ? wide - 2 * EDGE - size : 2 * EDGE;
  return { left, top: within(box.top + (box.height - size) / 2, 2 * EDGE, high - 2 * EDGE - size), size };
}
