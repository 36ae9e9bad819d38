/**
 * The site's colours, moved as far as contrast needs. Pure.
 *
 * Relative luminance and contrast ratio are those of WCAG 2.2:
 * https://www.w3.org/TR/WCAG22/#dfn-relative-luminance and #dfn-contrast-ratio
 *
 * @typedef {readonly [number, number, number]} Colour red, green and blue, 0 to 255
 */

const LEAST = 4.5;
const STEPS = 64;
/** @type {Colour} */
const BLACK = [0, 0, 0];
/** @type {Colour} */
const WHITE = [255, 255, 255];

/** @param {Colour} colour */
export function luminance(colour) {
  const [red, green, blue] = colour.map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** The contrast ratio, 1 to 21. @param {Colour} one @param {Colour} other */
export function contrast(one, other) {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

/** @param {Colour} from @param {Colour} to @param {number} share of `to` @returns {Colour} */
export function mix(from, to, share) {
  const [red, green, blue] = from.map((value, place) => Math.round(value + (to[place] - value) * share));
  return [red, green, blue];
}

/** Black or white, whichever stands out more. @param {Colour} ground */
export const pole = (ground) => (contrast(BLACK, ground) >= contrast(WHITE, ground) ? BLACK : WHITE);

/**
 * A colour as near to the wished one as stands out enough on a ground, and all of them on the same
 * side of it: the lighter or the darker. There always is one: black or white reaches 4.58 on any
 * ground.
 *
 * @param {Colour} wish @param {Colour} ground @returns {Colour}
 */
export function readable(wish, ground) {
  const end = pole(ground);
  for (let step = 0; step <= STEPS; step++) {
    const tried = mix(wish, end, step / STEPS);
    const darker = luminance(tried) < luminance(ground);
    if (darker === (end === BLACK) && contrast(tried, ground) >= LEAST) return tried;
  }
  return end;
}

/**
 * Every colour of the widget, by the name of its CSS variable without the dashes.
 *
 * @param {{accent: Colour, background: Colour, text: Colour, notice: Colour, good: Colour}} wish
 * @returns {Record<string, Colour>}
 */
export function palette(wish) {
  const card = wish.background;
  // A second ground, on the far side of the words: what can be read on the card can be read there.
  const empty = mix(card, pole(card) === BLACK ? WHITE : BLACK, 0.08);
  const soft = readable(mix(wish.text, card, 0.3), card);
  const accent = readable(wish.accent, card);
  const onAccent = pole(accent);
  return {
    card,
    empty,
    glow: mix(empty, card, 0.6),
    line: mix(card, pole(card), 0.16),
    ink: readable(wish.text, card),
    soft,
    accent,
    "accent-over": mix(accent, onAccent === WHITE ? BLACK : WHITE, 0.16),
    "accent-soft": mix(card, accent, 0.12),
    "on-accent": onAccent,
    notice: readable(wish.notice, card),
    good: readable(wish.good, card),
  };
}
