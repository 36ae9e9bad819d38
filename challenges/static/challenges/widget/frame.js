/** Wires the parts together: what the page around says, what the visitor does, what is shown. */

import { showPets } from "./adopt.js";
import { Bar } from "./bar.js";
import { Closer } from "./closer.js";
import { waitForHello } from "./handshake.js";
import { Journey } from "./journey.js";
import { followDark, wear } from "./looks.js";
import { part } from "./parts.js";
import { Report } from "./report.js";
import { Stages } from "./stages.js";
import { View } from "./view.js";
import { words } from "./words.js";

const HELLO_WITHIN = 10_000;

const root = document.documentElement;
const view = new View();
const bar = new Bar();
const stages = new Stages();
const closer = new Closer(part("grid"), part("closer"));
const { sitekey = "", problem = "", test = "", testToken = "" } = view.main.dataset;
/** @type {import("./handshake.js").Host | null} */
let host = null;
/** Whether the visitor, or the page, wished for it before we were ready. */
let wished = false;
/** Whether somebody did something with these photos, and how often new ones came for nobody. */
let attended = false;
let unattended = 0;

const journey = new Journey(view, () =>
  host
    ? {
        sitekey,
        host: host.origin,
        lang: root.lang,
        action: host.action || undefined,
        cdata: host.cdata || undefined,
      }
    : null,
);
const { states } = journey;
const report = new Report(view, (place) => journey.report(place));

states.addEventListener("statechange", (event) => {
  const { state, pets = [], ...detail } = /** @type {CustomEvent} */ (event).detail;
  if (state === "expired") detail.refresh = detail.what === "token" ? host?.refreshExpired : host?.refreshTimeout;
  closer.hide();
  if (state !== "open") report.leave();
  if (state === "loading") attended = false;
  view.follow(state, detail);
  bar.follow(state, detail, stages.covering);
  show(state === "solved" ? pets : []);
  host?.port.postMessage({ type: "state", state, ...detail });
  if (state === "solved") leave(true);
  if (detail.refresh === "auto") queueMicrotask(() => renew(detail.what));
});

/** @param {import("./client.js").Pet[]} pets */
function show(pets) {
  const pictureOf = (/** @type {number} */ picture) => view.grid.pictures[picture] ?? "";
  showPets(part("bar-pets"), stages.isBar ? pets : [], pictureOf);
  showPets(part("card-pets"), stages.isInline ? pets : [], pictureOf);
}

/** The visitor, or the page for them, wants to pick now. */
function wish() {
  wished = !host;
  unattended = 0;
  if (wished || states.now === "solved" || problem) return;
  if (test === "pass" || test === "fail") return testify();
  if (!["idle", "expired", "error"].includes(states.now)) return stages.cover();
  stages.cover();
  void journey.resume();
}

/** What a test key does on the occasions where others ask for photos. */
function testify() {
  if (states.now !== "idle") states.change("idle");
  if (test === "pass") journey.solve(testToken);
  else journey.refuse("test_key_fails");
}

/** Go back into the page. @param {boolean} [solved] */
function leave(solved = false) {
  if (!stages.covering || (!solved && states.now === "checking")) return;
  stages.uncover();
  if (!solved) journey.pause();
  if (stages.isBar) bar.focus();
}

/** What has run out starts again by itself, as far as somebody is there. @param {"challenge" | "token"} what */
async function renew(what) {
  const notice = words(`expired_${what}`);
  if (what === "token" && !stages.isInline) return void states.change("idle", { notice });
  if (what === "challenge" && !attended && ++unattended > 1) return;
  await seen();
  if (states.now === "expired") await journey.start(notice, "expired");
}

/** Wait until the visitor can see the grid: photos are not spent on a page nobody scrolls down. */
const seen = () =>
  new Promise((resolve) => {
    new IntersectionObserver((entries, observer) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      observer.disconnect();
      resolve(undefined);
    }).observe(view.card);
  });

async function begin() {
  if (test === "pass" || test === "fail") {
    const atOnce = stages.isInline || (host?.dialect === "turnstile" && host.execution !== "execute");
    return atOnce ? testify() : undefined;
  }
  if (!stages.isInline) return;
  await seen();
  // A reset may have been quicker.
  if (states.now === "idle") await journey.start();
}

function reset() {
  stages.uncover();
  journey.reset();
  void begin();
}

async function open() {
  if (window.parent === window) return journey.refuse("no_parent", { final: true });
  host = await waitForHello(HELLO_WITHIN);
  if (!host) return journey.refuse("no_hello", { final: true });
  const { port, origin, dark, colours, dialect } = host;
  root.dataset.dialect = dialect;
  if (dark !== undefined) followDark(dark);
  wear(colours);
  port.postMessage({ type: "ready", title: words("prompt") });
  stages.talkTo(port);
  if (problem) return journey.refuse(problem, { final: true });
  const cause = "sandboxed page";
  if (origin === "null") return journey.refuse("host_not_allowed", { message: words("errors.sandboxed"), cause });
  port.onmessage = ({ data }) => listen(data);
  if (wished) wish();
  await begin();
}

/** @param {any} data what the page around says */
function listen(data) {
  if (data?.type === "reset") reset();
  if (data?.type === "execute") wish();
  if (data?.type === "close") leave();
  if (data?.type === "place" && data.rect) stages.place(data.rect);
  if (data?.type === "escape") closer.hide();
  if (data?.type === "dark") followDark(Boolean(data.on));
}

bar.addEventListener("wish", wish);
stages.addEventListener("leave", () => leave());
stages.addEventListener("raised", () => view.rest());
view.addEventListener("refresh", () => journey.start());
view.addEventListener("submit", () => journey.submit());
view.addEventListener("turned", () => closer.hide());
view.addEventListener("extend", () => journey.extend());
view.addEventListener("action", () => (test === "fail" ? testify() : journey.again()));
for (const name of ["pointermove", "pointerdown", "keydown"])
  document.addEventListener(name, () => {
    attended = true;
    unattended = 0;
  });
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !closer.hide() && !report.leave()) leave();
});
root.dataset.alive = "";
void open();
