/**
 * The frame's side of the native API. It only ever talks to the origin that it came from.
 *
 * @typedef {{id: string, prompt: string, columns: number, count: number, rounds: number,
 *   lifetime: number, pictures: string, session: string}} Challenge `count` photos in all `rounds`,
 *   which have as many each; `lifetime` in milliseconds; `session` is the visitor's handle
 * @typedef {{picture: number, name: string, shelter: string, url: string}} Pet
 * @typedef {{token: string, lifetime: number, pets: Pet[]} | {next: Challenge}} Verdict
 */

import { words } from "./words.js";

const PATH = "/api/v1/challenges";
const PATIENCE = 20_000;
const LIFETIME = 120_000;

// Words that have another place, too.
const ELSEWHERE = new Map([
  ["challenge_expired", "expired_challenge"],
  ["already_answered", "fallback.answered"],
  ["already_extended", "fallback.extended"],
]);

/** Something that the visitor is told in one sentence, in their own language if we have it. */
export class Problem extends Error {
  /** @param {string} code @param {{message?: string, wait?: number}} [more] `wait` in seconds */
  constructor(code, { message = "", wait = 0 } = {}) {
    super(words(ELSEWHERE.get(code) ?? `errors.${code}`) || message || words("errors.unclear"));
    this.code = code;
    this.wait = wait;
  }
}

/** @param {Record<string, unknown>} wish @param {AbortSignal} signal @returns {Promise<Challenge>} */
export async function askChallenge(wish, signal) {
  const { body, now } = await post(PATH, wish, signal);
  return asChallenge(body, now);
}

/** @param {string} id @param {number[]} picks @param {AbortSignal} signal @returns {Promise<Verdict>} */
export async function sendAnswer(id, picks, signal) {
  const { body, now } = await post(about(id, "answer"), { picks }, signal);
  if (body.next) return { next: asChallenge(body.next, now) };
  if (typeof body.token !== "string") throw new Problem("unclear");
  const pets = Array.isArray(body.adopt) ? body.adopt : [];
  return { token: body.token, lifetime: lifetime(body.expires_at, now), pets };
}

/** Ask for more time. @param {string} id @param {AbortSignal} signal @returns {Promise<number>} in milliseconds */
export async function extend(id, signal) {
  const { body, now } = await post(about(id, "extend"), {}, signal);
  return lifetime(body.expires_at, now);
}

/** Say that a picture should not be there. @param {string} id @param {number} picture @param {AbortSignal} signal */
export async function report(id, picture, signal) {
  await post(about(id, "report"), { picture }, signal);
}

/** @param {string} id @param {string} what */
const about = (id, what) => `${PATH}/${encodeURIComponent(id)}/${what}`;

/**
 * Read the stream of pictures and hand out each one as soon as its last byte is here.
 *
 * @param {Challenge} challenge
 * @param {(place: number, picture: Blob) => void} give
 * @param {AbortSignal} signal
 */
export async function readPictures(challenge, give, signal) {
  // Only the path: the address that the visitor sees us at may differ from our public one.
  const address = new URL(challenge.pictures, location.origin);
  const response = await send(address.pathname + address.search, {}, signal);
  if (!response.ok || !response.body) throw await asProblem(response);
  const reader = response.body.getReader();
  let waiting = new Uint8Array(0);
  for (let place = 0; place < challenge.count; ) {
    const { done, value } = await unlessOffline(reader.read(), signal);
    if (done) throw new Problem("pictures_broken");
    waiting = joined(waiting, value);
    let length = lengthOf(waiting);
    while (place < challenge.count && length <= waiting.length - 4) {
      give(place, new Blob([waiting.slice(4, 4 + length)], { type: "image/webp" }));
      waiting = waiting.slice(4 + length);
      place += 1;
      length = lengthOf(waiting);
    }
  }
  // The end is here already; more than was announced is none of our business.
  reader
    .read()
    .then(({ done }) => (done ? undefined : reader.cancel()))
    .catch(() => {});
}

/** @param {Uint8Array} bytes */
const lengthOf = (bytes) => (bytes.length < 4 ? Infinity : new DataView(bytes.buffer, bytes.byteOffset).getUint32(0));

/** @param {Uint8Array} first @param {Uint8Array} second */
function joined(first, second) {
  const whole = new Uint8Array(first.length + second.length);
  whole.set(first);
  whole.set(second, first.length);
  return whole;
}

/** @param {string} path @param {object} content @param {AbortSignal} signal */
async function post(path, content, signal) {
  const headers = { "Content-Type": "application/json" };
  const response = await send(path, { method: "POST", headers, body: JSON.stringify(content) }, signal);
  if (!response.ok) throw await asProblem(response);
  const body = await response.json().catch(() => ({}));
  return { body, now: Date.parse(response.headers.get("Date") ?? "") };
}

/** @param {string} path @param {RequestInit} options @param {AbortSignal} signal */
function send(path, options, signal) {
  const asked = {
    ...options,
    signal,
    credentials: /** @type {const} */ ("omit"),
    cache: /** @type {const} */ ("no-store"),
  };
  return unlessOffline(fetch(path, asked), signal);
}

/** @template T @param {Promise<T>} work @param {AbortSignal} signal @returns {Promise<T>} */
async function unlessOffline(work, signal) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Problem("timeout")), PATIENCE);
  });
  try {
    return await Promise.race([work, /** @type {Promise<never>} */ (late)]);
  } catch (error) {
    if (signal.aborted || error instanceof Problem) throw error;
    throw new Problem("offline");
  } finally {
    clearTimeout(timer);
  }
}

/** @param {Response} response */
async function asProblem(response) {
  const body = await response.json().catch(() => ({}));
  const wait = Number.parseInt(response.headers.get("Retry-After") ?? "", 10) || 0;
  return new Problem(String(body?.error ?? "unclear"), { message: String(body?.message ?? ""), wait });
}

/** @param {any} body @param {number} now @returns {Challenge} */
function asChallenge(body, now) {
  const { id, prompt, pictures, columns, count, rounds = 1, expires_at: end, session = "" } = body ?? {};
  const whole = count > 0 && count <= 60 && rounds > 0 && count % rounds === 0;
  if (!id || !pictures || !whole) throw new Problem("unclear");
  const laid = { count, rounds, columns: columns > 0 ? columns : 4 };
  return { id, prompt, pictures, ...laid, lifetime: lifetime(end, now), session: String(session) };
}

/** How long something lasts, by the server's clock alone. @param {unknown} end @param {number} now */
function lifetime(end, now) {
  const length = Date.parse(String(end)) - now;
  // The Date header has whole seconds: rather one second early than too late.
  return length > 1000 ? length - 1000 : Number.isNaN(length) ? LIFETIME : 0;
}
