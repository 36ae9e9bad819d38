/** The parts of the frame's page, by their data-part. */

/** @param {string} name @param {ParentNode} [within] @returns {any} */
export const part = (name, within = document) => within.querySelector(`[data-part="${name}"]`);

/** Whether the visitor's keyboard is somewhere inside. @param {Element} place */
export const hasFocus = (place) => document.hasFocus() && place.contains(document.activeElement);

/** A copy of a template's one element. @param {string} name @returns {any} */
export const copyOf = (name) => part(name).content.cloneNode(true).firstElementChild;

/** Speak to those who listen, without interrupting. @param {string} sentence */
export function say(sentence) {
  part("status").textContent = sentence;
}
