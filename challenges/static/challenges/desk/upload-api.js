// Talking to Pawcha: batches, announcements, and the bytes by the tus protocol.

/**
 * What Pawcha says when something does not work. `again`: it may work later.
 */
export class Refusal extends Error {
  /**
   * @param {string} message
   * @param {{ code?: string, again?: boolean }} [more]
   */
  constructor(message, { code = "", again = false } = {}) {
    super(message);
    this.code = code;
    this.again = again;
  }
}

/**
 * @typedef {{ id?: string, offset?: number, state?: string, refused?: string }} Told
 * @typedef {{ name: string, size: number, fingerprint: string }} Announced
 */

/** The calls of these pages. */
export class Api {
  /**
   * @param {string} batches address of the batches
   * @param {string} transfers address of the transfers
   * @param {string} token against forged requests
   */
  constructor(batches, transfers, token) {
    this.batches = batches;
    this.transfers = transfers;
    this.token = token;
  }

  /**
   * @param {Record<string, unknown>} words
   * @returns {Promise<{ id: number }>}
   */
  makeBatch(words) {
    return this.#json(this.batches, words);
  }

  /**
   * @param {number} batch
   * @returns {Promise<any>}
   */
  run(batch) {
    return this.#json(`${this.batches}/${batch}`);
  }

  /**
   * @param {number} batch
   * @param {Announced[]} files
   * @returns {Promise<Told[]>}
   */
  announce(batch, files) {
    return this.#json(`${this.batches}/${batch}/files`, { files });
  }

  /**
   * Return how many bytes of a file are safe.
   * @param {string} id
   */
  async offset(id) {
    const reply = await this.#fetch(`${this.transfers}/${id}`, { method: "HEAD", headers: this.#headers() });
    if (!reply.ok) throw await refusal(reply);
    return Number(reply.headers.get("Upload-Offset"));
  }

  /**
   * Send bytes and return the offset after them.
   * @param {string} id
   * @param {number} offset
   * @param {Blob} bytes
   * @param {(sent: number) => void} progress bytes of these that are on their way
   * @param {AbortSignal} signal
   * @returns {Promise<number>}
   */
  send(id, offset, bytes, progress, signal) {
    // Only XMLHttpRequest tells how much is sent already.
    const request = new XMLHttpRequest();
    return new Promise((resolve, reject) => {
      request.open("PATCH", `${this.transfers}/${id}`);
      for (const [name, value] of Object.entries(this.#headers())) request.setRequestHeader(name, value);
      request.setRequestHeader("Content-Type", "application/offset+octet-stream");
      request.setRequestHeader("Upload-Offset", String(offset));
      request.upload.onprogress = (event) => progress(event.loaded);
      request.onload = () => {
        if (request.status === 204) resolve(Number(request.getResponseHeader("Upload-Offset")));
        else reject(said(request.status, request.responseText));
      };
      request.onerror = () => reject(new Refusal("The connection is gone.", { again: true }));
      request.onabort = () => reject(new DOMException("Paused", "AbortError"));
      signal.addEventListener("abort", () => request.abort(), { once: true });
      if (signal.aborted) reject(new DOMException("Paused", "AbortError"));
      else request.send(bytes);
    });
  }

  #headers() {
    return { "Tus-Resumable": "1.0.0", "X-CSRFToken": this.token };
  }

  /**
   * @param {string} address
   * @param {unknown} [body]
   */
  async #json(address, body) {
    const sends = body !== undefined;
    const reply = await this.#fetch(address, {
      method: sends ? "POST" : "GET",
      headers: sends ? { "Content-Type": "application/json", "X-CSRFToken": this.token } : {},
      body: sends ? JSON.stringify(body) : null,
    });
    if (!reply.ok) throw await refusal(reply);
    return reply.json();
  }

  /**
   * @param {string} address
   * @param {RequestInit} options
   */
  async #fetch(address, options) {
    try {
      return await fetch(address, { credentials: "same-origin", ...options });
    } catch {
      throw new Refusal("The connection is gone.", { again: true });
    }
  }
}

/** @param {Response} reply */
async function refusal(reply) {
  return said(reply.status, await reply.text());
}

/**
 * @param {number} status
 * @param {string} text
 */
function said(status, text) {
  const again = status >= 500 || status === 429 || status === 408;
  try {
    const { error, message } = JSON.parse(text);
    return new Refusal(message, { code: error, again });
  } catch {
    const why = again ? "Pawcha does not answer." : `Pawcha refused this (${status}). Load the page again.`;
    return new Refusal(why, { again });
  }
}
