// Sends files in chunks, three at once, and goes on by itself when the connection was gone.

import { Refusal } from "./upload-api.js";
import { fingerprint } from "./upload-files.js";

/**
 * One file on its way. `sent` counts bytes that are safe, `flying` those of the chunk under way.
 * @typedef {object} Item
 * @property {import("./upload-files.js").Chosen} chosen
 * @property {string} id
 * @property {number} sent
 * @property {number} flying
 * @property {"waiting" | "sending" | "done" | "failed"} state
 * @property {string} reason
 */

const AT_ONCE = 3;
const CHUNK = 4 * 1024 * 1024;
const ANNOUNCED_AT_ONCE = 200;
// Milliseconds before another try; the last one repeats.
const PAUSES = [1000, 2000, 5000, 10000, 30000];

/** Everything that is to be sent, and what has become of it. Tells `onchange` of each step. */
export class Queue {
  /**
   * @param {import("./upload-api.js").Api} api
   * @param {number} batch
   * @param {() => void} onchange
   */
  constructor(api, batch, onchange) {
    this.api = api;
    this.batch = batch;
    this.onchange = onchange;
    /** @type {Item[]} */
    this.items = [];
    this.paused = false;
    /** Why nothing moves at the moment, or empty. */
    this.trouble = "";
    /** Bytes that were safe before this page sent any. */
    this.before = 0;
    this.tries = 0;
    this.running = 0;
    /** Calls that tell Pawcha of files. */
    this.announcing = 0;
    this.next = 0;
    this.stopper = new AbortController();
    /** @type {Set<string>} */
    this.known = new Set();
  }

  /**
   * Announce files and begin to send them. Those of this page that are known already are left out.
   * @param {import("./upload-files.js").Chosen[]} chosen
   */
  async add(chosen) {
    const fresh = chosen.filter((one) => {
      const mark = fingerprint(one);
      return !this.known.has(mark) && this.known.add(mark);
    });
    this.announcing += 1;
    try {
      for (let start = 0; start < fresh.length; start += ANNOUNCED_AT_ONCE) {
        await this.#announce(fresh.slice(start, start + ANNOUNCED_AT_ONCE));
        this.#fill();
        this.onchange();
      }
    } finally {
      this.announcing -= 1;
    }
  }

  /** Stop after the bytes that are on their way, or go on. */
  toggle() {
    this.paused = !this.paused;
    if (this.paused) this.stopper.abort();
    else this.stopper = new AbortController();
    this.#fill();
    this.onchange();
  }

  /** Try those that failed once more. */
  retry() {
    for (const item of this.items) {
      if (item.state === "failed" && item.id) Object.assign(item, { state: "waiting", reason: "" });
    }
    this.next = 0;
    this.#fill();
    this.onchange();
  }

  /** @param {Item["state"]} state */
  count(state) {
    return this.items.filter((item) => item.state === state).length;
  }

  /** Whether files are still on their way. */
  get busy() {
    return this.announcing > 0 || this.items.some(({ state }) => state === "waiting" || state === "sending");
  }

  /** @param {import("./upload-files.js").Chosen[]} some */
  async #announce(some) {
    const files = some.map((one) => ({ name: one.path, size: one.file.size, fingerprint: fingerprint(one) }));
    const told = await this.#patiently(() => this.api.announce(this.batch, files));
    for (const [index, chosen] of some.entries()) {
      const { id = "", offset = 0, state = "", refused = "" } = told[index] ?? {};
      const over = state !== "receiving" && !refused;
      const sent = over ? chosen.file.size : offset;
      this.before += sent;
      this.items.push({
        chosen,
        id,
        sent,
        flying: 0,
        state: refused ? "failed" : over ? "done" : "waiting",
        reason: refused,
      });
    }
  }

  #fill() {
    while (!this.paused && this.running < AT_ONCE) {
      while (this.next < this.items.length && this.items[this.next]?.state !== "waiting") this.next += 1;
      const item = this.items[this.next];
      if (!item) return;
      item.state = "sending";
      this.running += 1;
      this.#send(item).finally(() => {
        this.running -= 1;
        this.#fill();
        this.onchange();
      });
    }
  }

  /** @param {Item} item */
  async #send(item) {
    const { file } = item.chosen;
    try {
      while (item.sent < file.size) await this.#patiently(() => this.#sendChunk(item));
      item.state = "done";
    } catch (error) {
      item.flying = 0;
      if (error instanceof DOMException && error.name === "AbortError") {
        item.state = "waiting";
        this.next = 0;
        return;
      }
      item.state = "failed";
      item.reason = why(error, file.name);
    }
  }

  /** @param {Item} item */
  async #sendChunk(item) {
    const { file } = item.chosen;
    const bytes = file.slice(item.sent, item.sent + CHUNK);
    const progress = (/** @type {number} */ sent) => {
      item.flying = Math.min(sent, bytes.size);
      this.onchange();
    };
    try {
      item.sent = await this.api.send(item.id, item.sent, bytes, progress, this.stopper.signal);
    } catch (error) {
      // Another tab was faster, or a reply got lost: Pawcha knows how far the file is.
      if (!(error instanceof Refusal && ["wrong_offset", "transfer_over"].includes(error.code))) throw error;
      item.sent = await this.api.offset(item.id);
    } finally {
      item.flying = 0;
    }
    this.onchange();
  }

  /**
   * Do something, again and again while the connection is gone.
   * @template T
   * @param {() => Promise<T>} act
   * @returns {Promise<T>}
   */
  async #patiently(act) {
    for (;;) {
      try {
        const result = await act();
        this.tries = 0;
        this.trouble = "";
        return result;
      } catch (error) {
        if (!(error instanceof Refusal && error.again)) throw error;
        const pause = PAUSES[Math.min(this.tries, PAUSES.length - 1)] ?? 0;
        this.tries += 1;
        this.trouble = `${error.message} What arrived is safe; trying again in ${pause / 1000} s.`;
        this.onchange();
        await this.#wait(pause);
      }
    }
  }

  /** @param {number} milliseconds */
  #wait(milliseconds) {
    return new Promise((resolve, reject) => {
      const { signal } = this.stopper;
      const stop = () => reject(new DOMException("Paused", "AbortError"));
      if (signal.aborted) return stop();
      const timer = setTimeout(resolve, milliseconds);
      addEventListener("online", resolve, { once: true, signal });
      signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
      signal.addEventListener("abort", stop, { once: true });
    });
  }
}

/**
 * @param {unknown} error
 * @param {string} name
 */
function why(error, name) {
  if (error instanceof Refusal) return error.message;
  return `“${name}” cannot be read any more: was it moved or changed? Choose it again.`;
}
