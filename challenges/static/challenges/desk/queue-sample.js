/** The sample page: how many wait above a threshold, and marking with one tap. It works without, too. */

/** @param {string} name @returns {HTMLElement | null} */
const part = (name) => document.querySelector(`[data-part="${name}"]`);

function countAbove() {
  const given = document.getElementById("sample-counts");
  const number = document.getElementById("sample-threshold");
  const slider = part("slider");
  if (!given || !(number instanceof HTMLInputElement) || !(slider instanceof HTMLInputElement)) return;
  /** How many wait, by tenths of a percent. @type {Record<string, number>} */
  const counts = JSON.parse(given.textContent ?? "{}");

  /** @param {string} percent */
  const show = (percent) => {
    const least = Math.round(10 * Number(percent));
    let found = 0;
    for (const [tenth, many] of Object.entries(counts)) if (Number(tenth) >= least) found += many;
    const count = part("count");
    const words = part("percent");
    if (count) count.textContent = found.toLocaleString("en");
    if (words) words.textContent = percent;
  };
  slider.addEventListener("input", () => {
    number.value = slider.value;
    show(number.value);
  });
  number.addEventListener("input", () => {
    slider.value = number.value;
    show(number.value);
  });
  show(number.value);
}

/** @param {HTMLFormElement} form */
function mark(form) {
  const marked = part("marked");

  const count = () => {
    let wrong = 0;
    for (const select of form.querySelectorAll("select")) {
      const card = select.closest("li");
      card?.toggleAttribute("data-wrong", select.value !== "");
      card?.querySelector("button")?.setAttribute("aria-pressed", String(select.value !== ""));
      if (select.value) wrong += 1;
    }
    if (marked) marked.textContent = `${wrong} marked`;
  };

  form.addEventListener("click", (event) => {
    const card = event.target instanceof Element && event.target.closest("button.sample-picture")?.closest("li");
    const select = card ? card.querySelector("select") : null;
    if (!card || !select) return;
    select.value = select.value ? "" : (card.dataset.other ?? "reject");
    count();
  });
  form.addEventListener("change", count);
  count();
}

countAbove();
const grid = document.getElementById("sample-form");
if (grid instanceof HTMLFormElement) mark(grid);
