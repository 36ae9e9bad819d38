/** The journey of one visitor: ask, show, pick, answer, and the token; or what went wrong. */

import { askChallenge, extend, Problem, readPictures, report, sendAnswer } from "./client.js";
import { countDown } from "./clock.js";
import { say } from "./parts.js";
import { States } from "./state.js";
import { againWords, clockWords, words } from "./words.js";

/** @typedef {import("./client.js").Challenge} Challenge */

const MOST_MISSES = 5;
const SAY_NO_MORE = new Set(["host_not_allowed", "host_required", "unknown_sitekey"]);
/** The photos are no good any more, though their time is not over: others take their place. */
const GONE = new Set(["already_answered", "unknown_challenge"]);

export class Journey extends EventTarget {
  states = new States();
  /** @type {Challenge | undefined} */
  #challenge;
  #work = new AbortController();
  /** Stops the one clock there is. */
  #stopClock = () => {};
  #misses = 0;
  #extended = false;
  /** What was solved counts for the visitor by this handle. It stays in memory: no cookie, no storage. */
  #session = "";

  /** @param {import("./view.js").View} view @param {() => Record<string, unknown> | null} wish null before the hello */
  constructor(view, wish) {
    super();
    this.view = view;
    this.wish = wish;
    view.grid.addEventListener("broken", () => this.#fail(new Problem("pictures_broken")));
  }

  /** Ask for a challenge and show it. */
  async start(notice = "", reason = "") {
    const wish = this.wish();
    if (!wish || !this.states.change("loading", { reason })) return;
    const signal = this.#stop();
    this.view.note(notice);
    await this.#attempt(signal, async () => this.#show(await askChallenge(this.#known(wish), signal), signal));
  }

  /** Start again after a break: from nothing, where the visitor was sent away to rest. */
  again() {
    this.#misses %= MOST_MISSES;
    return this.start();
  }

  /** Leave, for now. The photos stay as they are until their time is over. */
  pause() {
    if (this.states.now === "error" || this.states.now === "expired") this.#stop();
    return this.states.change("idle", { reason: "closed" });
  }

  /** Go on where the visitor left, or start. */
  async resume() {
    if (!this.#challenge) return this.again();
    this.states.change(this.view.grid.started ? "open" : "loading", { reason: "resumed" });
  }

  /** Drop whatever was, and be as if nothing had been. */
  reset() {
    this.#stop();
    this.#misses = 0;
    this.states.change("idle", { reason: "reset" });
  }

  async submit() {
    const id = this.#challenge?.id;
    if (!id || !this.states.change("checking")) return;
    const { signal } = this.#work;
    await this.#attempt(signal, async () => {
      const verdict = await sendAnswer(id, this.view.grid.picks, signal);
      if ("token" in verdict) return this.solve(verdict.token, verdict.lifetime, verdict.pets);
      this.states.change("loading", { reason: "next" });
      const fresh = this.#stop();
      this.view.note(words("errors.one_more"));
      return this.#attempt(fresh, () => this.#show(verdict.next, fresh));
    });
  }

  /** @param {string} token @param {number} [lifetime] in milliseconds @param {import("./client.js").Pet[]} [pets] */
  solve(token, lifetime, pets = []) {
    this.#stop();
    this.#misses = 0;
    this.states.change("solved", { token, pets });
    if (lifetime !== undefined) this.#stopClock = countDown(lifetime, { end: () => this.#expire("token") });
  }

  /** More time, which the server gives once. */
  async extend() {
    if (!this.#challenge || this.#extended || this.states.now !== "open") return;
    this.#extended = true;
    try {
      const left = await extend(this.#challenge.id, this.#work.signal);
      this.#count(left);
      say(words("more_time_given", { time: clockWords(Math.round(left / 1000)) }));
    } catch (error) {
      const told = this.#aside(error);
      if (told) say(told);
    }
  }

  /** Report one photo, and return what to tell the visitor. @param {number} place */
  async report(place) {
    if (!this.#challenge) return "";
    try {
      await report(this.#challenge.id, place, this.#work.signal);
      return words("report_thanks");
    } catch (error) {
      return this.#aside(error);
    }
  }

  /**
   * Say in one sentence why it does not go on, and offer to try again where that may help.
   *
   * @param {string} code
   * @param {{message?: string, wait?: number, cause?: string, final?: boolean}} [more] `wait` in seconds
   */
  refuse(code, { message = new Problem(code).message, wait = 0, cause, final = SAY_NO_MORE.has(code) } = {}) {
    this.#stop();
    if (!this.states.change("error", { code, message, cause, wait, final }) || !wait || final) return;
    this.#stopClock = countDown(wait * 1000, {
      second: (left) => this.view.action(againWords(left), false),
      end: () => this.view.action(words("again"), true),
    });
  }

  /** Drop whatever is under way. */
  #stop() {
    this.#work.abort();
    this.#stopClock();
    this.#challenge = undefined;
    this.#work = new AbortController();
    return this.#work.signal;
  }

  /** @param {Record<string, unknown>} wish */
  #known(wish) {
    return this.#session ? { ...wish, session: this.#session } : wish;
  }

  /** @param {Challenge} given @param {AbortSignal} signal */
  async #show(given, signal) {
    this.#challenge = given;
    this.#session = given.session || this.#session;
    this.#extended = false;
    this.view.show(given);
    this.#count(given.lifetime);
    await readPictures(
      given,
      (place, picture) => {
        if (this.states.now === "loading") this.states.change("open");
        this.view.grid.fill(place, picture);
      },
      signal,
    );
    this.view.complete();
  }

  /** @param {number} lifetime in milliseconds */
  #count(lifetime) {
    this.#stopClock();
    this.#stopClock = countDown(lifetime, {
      second: (left) => this.states.now === "open" && this.view.tick(left, !this.#extended),
      end: () => this.#expire("challenge"),
    });
  }

  /** @param {"challenge" | "token"} what */
  #expire(what) {
    // An answer on its way is judged by the server, which knows the time better.
    if (this.states.now === "checking") return;
    this.#stop();
    // Closed: nobody looks at these photos, and the next wish brings others.
    if (this.states.now !== "idle") this.states.change("expired", { what });
  }

  /** Do some work; what goes wrong ends in one sentence. @param {AbortSignal} signal @param {() => Promise<void>} task */
  async #attempt(signal, task) {
    try {
      await task();
    } catch (error) {
      if (!signal.aborted) this.#fail(error instanceof Problem ? error : new Problem("unclear"));
    }
  }

  /** Return what to tell when something beside the picking failed, or deal with it. @param {unknown} error */
  #aside(error) {
    if (!(error instanceof Problem)) return "";
    const over = error.code === "challenge_expired" || GONE.has(error.code);
    // An answer on its way is told the same.
    if (!over || this.states.now !== "open") return error.message;
    this.#fail(error);
    return "";
  }

  /** @param {Problem} problem */
  #fail({ code, message, wait }) {
    if (this.states.now === "idle") this.#stop();
    else if (code === "wrong_answer") this.#miss(message);
    else if (code === "challenge_expired") this.#expireNow();
    // Gone before they came: were others asked for by themselves, that might never end.
    else if (GONE.has(code) && this.states.now === "loading") this.refuse("pictures_broken");
    else if (GONE.has(code)) void this.start(message, code);
    else this.refuse(code, { message, wait });
  }

  /** @param {string} message */
  #miss(message) {
    this.#misses += 1;
    // Who misses again and again is helped by a person, not by yet more photos.
    if (this.#misses % MOST_MISSES === 0) this.refuse("too_many_misses", { message: words("misses") });
    else void this.start(message, "wrong_answer");
  }

  #expireNow() {
    this.#stop();
    this.states.change("expired", { what: "challenge" });
  }
}
