/** Every word that a visitor reads comes with the page, in one language: `challenges/words`. */

const { lang } = document.documentElement;
const all = JSON.parse(document.getElementById("words")?.textContent || "{}");
const plurals = new Intl.PluralRules(lang);
const numbers = new Intl.NumberFormat(lang, { useGrouping: false });
const seconds = new Intl.NumberFormat(lang, { minimumIntegerDigits: 2 });

/**
 * A text with its {placeholders} filled, or nothing where there is none of that name. What depends
 * on a number has one form for each plural category of the language, and `count` chooses.
 *
 * @param {string} name such as "refresh" or "errors.offline"
 * @param {Record<string, string | number>} [values]
 */
export function words(name, values = {}) {
  const found = name.split(".").reduce((inner, key) => (Object.hasOwn(inner ?? {}, key) ? inner[key] : undefined), all);
  const text = typeof found === "object" ? (found[plurals.select(Number(values.count))] ?? found.other) : found;
  return String(text ?? "").replace(/\{(\w+)\}/g, (whole, key) => {
    const value = values[key];
    return value === undefined ? whole : typeof value === "number" ? numbers.format(value) : value;
  });
}

/** @param {number} left in seconds */
export const clockWords = (left) =>
  words("clock", { minutes: Math.floor(left / 60), seconds: seconds.format(left % 60) });

/** @param {number} wait in seconds */
export const againWords = (wait) =>
  wait < 120 ? words("again_seconds", { count: wait }) : words("again_minutes", { count: Math.ceil(wait / 60) });
