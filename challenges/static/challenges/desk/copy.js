// Buttons that copy what stands in a field: <button data-copy="id of the field">.

const SHOWN = 2000;

/**
 * Copy the text of a field, and say so on the button for a moment.
 * @param {HTMLButtonElement} button
 * @param {HTMLInputElement} field
 */
async function copy(button, field) {
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
  } catch {
    // Without https there is no clipboard: it is selected, so that Ctrl-C does it.
    return;
  }
  const words = button.textContent;
  button.textContent = "Copied";
  setTimeout(() => {
    button.textContent = words;
  }, SHOWN);
}

for (const button of document.querySelectorAll("button[data-copy]")) {
  if (button instanceof HTMLButtonElement) {
    const field = document.getElementById(button.dataset.copy ?? "");
    if (field instanceof HTMLInputElement) {
      button.addEventListener("click", () => copy(button, field));
    }
  }
}
