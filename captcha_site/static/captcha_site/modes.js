/** The page of all shapes: opens the invisible widget, and shows what each one told the page. */

/**
 * @param {HTMLElement} shape
 * @param {string} text
 */
function say(shape, text) {
  const said = shape.querySelector("output") ?? shape.appendChild(document.createElement("output"));
  said.textContent = text;
}

document.addEventListener("pawcha:statechange", (event) => {
  const shape = event.target instanceof Element && event.target.closest(".shape");
  if (shape instanceof HTMLElement) say(shape, /** @type {CustomEvent} */ (event).detail.state);
});

for (const button of document.querySelectorAll("button[data-executes]")) {
  button.addEventListener("click", () => {
    // A visitor who closes the grid breaks the promise; the event above has said so already.
    window.pawcha?.execute(button.getAttribute("data-executes") ?? "").catch(() => {});
  });
}
