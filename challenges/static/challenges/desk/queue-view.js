/**
 * What is on the screen.
 *
 * @typedef {import("./queue-line.js").Item} Item
 * @typedef {import("./queue-line.js").Said} Said
 * @typedef {import("./queue-api.js").Photo} Photo
 * @typedef {import("./queue-api.js").Alike} Alike
 */

/** @type {Record<string, string>} */
export const NAMES = { cat: "Cat", dog: "Dog", neither: "Neither or both", reject: "Rejected" };
/** @type {Record<string, string>} */
const CAME = { waits: "waits for a second person", disputed: "goes to another person" };
const STRIP = 12;
const THUMB = 72;

/** @param {string} name @returns {HTMLElement} */
export function part(name) {
  const found = document.querySelector(`[data-part="${name}"]`);
  if (!(found instanceof HTMLElement)) throw new Error(`The page has no ${name}.`);
  return found;
}

/** @param {string} tag @param {string} [style] @param {string} [text] */
function element(tag, style = "", text = "") {
  const made = document.createElement(tag);
  if (style) made.className = style;
  made.textContent = text;
  return made;
}

/** Put a photo on the screen, or the words for an empty queue. @param {Item | undefined} item @param {boolean} waiting */
export function showItem(item, waiting) {
  part("work").hidden = !item;
  part("empty").hidden = Boolean(item) || waiting;
  part("waiting").hidden = Boolean(item) || !waiting;
  if (!item) return;
  part("picture").replaceChildren(item.image);
  const word = item.said?.word;
  part("said").hidden = !word;
  part("said").textContent = word ? `You said: ${NAMES[word].toLowerCase()}. Another key changes it.` : "";
  showFacts(item.photo);
  for (const button of document.querySelectorAll("[data-word]")) {
    const own = button.getAttribute("data-word");
    button.toggleAttribute("data-proposed", own === item.photo.label && !word);
    button.toggleAttribute("data-chosen", own === word);
  }
}

/** The picture could not be fetched: say so in its place. @param {Item} item */
export function showBroken(item) {
  const words = `The picture of photo ${item.photo.id} cannot be shown. Go on with the right arrow, or reject it.`;
  part("picture").replaceChildren(element("p", "queue-broken", words));
}

/** @param {Photo} photo */
function showFacts(photo) {
  part("doubt").hidden = !photo.doubt;
  part("doubt-text").textContent = photo.doubt;
  part("proposal").textContent = proposal(photo);
  const scale = part("scale");
  scale.hidden = photo.p_cat === null;
  scale.style.setProperty("--at", String(photo.p_cat ?? 0.5));
  const held = photo.rights === "unstated" ? "No right to show it is stated: it is kept out of the pool." : "";
  part("held").textContent = held;
  part("held").hidden = !held;
  part("batch").textContent = photo.batch;
  part("shelter").textContent = photo.shelter || "not said";
  part("number").textContent = `${photo.id} · ${photo.width} × ${photo.height}`;
  showAlike(photo.alike);
}

/** @param {Photo} photo */
function proposal(photo) {
  const so = photo.status === "proposed" ? "Proposed:" : "It counts as";
  const label = photo.label ? `${so} ${NAMES[photo.label].toLowerCase()}.` : "Nobody has proposed anything yet.";
  if (photo.certainty === null || photo.p_cat === null) return label;
  const sure =
    photo.certainty > 0.999 ? "more than 99.9" : (100 * photo.certainty).toFixed(photo.certainty > 0.99 ? 1 : 0);
  if (photo.label === "neither" && photo.status === "proposed") return `${label} The network is ${sure} % sure.`;
  return `${label} The network says ${photo.p_cat < 0.5 ? "dog" : "cat"}, ${sure} % sure.`;
}

/** @param {Alike[]} alike */
function showAlike(alike) {
  part("alike").hidden = !alike.length;
  const cards = alike.map((one) => {
    const card = element("li", "queue-alike");
    const image = new Image();
    image.src = one.picture;
    image.alt = `Photo ${one.id}`;
    const label = one.status === "rejected" && one.label !== "neither" ? "rejected" : one.label;
    card.append(image, element("span", "", NAMES[label] ?? "Rejected"));
    return card;
  });
  part("alike-list").replaceChildren(...cards);
}

/** @param {{left: number, done: number, rate: number, unsent: number}} count */
export function showCounts({ left, done, rate, unsent }) {
  part("left").textContent = left >= 10_000 ? "10,000+" : left.toLocaleString("en");
  part("done").textContent = done.toLocaleString("en");
  part("rate").textContent = rate ? String(rate) : "–";
  part("unsent").hidden = !unsent;
  part("unsent").textContent = unsent === 1 ? "1 being saved" : `${unsent} being saved`;
}

/** The last decisions, newest first. @param {Said[]} said */
export function showStrip(said) {
  const shown = said.slice(-STRIP).reverse();
  part("strip").replaceChildren(...shown.map(asChip));
  part("strip-empty").hidden = shown.length > 0;
}

/** @type {WeakMap<Item, HTMLCanvasElement>} */
const thumbs = new WeakMap();

/** @param {Said} said */
function asChip(said) {
  const { item, word } = said;
  const chip = element("li", "queue-chip");
  const button = element("button");
  button.setAttribute("type", "button");
  button.dataset.item = String(item.photo.id);
  const saved = item.pending ? ", being saved" : "";
  button.setAttribute("aria-label", `Back to photo ${item.photo.id}: ${NAMES[word]}${saved}`);
  const label = element("span", "queue-chip-word", word === "neither" ? "Neither" : NAMES[word]);
  label.dataset.said = word;
  button.append(thumb(item), label);
  if (CAME[said.came]) button.title = `It ${CAME[said.came]}.`;
  chip.toggleAttribute("data-unsent", item.pending > 0);
  chip.append(button);
  return chip;
}

/** A small copy of a picture that is decoded already. @param {Item} item */
export function thumb(item) {
  const known = thumbs.get(item);
  if (known) return known;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = THUMB;
  const { naturalWidth: width, naturalHeight: height } = item.image;
  const side = Math.min(width, height);
  if (side) {
    const place = /** @type {const} */ ([(width - side) / 2, (height - side) / 2, side, side]);
    canvas.getContext("2d")?.drawImage(item.image, ...place, 0, 0, THUMB, THUMB);
  }
  thumbs.set(item, canvas);
  return canvas;
}

/** Say something that needs a look; null takes it away. @param {string | null} text @param {Item} [item] */
export function showNotice(text, item) {
  const notice = part("notice");
  notice.hidden = !text;
  part("notice-text").textContent = text ?? "";
  part("notice-picture").replaceChildren(...(item ? [copyOf(thumb(item))] : []));
}

/** @param {HTMLCanvasElement} canvas */
function copyOf(canvas) {
  const copy = document.createElement("canvas");
  copy.width = copy.height = THUMB;
  copy.getContext("2d")?.drawImage(canvas, 0, 0);
  return copy;
}

/** Why nothing is saved now. @param {string | null} text */
export function showTrouble(text) {
  part("trouble").hidden = !text;
  part("trouble").textContent = text ?? "";
}
