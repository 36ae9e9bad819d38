/**
 * Where the card goes when it lies over the page: beside the bar if there is room, else below or
 * above it, else in the middle. Pure.
 *
 * @typedef {{left: number, top: number, width: number, height: number}} Box
 */

const GAP = 8;

/** @param {number} wish @param {number} size @param {number} room */
const within = (wish, size, room) => Math.max(Math.min(wish, room - GAP - size), GAP);

/**
 * @param {Box | null} bar in the window, or null where there is none
 * @param {{width: number, height: number}} card
 * @param {{width: number, height: number}} room the window
 * @param {boolean} rtl
 * @returns {{left: number, top: number}}
 */
export function placeCard(bar, card, room, rtl) {
  const middle = { left: (room.width - card.width) / 2, top: Math.max((room.height - card.height) / 2, 0) };
  const fits = card.height + 2 * GAP <= room.height && card.width + 2 * GAP <= room.width;
  if (!bar?.width || !isIn(bar, room) || !fits) return middle;
  const beside = within(bar.top + bar.height / 2 - card.height / 2, card.height, room.height);
  const along = within(rtl ? bar.left + bar.width - card.width : bar.left, card.width, room.width);
  const right = { left: bar.left + bar.width + GAP, top: beside };
  const left = { left: bar.left - GAP - card.width, top: beside };
  const below = { left: along, top: bar.top + bar.height + GAP };
  const above = { left: along, top: bar.top - GAP - card.height };
  const places = rtl ? [left, right, below, above] : [right, left, below, above];
  return places.find((place) => holds(room, place, card)) ?? middle;
}

/** @param {Box} bar @param {{width: number, height: number}} room */
const isIn = (bar, room) =>
  bar.left < room.width && bar.top < room.height && bar.left + bar.width > 0 && bar.top + bar.height > 0;

/**
 * @param {{width: number, height: number}} room
 * @param {{left: number, top: number}} place
 * @param {{width: number, height: number}} card
 */
const holds = (room, place, card) =>
  place.left >= GAP &&
  place.top >= GAP &&
  place.left + card.width + GAP <= room.width &&
  place.top + card.height + GAP <= room.height;
