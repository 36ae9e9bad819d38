/** Light or dark as the page around, and its colours. */

import { palette } from "./colours.js";
import { part } from "./parts.js";

/** @typedef {import("./colours.js").Colour} Colour */

const root = document.documentElement;
const follows = root.dataset.theme === "auto";
let site = { accent: "", background: "", text: "" };

/** The page around is dark, or it is not. It counts where the theme is left to it. @param {boolean} dark */
export function followDark(dark) {
  if (!follows) return;
  root.dataset.theme = dark ? "dark" : "light";
  part("dark").media = dark ? "all" : "not all";
  paint();
}

/** @param {{accent: string, background: string, text: string}} colours as CSS writes them, or "" */
export function wear(colours) {
  site = colours;
  paint();
}

function paint() {
  for (const name of [...root.style]) root.style.removeProperty(name);
  if (root.dataset.theme === "contrast" || !Object.values(site).some(read)) return;
  const usual = (/** @type {string} */ name) => read(getComputedStyle(root).getPropertyValue(name));
  const worn = palette({
    accent: read(site.accent) ?? usual("--accent") ?? [0, 0, 0],
    background: read(site.background) ?? usual("--card") ?? [255, 255, 255],
    text: read(site.text) ?? usual("--ink") ?? [0, 0, 0],
    notice: usual("--notice") ?? [0, 0, 0],
    good: usual("--good") ?? [0, 0, 0],
  });
  for (const [name, colour] of Object.entries(worn)) root.style.setProperty(`--${name}`, `rgb(${colour.join(" ")})`);
  root.style.setProperty("--veil", `rgb(${worn.card.join(" ")} / 92%)`);
}

/** A colour as CSS writes it, if it is one and nothing shines through. @param {string} text @returns {Colour | null} */
function read(text) {
  const probe = document.createElement("i");
  probe.style.color = text;
  if (!probe.style.color) return null;
  // Any way to write a colour ends as numbers between 0 and 1.
  probe.style.color = `color-mix(in srgb, ${text} 100%, transparent 0%)`;
  part("main").append(probe);
  const written = getComputedStyle(probe).color;
  probe.remove();
  const found = /^color\(srgb ([\d.e+-]+) ([\d.e+-]+) ([\d.e+-]+)\)$/.exec(written);
  if (!found) return null;
  const [red, green, blue] = found.slice(1).map((part) => Math.round(Math.min(Math.max(Number(part), 0), 1) * 255));
  return [red, green, blue];
}
