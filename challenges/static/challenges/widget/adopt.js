/** Pets that look for a home: shown after a solved challenge only, since a link tells the answer. */

import { copyOf, part } from "./parts.js";
import { words } from "./words.js";

/** @typedef {import("./client.js").Pet} Pet */

const MOST = 3;

/**
 * Show pets in a place, or empty it.
 *
 * @param {HTMLElement} place
 * @param {Pet[]} pets
 * @param {(picture: number) => string} pictureOf the address of a photo that is on the screen
 */
export function showPets(place, pets, pictureOf) {
  const shown = pets.filter((pet) => isWebAddress(pet.url)).slice(0, MOST);
  place.hidden = !shown.length;
  if (!shown.length) return place.replaceChildren();
  const title = document.createElement("p");
  title.className = "pets-title";
  title.textContent = words("adopt_title", { count: shown.length });
  const list = document.createElement("ul");
  list.append(...shown.map((pet) => row(pet, pictureOf(pet.picture))));
  place.replaceChildren(title, list);
}

/** @param {Pet} pet @param {string} picture @returns {HTMLElement} */
function row({ name, shelter, url }, picture) {
  const item = copyOf("pet");
  const link = item.querySelector("a");
  link.href = url;
  link.ariaLabel = words("adopt_label", { name, shelter });
  link.querySelector("img").src = picture;
  part("name", item).textContent = name;
  part("shelter", item).textContent = shelter;
  return item;
}

/** @param {string} url */
function isWebAddress(url) {
  try {
    return ["https:", "http:"].includes(new URL(url).protocol);
  } catch {
    return false;
  }
}
