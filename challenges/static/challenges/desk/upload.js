// The upload page and the run page: files are chosen, sent, and watched until they are taken in.

import { Api, Refusal } from "./upload-api.js";
import { filesOfDrop, filesOfInput, sort } from "./upload-files.js";
import { byId, bytes, counted } from "./upload-parts.js";
import { Queue } from "./upload-queue.js";
import { RunView } from "./upload-run.js";
import { Progress } from "./upload-view.js";

/**
 * @typedef {object} Config
 * @property {string} batches
 * @property {string} transfers
 * @property {number | null} batch
 * @property {boolean} own
 * @property {string} run address of a run, with 0 for its number
 * @property {string} picture address of a picture, with 0 for the batch and the photo
 * @property {string} queue
 * @property {string} pool
 * @property {import("./upload-files.js").Taken} taken
 */

// Milliseconds between looks at the run: while something happens, and else.
const OFTEN = 1500;
const RARELY = 15000;
const NAMES = 5;

/** @type {Config} */
const config = JSON.parse(byId("upload-config").textContent ?? "");
const token = document.querySelector("[name=csrfmiddlewaretoken]");
const api = new Api(config.batches, config.transfers, token instanceof HTMLInputElement ? token.value : "");
const form = document.getElementById("new-batch");
const zone = document.getElementById("drop-zone");

/** @type {import("./upload-files.js").Chosen[]} */
let staged = [];
/** @type {string[]} */
let passed = [];
/** @type {Queue | undefined} */
let queue;
/** @type {RunView | undefined} */
let view;
/** @type {number | undefined} */
let timer;

const progress = new Progress(byId("progress"), {
  onpause: () => queue?.toggle(),
  onretry: () => queue?.retry(),
});

/** @param {import("./upload-files.js").Chosen[]} files */
function choose(files) {
  const sorted = sort(files, config.taken);
  passed = [...passed, ...sorted.passed];
  if (config.batch) send(sorted.wanted);
  else staged = [...staged, ...sorted.wanted];
  tellStaged();
}

function tellStaged() {
  const place = byId("staged");
  const size = staged.reduce((sum, { file }) => sum + file.size, 0);
  const lines = [];
  if (staged.length) lines.push(`${counted(staged.length, "file is", "files are")} chosen, ${bytes(size)}.`);
  if (passed.length) {
    const more = passed.length > NAMES ? " …" : "";
    const which = `${passed.slice(0, NAMES).join(", ")}${more}`;
    lines.push(
      `${counted(passed.length, "file is no photo and stays", "files are no photos and stay")} here: ${which}`,
    );
  }
  place.hidden = !lines.length;
  place.textContent = lines.join(" ");
  const button = document.getElementById("start");
  if (button) button.textContent = staged.length ? `Upload ${counted(staged.length, "file", "files")}` : "Upload";
}

/** @param {import("./upload-files.js").Chosen[]} files */
async function send(files) {
  if (!config.batch || !files.length) return;
  queue ??= new Queue(api, config.batch, redraw);
  try {
    await queue.add(files);
  } catch (error) {
    complain(error instanceof Refusal ? error.message : "Something went wrong here. Load the page again.");
  }
  redraw();
  watch(0);
}

function redraw() {
  if (queue) progress.draw(queue);
}

/**
 * Look at the run in a while, and again after that.
 * @param {number} pause
 */
function watch(pause) {
  clearTimeout(timer);
  timer = setTimeout(look, pause);
}

async function look() {
  if (!config.batch) return;
  let pause = RARELY;
  if (!document.hidden) {
    try {
      // Asked before: what arrives while Pawcha answers is missing in its answer.
      const sending = Boolean(queue?.busy);
      const run = await api.run(config.batch);
      const picture = config.picture.replace("/0/", `/${config.batch}/`);
      view ??= new RunView(byId("run"), { queue: config.queue, pool: config.pool, picture });
      view.draw(run, sending);
      if (run.busy || sending || run.files.receiving) pause = OFTEN;
    } catch (error) {
      if (error instanceof Refusal && !error.again) return complain(error.message);
    }
  }
  watch(pause);
}

/** @param {string} text */
function complain(text) {
  const place = byId("complaint");
  place.textContent = text;
  place.hidden = !text;
  if (text) place.scrollIntoView({ block: "nearest" });
}

/** @param {SubmitEvent} event */
async function start(event) {
  event.preventDefault();
  complain("");
  if (!staged.length) return complain("Choose photos, a folder or an archive first: drop them above.");
  const fields = new FormData(/** @type {HTMLFormElement} */ (event.target));
  const words = Object.fromEntries([...fields].filter(([name]) => name !== "csrfmiddlewaretoken"));
  const button = /** @type {HTMLButtonElement} */ (byId("start"));
  button.disabled = true;
  try {
    const made = await api.makeBatch({ ...words, trust_labels: fields.has("trust_labels") });
    config.batch = made.id;
  } catch (error) {
    return complain(error instanceof Refusal ? error.message : "Something went wrong here. Load the page again.");
  } finally {
    button.disabled = false;
  }
  // From here on this is the page of the run: loading it again shows how far it is.
  history.replaceState(null, "", config.run.replace("/0/", `/${config.batch}/`));
  byId("about").hidden = true;
  byId("going-on").hidden = false;
  const files = staged;
  staged = [];
  tellStaged();
  send(files);
}

function prepareZone() {
  if (!zone) return;
  for (const name of ["files", "folder"]) {
    const input = /** @type {HTMLInputElement} */ (byId(`choose-${name}`));
    // The admin's own script would write the file's name into the first text field of the page.
    Object.assign(input, { hasChangeListener: true });
    byId(`button-${name}`).addEventListener("click", () => input.click());
    input.addEventListener("change", () => {
      choose(filesOfInput(input));
      input.value = "";
    });
  }
  zone.addEventListener("dragover", (event) => {
    event.preventDefault();
    zone.classList.add("up-zone--over");
  });
  zone.addEventListener("dragleave", () => zone.classList.remove("up-zone--over"));
  zone.addEventListener("drop", async (event) => {
    event.preventDefault();
    zone.classList.remove("up-zone--over");
    if (event.dataTransfer) choose(await filesOfDrop(event.dataTransfer));
  });
  // Missing the zone must not open the photo instead of the page.
  for (const name of ["dragover", "drop"]) addEventListener(name, (event) => event.preventDefault());
}

prepareZone();
form?.addEventListener("submit", (event) => start(/** @type {SubmitEvent} */ (event)));
addEventListener("beforeunload", (event) => {
  if (queue?.busy) event.preventDefault();
});
document.addEventListener("visibilitychange", () => document.hidden || watch(0));
if (config.batch) watch(0);
