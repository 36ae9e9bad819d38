/**
 * The page's side of the API. It only ever talks to the origin that it came from.
 *
 * @typedef {{width: number, height: number, values: string}} Heat `values` as base64
 * @typedef {{verdict: string, label: string, confidence: number, p_cat: number, heat: Heat,
 *   sentence: string, meaning: string}} Answer
 */

import { words } from "./words.js";

// Large photos go slowly through a poor line.
const PATIENCE = 180_000;

/** Something that the visitor is told in one sentence. */
export class Problem extends Error {
  /** @param {string} message @param {{again?: boolean, wait?: number}} [more] `wait` in seconds */
  constructor(message, { again = false, wait = 0 } = {}) {
    super(message);
    this.again = again;
    this.wait = wait;
  }
}

/** @param {string} address @param {Blob} photo @param {AbortSignal} signal @returns {Promise<Answer>} */
export async function classify(address, photo, signal) {
  const late = AbortSignal.timeout(PATIENCE);
  const both = new AbortController();
  for (const one of [signal, late]) one.addEventListener("abort", () => both.abort(), { once: true });
  try {
    const response = await fetch(address, {
      method: "POST",
      // Whatever the browser takes it for, the service finds out and says so.
      headers: { "Content-Type": "application/octet-stream" },
      body: photo,
      credentials: "omit",
      cache: "no-store",
      signal: both.signal,
    });
    if (!response.ok) throw await asProblem(response);
    const answer = await response.json();
    if (!answer?.verdict || !answer.heat) throw new Problem(words.unclear, { again: true });
    return answer;
  } catch (error) {
    if (signal.aborted || error instanceof Problem) throw error;
    throw new Problem(late.aborted ? words.slow : words.offline, { again: true });
  }
}

/** @param {Response} response */
async function asProblem(response) {
  const body = await response.json().catch(() => ({}));
  const wait = Number.parseInt(response.headers.get("Retry-After") ?? "", 10) || 0;
  const again = wait > 0 || response.status >= 500;
  return new Problem(String(body?.message || words.unclear), { again, wait });
}
