/**
 * The states of a widget: one table, and one function through which every change goes.
 *
 * @typedef {"idle" | "loading" | "open" | "checking" | "solved" | "expired" | "error"} State
 */

/**
 * Which state may follow which. An idle one that was closed opens again with the same photos; a
 * test key that always passes is solved without any.
 *
 * @type {Readonly<Record<State, readonly State[]>>}
 */
export const FOLLOWS = Object.freeze({
  idle: ["loading", "open", "solved", "error"],
  loading: ["idle", "open", "expired", "error"],
  open: ["idle", "loading", "checking", "expired", "error"],
  checking: ["idle", "loading", "solved", "expired", "error"],
  solved: ["idle", "expired"],
  expired: ["idle", "loading"],
  error: ["idle", "loading"],
});

export class States extends EventTarget {
  /** @type {State} */
  #now = "idle";

  get now() {
    return this.#now;
  }

  /**
   * Go to the next state and emit "statechange", or return false where the table has no such step:
   * a reply that comes too late then changes nothing.
   *
   * @param {State} state
   * @param {Record<string, unknown>} [detail]
   */
  change(state, detail = {}) {
    if (!FOLLOWS[this.#now].includes(state)) return false;
    this.#now = state;
    this.dispatchEvent(new CustomEvent("statechange", { detail: { ...detail, state } }));
    return true;
  }
}
