/**
 * The queue's calls. Typed as the API answers; see challenges/api/labels.py.
 *
 * @typedef {{id: number, label: string, status: string, picture: string}} Alike
 * @typedef {{id: number, picture: string, width: number, height: number, label: string, p_cat: number | null,
 *   certainty: number | null, network: string, doubt: string, doubt_kind: string, status: string, batch: string,
 *   shelter: string, rights: string, alike: Alike[]}} Photo
 * @typedef {{photos: Photo[], left: number, agree: number}} Next
 * @typedef {{id: number, photo: number, word: Word, came: "settled" | "waits" | "disputed", status: string}} Decision
 * @typedef {"cat" | "dog" | "neither" | "reject"} Word
 */

const PATIENCE = 20_000;

/** What went wrong, in a sentence. `again`: it may work later; else it never will. */
export class Problem extends Error {
  /** @param {string} code @param {string} message @param {boolean} again */
  constructor(code, message, again) {
    super(message);
    this.code = code;
    this.again = again;
  }
}

export class Api {
  /** @param {string} root such as /api/v1/queue @param {string} csrf */
  constructor(root, csrf) {
    this.root = root;
    this.csrf = csrf;
  }

  /** Get photos and keep those that are held. @param {number} number @param {number[]} holding @returns {Promise<Next>} */
  next(number, holding) {
    const asked = new URLSearchParams({ number: String(number), holding: holding.join(",") });
    return this.#call(`${this.root}?${asked}`, {});
  }

  /** @param {number} photo @param {Word} word @returns {Promise<Decision>} */
  decide(photo, word) {
    return this.#post("decisions", { photo, word });
  }

  /** @param {number} decision @returns {Promise<unknown>} */
  undo(decision) {
    return this.#post("undo", { decision });
  }

  /** Give photos back while the page closes: nobody waits for the answer. @param {number[]} photos */
  release(photos) {
    if (photos.length) void this.#post("release", { photos }, true).catch(() => {});
  }

  /** @param {string} what @param {unknown} said @param {boolean} [keepalive] @returns {Promise<any>} */
  #post(what, said, keepalive = false) {
    const headers = { "Content-Type": "application/json", "X-CSRFToken": this.csrf };
    return this.#call(`${this.root}/${what}`, { method: "POST", body: JSON.stringify(said), headers, keepalive });
  }

  /** @param {string} address @param {RequestInit} how @returns {Promise<any>} */
  async #call(address, how) {
    let response;
    try {
      response = await fetch(address, { ...how, credentials: "same-origin", signal: AbortSignal.timeout(PATIENCE) });
    } catch {
      throw new Problem("offline", "There is no connection. Your decisions are kept here and sent later.", true);
    }
    const body = await response.json().catch(() => ({}));
    if (response.ok) return body;
    throw asProblem(response.status, body);
  }
}

/** @param {number} status @param {{error?: string, message?: string}} body */
function asProblem(status, body) {
  if (status === 401 || status === 403) {
    const words = "You are signed out, or may not label any more. Sign in again in another tab: your decisions wait.";
    return new Problem("signed_out", words, true);
  }
  const later = status >= 500 || status === 429;
  const words = body.message ?? "The server gave no clear answer. Your decisions are kept here and sent later.";
  return new Problem(body.error ?? "unclear", words, later);
}
