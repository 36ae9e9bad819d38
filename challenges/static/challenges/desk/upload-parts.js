// Small things that both halves of the page are made of.

/**
 * Return an element with a class and a text.
 * @param {string} tag
 * @param {string} [name]
 * @param {string} [text]
 * @returns {HTMLElement}
 */
export function el(tag, name = "", text = "") {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text) made.textContent = text;
  return made;
}

/**
 * Return the element with this id, which the template promises.
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`The page has no #${id}.`);
  return found;
}

const LANGUAGE = document.documentElement.lang || "en";
const FORMAT = new Intl.NumberFormat(LANGUAGE);
const SHORT = new Intl.NumberFormat(LANGUAGE, { maximumFractionDigits: 1 });

/** @param {number} value */
export function number(value) {
  return FORMAT.format(value);
}

/** @param {number} size */
export function bytes(size) {
  if (size < 1e6) return `${FORMAT.format(Math.ceil(size / 1e3))} KB`;
  if (size < 1e9) return `${SHORT.format(size / 1e6)} MB`;
  return `${SHORT.format(size / 1e9)} GB`;
}

/**
 * Return a number with its noun.
 * @param {number} value
 * @param {string} one
 * @param {string} many
 */
export function counted(value, one, many) {
  return `${number(value)} ${value === 1 ? one : many}`;
}
