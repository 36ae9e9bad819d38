/** Calls that are sent in the background, one after another, in the order in which they were given. */

import { Problem } from "./queue-api.js";

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 8_000;

/**
 * @typedef {{send: () => Promise<void>, failed: (problem: Problem) => void}} Job
 */

export class Outbox {
  /** @param {() => void} changed is called when jobs come or go, and when a problem begins or ends */
  constructor(changed) {
    /** @type {Job[]} */
    this.jobs = [];
    /** Why nothing is sent now. @type {Problem | null} */
    this.problem = null;
    this.changed = changed;
    this.busy = false;
    this.wake = () => {};
    addEventListener("online", () => this.wake());
  }

  /** @param {Job} job */
  add(job) {
    this.jobs.push(job);
    this.changed();
    void this.#run();
  }

  /** Take a job out that was not begun; return whether it was. @param {Job} job */
  cancel(job) {
    const place = this.jobs.indexOf(job);
    if (place < (this.busy ? 1 : 0)) return false;
    this.jobs.splice(place, 1);
    this.changed();
    return true;
  }

  async #run() {
    if (this.busy) return;
    this.busy = true;
    let pause = FIRST_PAUSE;
    while (this.jobs.length) {
      const trouble = await tried(this.jobs[0]);
      if (trouble?.again) {
        this.problem = trouble;
        this.changed();
        await this.#rest(pause);
        pause = Math.min(2 * pause, LONGEST_PAUSE);
        continue;
      }
      pause = FIRST_PAUSE;
      this.problem = null;
      const job = this.jobs.shift();
      if (trouble) job?.failed(trouble);
      this.changed();
    }
    this.busy = false;
  }

  /** @param {number} pause in milliseconds @returns {Promise<void>} */
  #rest(pause) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, pause);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** @param {Job} job @returns {Promise<Problem | null>} */
async function tried(job) {
  try {
    await job.send();
    return null;
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
}
