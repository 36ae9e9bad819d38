// How far the files of this page are. Of thousands of files only a few rows are ever drawn.

import { bytes, el, number } from "./upload-parts.js";

const ROWS = 8;
const FAILED_ROWS = 50;

/** Draws a queue: a bar for all, a row for each file that is on its way, and what failed. */
export class Progress {
  /**
   * @param {HTMLElement} place
   * @param {{ onpause: () => void, onretry: () => void }} actions
   */
  constructor(place, { onpause, onretry }) {
    this.place = place;
    this.title = el("h2", "up-title");
    this.line = el("p", "up-line");
    this.bar = /** @type {HTMLProgressElement} */ (el("progress", "up-bar up-bar--all"));
    this.bar.setAttribute("aria-label", "All files");
    this.trouble = el("p", "up-trouble");
    this.trouble.setAttribute("role", "status");
    this.pause = el("button", "up-button", "Pause");
    this.rows = el("ul", "up-rows");
    this.failed = el("details", "up-failed");
    this.retry = el("button", "up-button", "Try these again");
    this.started = 0;
    /** @type {number | undefined} */
    this.frame = undefined;
    for (const button of [this.pause, this.retry]) button.setAttribute("type", "button");
    this.pause.addEventListener("click", onpause);
    this.retry.addEventListener("click", onretry);
    const head = el("div", "up-head");
    head.append(this.title, this.pause);
    place.replaceChildren(head, this.bar, this.line, this.trouble, this.rows, this.failed);
  }

  /**
   * Draw at the next frame, however often it is asked for.
   * @param {import("./upload-queue.js").Queue} queue
   */
  draw(queue) {
    if (this.frame !== undefined) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = undefined;
      this.#draw(queue);
    });
  }

  /** @param {import("./upload-queue.js").Queue} queue */
  #draw(queue) {
    const all = queue.items.length;
    const done = queue.count("done");
    const failed = queue.items.filter((item) => item.state === "failed");
    const busy = queue.busy;
    this.place.hidden = all === 0;
    this.title.textContent = headline(all, done, failed.length, busy, queue.paused);
    this.pause.hidden = !busy;
    this.pause.textContent = queue.paused ? "Go on" : "Pause";
    this.#bar(queue, busy);
    this.trouble.textContent = queue.paused ? "" : queue.trouble;
    const current = queue.items.filter((item) => item.state === "sending");
    this.rows.replaceChildren(...current.slice(0, ROWS).map(row));
    this.#drawFailed(failed);
  }

  /**
   * @param {import("./upload-queue.js").Queue} queue
   * @param {boolean} busy
   */
  #bar(queue, busy) {
    const wanted = queue.items.filter((item) => item.state !== "failed");
    const size = wanted.reduce((sum, item) => sum + item.chosen.file.size, 0);
    const sent = wanted.reduce((sum, item) => sum + item.sent + item.flying, 0);
    this.bar.max = Math.max(size, 1);
    this.bar.value = sent;
    this.bar.hidden = size === 0;
    this.started ||= Date.now();
    const parts = [`${bytes(sent)} of ${bytes(size)}`];
    if (busy && !queue.paused && !queue.trouble) parts.push(left(size - sent, sent - queue.before, this.started));
    this.line.textContent = parts.filter(Boolean).join(", ");
  }

  /** @param {import("./upload-queue.js").Item[]} failed */
  #drawFailed(failed) {
    this.failed.hidden = failed.length === 0;
    if (this.failed.dataset.count === String(failed.length)) return;
    this.failed.dataset.count = String(failed.length);
    const list = el("ul", "up-reasons");
    for (const item of failed.slice(0, FAILED_ROWS)) {
      const line = el("li");
      line.append(el("bdi", "up-name", item.chosen.path), el("span", "", item.reason));
      list.append(line);
    }
    if (failed.length > FAILED_ROWS) list.append(el("li", "", `… and ${number(failed.length - FAILED_ROWS)} more`));
    this.retry.hidden = !failed.some((item) => item.id);
    this.failed.setAttribute("open", "");
    this.failed.replaceChildren(el("summary", "", `${number(failed.length)} could not be sent`), list, this.retry);
  }
}

/**
 * @param {number} all
 * @param {number} done
 * @param {number} failed
 * @param {boolean} busy
 * @param {boolean} paused
 */
function headline(all, done, failed, busy, paused) {
  if (paused && busy) return `Paused: ${number(done)} of ${number(all)} files have arrived`;
  if (busy) return `${number(done)} of ${number(all)} files have arrived`;
  if (failed === all) return "Nothing could be sent";
  if (failed) return `${number(done)} of ${number(all)} files have arrived, ${number(failed)} could not be sent`;
  return all === 1 ? "The file has arrived" : `All ${number(all)} files have arrived`;
}

/** @param {import("./upload-queue.js").Item} item */
function row(item) {
  const { file, path } = item.chosen;
  const line = el("li", "up-row");
  const bar = /** @type {HTMLProgressElement} */ (el("progress", "up-bar"));
  bar.max = file.size;
  bar.value = item.sent + item.flying;
  bar.setAttribute("aria-label", path);
  line.append(el("bdi", "up-name", path), el("span", "up-size", bytes(file.size)), bar);
  return line;
}

/**
 * Return about how long the rest takes, or nothing as long as that is a guess.
 * @param {number} rest bytes
 * @param {number} sent bytes
 * @param {number} started
 */
function left(rest, sent, started) {
  const seconds = (Date.now() - started) / 1000;
  if (seconds < 3 || sent <= 0) return "";
  const more = (rest * seconds) / sent;
  if (more < 50) return "less than a minute left";
  const minutes = Math.round(more / 60);
  return minutes < 2 ? "about a minute left" : `about ${number(minutes)} minutes left`;
}
