/**
 * The photos of this page: behind us those that were decided on, ahead those that are fetched and decoded.
 *
 * @typedef {import("./queue-api.js").Photo} Photo
 * @typedef {import("./queue-api.js").Word} Word
 * @typedef {import("./queue-outbox.js").Job} Job
 * @typedef {{photo: Photo, image: HTMLImageElement, ready: Promise<boolean>, said: Said | null, pending: number}} Item
 *   `pending`: calls about it that are not through
 * @typedef {{item: Item, word: Word, job: Job | null, decision: number | null, came: string}} Said
 */

/** So many photos are always fetched and decoded ahead, and so many more while they are fetched together. */
export const AHEAD = 8;
export const SPARE = 4;
/** So many pictures behind us stay decoded. */
const BEHIND = 30;

export class Line {
  constructor() {
    /** @type {Item[]} */
    this.items = [];
    this.at = 0;
  }

  /** @returns {Item | undefined} */
  get current() {
    return this.items[this.at];
  }

  /** Photos on which nothing is said yet. */
  get open() {
    return this.items.filter((item) => !item.said);
  }

  /** How many are undecided from the current one on. */
  get ahead() {
    return this.items.slice(this.at).filter((item) => !item.said).length;
  }

  /** The ids that must not be handed out again: what is undecided, and what is not sent yet. */
  get holding() {
    return this.items.filter((item) => !item.said || item.pending).map((item) => item.photo.id);
  }

  /** Photos that nobody decides on here. */
  get unsaid() {
    return this.open.map((item) => item.photo.id);
  }

  /** @param {Photo[]} photos @returns {number} how many were new */
  add(photos) {
    const known = new Set(this.holding);
    const fresh = photos.filter((photo) => !known.has(photo.id));
    for (const photo of fresh) this.items.push(asItem(photo));
    return fresh.length;
  }

  /** Go to the next undecided photo, or around to one that was skipped. */
  next() {
    const after = this.items.findIndex((item, place) => place > this.at && !item.said);
    const skipped = this.items.findIndex((item) => !item.said);
    if (after >= 0) this.at = after;
    else this.at = skipped >= 0 ? skipped : this.items.length;
    this.#forgetOld();
  }

  back() {
    this.at = Math.max(0, this.at - 1);
  }

  /** @param {Item} item */
  goTo(item) {
    const place = this.items.indexOf(item);
    if (place >= 0) this.at = place;
  }

  /** Take a photo out that is no longer ours. @param {Item} item */
  drop(item) {
    const place = this.items.indexOf(item);
    if (place < 0) return;
    this.items.splice(place, 1);
    if (place < this.at) this.at -= 1;
    else if (place === this.at) {
      this.at -= 1;
      this.next();
    }
  }

  #forgetOld() {
    const old = this.at - BEHIND;
    const spare = this.items.slice(0, Math.max(0, old)).filter((item) => item.said && !item.pending);
    for (const item of spare) {
      this.items.splice(this.items.indexOf(item), 1);
      this.at -= 1;
    }
  }
}

/** @param {Photo} photo @returns {Item} */
function asItem(photo) {
  const image = new Image();
  image.alt = "The photo to decide on";
  image.decoding = "sync";
  image.draggable = false;
  image.src = photo.picture;
  const ready = image.decode().then(
    () => true,
    () => false,
  );
  return { photo, image, ready, said: null, pending: 0 };
}
