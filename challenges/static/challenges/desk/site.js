/** The pages of a site: copy buttons, tabs over the snippets, forms sent once, the policy's cost. */

/** Select all of a field's or an element's text, so that it can be copied by hand. @param {HTMLElement} place */
function select(place) {
  if (place instanceof HTMLInputElement) return place.select();
  getSelection()?.selectAllChildren(place);
}

/** @param {HTMLButtonElement} button */
async function copy(button) {
  const place = document.getElementById(button.dataset.copies ?? "");
  if (!place) return;
  const text = place instanceof HTMLInputElement ? place.value : (place.textContent ?? "");
  const word = button.firstChild;
  if (!word) return;
  let said = "Copied";
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // No permission, or no https: what is selected can be copied with the keyboard.
    select(place);
    if (!document.execCommand("copy")) said = "Selected: press Ctrl+C";
  }
  button.dataset.done = "";
  word.textContent = said;
  button.setAttribute("aria-live", "polite");
  setTimeout(() => {
    delete button.dataset.done;
    word.textContent = "Copy";
  }, 2500);
}

/**
 * Lay tabs over the sections of a place. Places of the same kind show the same tab, if they have it.
 *
 * @param {HTMLElement} place
 */
function layTabs(place) {
  const sections = /** @type {HTMLElement[]} */ ([...place.children].filter((one) => one.matches("[data-tab]")));
  const list = document.createElement("div");
  list.className = "tab-list";
  list.setAttribute("role", "tablist");
  list.setAttribute("aria-label", place.dataset.label ?? "");
  for (const section of sections) {
    const tab = document.createElement("button");
    tab.type = "button";
    tab.id = `tab-${section.id}`;
    tab.textContent = section.dataset.tab ?? "";
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", section.id);
    section.setAttribute("role", "tabpanel");
    section.setAttribute("aria-labelledby", tab.id);
    tab.addEventListener("click", () => choose(place.dataset.tabs ?? "", tab.textContent ?? ""));
    list.append(tab);
  }
  list.addEventListener("keydown", (event) => move(list, event));
  place.prepend(list);
  place.classList.add("tabbed");
  show(place, sections[0]?.dataset.tab ?? "");
}

/** @param {HTMLElement} list @param {KeyboardEvent} event */
function move(list, event) {
  const tabs = /** @type {HTMLElement[]} */ ([...list.children]);
  const here = tabs.indexOf(/** @type {HTMLElement} */ (event.target));
  /** @type {Record<string, number>} */
  const places = { ArrowRight: here + 1, ArrowLeft: here - 1 + tabs.length, Home: 0, End: tabs.length - 1 };
  const next = places[event.key];
  if (next === undefined) return;
  event.preventDefault();
  const tab = tabs[next % tabs.length];
  tab?.click();
  tab?.focus();
}

/** @param {string} kind @param {string} name */
function choose(kind, name) {
  for (const place of document.querySelectorAll(`[data-tabs="${kind}"]`))
    show(/** @type {HTMLElement} */ (place), name);
}

/** @param {HTMLElement} place @param {string} name */
function show(place, name) {
  const sections = /** @type {HTMLElement[]} */ ([...place.children].filter((one) => one.matches("[data-tab]")));
  if (!sections.some((one) => one.dataset.tab === name)) return;
  for (const section of sections) {
    const chosen = section.dataset.tab === name;
    section.hidden = !chosen;
    const tab = document.getElementById(`tab-${section.id}`);
    tab?.setAttribute("aria-selected", String(chosen));
    tab?.setAttribute("tabindex", chosen ? "0" : "-1");
  }
}

/** Ask before what cannot be taken back, and take one click only. @param {SubmitEvent} event */
function sendOnce(event) {
  const form = /** @type {HTMLFormElement} */ (event.target);
  const question = event.submitter?.dataset.asks;
  if (form.dataset.sent !== undefined || (question && !confirm(question))) return event.preventDefault();
  form.dataset.sent = "";
}

/** Show what the policy in the form costs. @param {HTMLElement} place @param {HTMLFormElement} form */
function followCosts(place, form) {
  const costs = JSON.parse(document.getElementById("costs")?.textContent ?? "{}");
  const update = () => {
    const chosen = new FormData(form);
    const probes = chosen.has("probes") ? "-probes" : "";
    const found = costs[`${chosen.get("pictures")}x${chosen.get("rounds")}-${chosen.get("tolerance")}${probes}`];
    if (!found) return;
    const [network, guess, sentence, shown] = found;
    const unknown = "Not measured yet";
    for (const [name, text] of Object.entries({
      network: network || unknown,
      guess,
      sentence,
      shown: shown || unknown,
    })) {
      const target = place.querySelector(`[data-cost="${name}"]`);
      if (target) target.textContent = text;
    }
  };
  form.addEventListener("input", update);
  form.addEventListener("change", update);
}

for (const button of document.querySelectorAll("[data-copies]"))
  button.addEventListener("click", () => copy(/** @type {HTMLButtonElement} */ (button)));
for (const place of document.querySelectorAll("[data-tabs]")) layTabs(/** @type {HTMLElement} */ (place));
for (const form of document.querySelectorAll("form[data-once], #site_form"))
  form.addEventListener("submit", (event) => sendOnce(/** @type {SubmitEvent} */ (event)));
// Back from the browser's memory, a form may be sent again.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]"))
    delete (/** @type {HTMLElement} */ (form).dataset.sent);
});
const costs = document.querySelector("[data-costs]");
const form = costs?.closest("form");
if (costs instanceof HTMLElement && form) followCosts(costs, form);
// A reload of the page with a secret would ask to make it again: it becomes the page without.
const page = document.querySelector("[data-reloads-as]");
if (page instanceof HTMLElement) history.replaceState(null, "", page.dataset.reloadsAs);
