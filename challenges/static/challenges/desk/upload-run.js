// What became of the files: drawn from the run's JSON, again and again while workers are busy.

import { bytes, counted, el, number } from "./upload-parts.js";

/**
 * @typedef {{ name: string, photo: number, batch: string, since: string, newcomer: number | null }} Twin
 * @typedef {Record<string, number>} Figures
 * @typedef {object} Run
 * @property {boolean} busy
 * @property {Figures} files
 * @property {Figures} photos
 * @property {Figures} standing
 * @property {{ name: string, size: number, offset: number, state: string, reason: string, found: number }[]} transfers
 * @property {{ name: string, reason: string }[]} rejected
 * @property {{ archive: string, what: string, number: number, said: string, advice: string }[]} left_out
 * @property {Twin[]} duplicates
 * @property {Twin[]} alike
 */

const DATE = new Intl.DateTimeFormat(document.documentElement.lang || "en", { dateStyle: "medium" });

/** Draws a run into its sections. A section that did not change is left alone. */
export class RunView {
  /**
   * @param {HTMLElement} place
   * @param {{ queue: string, pool: string, picture: string }} addresses `picture` has 0 for the photo
   */
  constructor(place, addresses) {
    this.place = place;
    this.addresses = addresses;
    /** @type {Record<string, string>} */
    this.drawn = {};
  }

  /**
   * @param {Run} run
   * @param {boolean} sending this page is sending files itself
   */
  draw(run, sending) {
    this.place.hidden = run.files.announced === 0 && run.photos.found === 0;
    this.#section("tiles", [run.photos, run.standing, run.files], () => this.#tiles(run));
    this.#section("state", [run.files, run.photos, run.busy, sending], () => state(run, sending));
    this.#section("arriving", sending ? [] : run.transfers, () => (sending ? [] : arriving(run)));
    this.#section("rejected", [run.rejected, run.transfers], () => rejected(run));
    this.#section("left-out", run.left_out, () => leftOut(run));
    this.#section("twins", run.duplicates, () => this.#twins(run.duplicates));
    this.#section("alike", run.alike, () => this.#alike(run.alike));
  }

  /**
   * @param {string} name
   * @param {unknown} data
   * @param {() => (Node | string)[]} make
   */
  #section(name, data, make) {
    const mark = JSON.stringify(data);
    if (this.drawn[name] === mark) return;
    this.drawn[name] = mark;
    const place = this.place.querySelector(`[data-part="${name}"]`);
    if (!(place instanceof HTMLElement)) return;
    const parts = make();
    place.hidden = parts.length === 0;
    place.replaceChildren(...parts);
  }

  /** @param {Run} run */
  #tiles({ photos, standing, files }) {
    const label = (standing.unlabelled ?? 0) + (standing.proposed ?? 0);
    const coming = (photos.waiting ?? 0) + (files.arrived ?? 0);
    const refused = (photos.rejected ?? 0) + (files.refused ?? 0);
    return [
      tile("Stored as new", photos.stored, "good"),
      tile("Here before", (photos.duplicates ?? 0) + (photos.twice ?? 0)),
      tile("Rejected", refused, refused ? "bad" : ""),
      tile("Wait for a label", label, "", label ? this.addresses.queue : "", "Label them"),
      tile(
        "Held: no right stated",
        standing.held,
        standing.held ? "warn" : "",
        standing.held ? "#words" : "",
        "State it",
      ),
      tile("In the pool", standing.pooled, "good", standing.pooled ? this.addresses.pool : "", "See them"),
      ...(coming ? [tile("Wait for a worker", coming)] : []),
    ];
  }

  /** @param {Twin[]} twins */
  #twins(twins) {
    if (!twins.length) return [];
    const hint = "It was here before. The very same picture is not stored again, and what is there stays as it is.";
    return [el("h2", "up-title", "Here before"), el("p", "up-line", hint), this.#pairs(twins)];
  }

  /** @param {Twin[]} twins */
  #alike(twins) {
    if (!twins.length) return [];
    const hint =
      "These came in as photos of their own and look almost like one that was here. A challenge never shows both.";
    return [el("h2", "up-title", "Nearly the same"), el("p", "up-line", hint), this.#pairs(twins)];
  }

  /** @param {Twin[]} twins */
  #pairs(twins) {
    const list = el("ul", "up-pairs");
    for (const twin of twins) {
      const pair = el("li", "up-pair");
      const since = `here since ${DATE.format(new Date(twin.since))}`;
      pair.append(
        this.#picture(twin.photo, "Here before", `${twin.batch}, ${since}`),
        this.#picture(twin.newcomer ?? twin.photo, "Came in now", twin.name),
      );
      list.append(pair);
    }
    return list;
  }

  /**
   * @param {number} photo
   * @param {string} title
   * @param {string} text
   */
  #picture(photo, title, text) {
    const figure = el("figure", "up-figure");
    const image = /** @type {HTMLImageElement} */ (el("img", "up-picture"));
    image.loading = "lazy";
    image.alt = `${title}: photo ${photo}`;
    image.src = this.addresses.picture.replace(/0$/, String(photo));
    const caption = el("figcaption");
    caption.append(el("strong", "", title), el("bdi", "up-name", text));
    figure.append(image, caption);
    return figure;
  }
}

/**
 * @param {string} title
 * @param {number | undefined} value
 * @param {string} [kind]
 * @param {string} [address]
 * @param {string} [link]
 */
function tile(title, value = 0, kind = "", address = "", link = "") {
  const made = el("div", `up-tile${kind && value ? ` up-tile--${kind}` : ""}`);
  made.append(el("span", "up-tile__name", title), el("strong", "up-tile__number", number(value)));
  if (address) {
    const anchor = /** @type {HTMLAnchorElement} */ (el("a", "up-tile__link", link));
    anchor.href = address;
    made.append(anchor);
  }
  return made;
}

/**
 * One sentence on where the run stands, and what to do.
 * @param {Run} run
 * @param {boolean} sending
 */
function state({ files, photos, busy }, sending) {
  const { announced = 0, receiving = 0 } = files;
  const coming = (photos.waiting ?? 0) + (files.arrived ?? 0);
  const told = [];
  if (receiving && !sending) {
    const there = `${number(announced - receiving)} of ${counted(announced, "file", "files")} arrived.`;
    told.push(`${there} Drop the same files again to go on: nothing is sent twice.`);
  }
  if (busy) {
    told.push(`The workers are taking in ${coming === 1 ? "the last file" : `${number(coming)} more`}.`);
    if (!sending) told.push("You may close this page; they go on.");
  } else if (!receiving && announced) told.push("Everything that arrived has been looked at.");
  if (photos.twice) told.push(`${counted(photos.twice, "file", "files")} came more than once in this batch.`);
  return told.length ? [told.join(" ")] : [];
}

/** @param {Run} run */
function arriving({ transfers }) {
  const open = transfers.filter((one) => one.state !== "refused");
  if (!open.length) return [];
  const list = el("ul", "up-rows");
  for (const one of open) {
    const line = el("li", "up-row");
    const bar = /** @type {HTMLProgressElement} */ (el("progress", "up-bar"));
    bar.max = one.size;
    bar.value = one.offset;
    bar.setAttribute("aria-label", one.name);
    const how = one.state === "arrived" ? unpacking(one.found) : `${bytes(one.offset)} of ${bytes(one.size)}`;
    line.append(el("bdi", "up-name", one.name), el("span", "up-size", how), bar);
    list.append(line);
  }
  return [el("h2", "up-title", "On their way"), list];
}

/** @param {number} found */
function unpacking(found) {
  return found ? `${counted(found, "photo", "photos")} found so far` : "arrived, waits for a worker";
}

/** @param {Run} run */
function rejected(run) {
  const { rejected: photos, transfers } = run;
  const files = transfers.filter((one) => one.state === "refused");
  const all = [...files, ...photos];
  if (!all.length) return [];
  const list = el("ul", "up-reasons");
  for (const one of all) {
    const line = el("li");
    line.append(el("bdi", "up-name", one.name), el("span", "", one.reason));
    list.append(line);
  }
  const rest = (run.photos.rejected ?? 0) + (run.files.refused ?? 0) - all.length;
  if (rest > 0) list.append(el("li", "", `… and ${number(rest)} more: see Uploads.`));
  return [el("h2", "up-title", "Rejected, and why"), list];
}

/** @param {Run} run */
function leftOut({ left_out: kinds }) {
  if (!kinds.length) return [];
  const list = el("ul", "up-reasons");
  for (const one of kinds) {
    const line = el("li");
    const what = `${one.said[0]?.toUpperCase()}${one.said.slice(1)}. ${one.advice}`;
    line.append(el("bdi", "up-name", one.archive), el("span", "", what));
    list.append(line);
  }
  return [el("h2", "up-title", "Left out of archives"), list];
}
