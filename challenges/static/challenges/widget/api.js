/**
 * Pawcha's script for host pages: a frame of ours in every marked place, and its token in a hidden
 * field of the form around it. Documented in the README under "Put it on a site".
 *
 * The page around us may be messy or hostile. Whatever the page could have bent (inherited
 * properties, query strings, data attributes) never decides which server we talk to.
 */
(() => {
  "use strict";

  /**
   * @typedef {{sitekey?: string, lang?: string, action?: string, cdata?: string,
   *   callback?: string | ((token: string) => void), "expired-callback"?: string | (() => void),
   *   "error-callback"?: string | ((code: string) => void)}} Options
   */

  const FIELD = "pawcha-response";
  const NAMES = ["sitekey", "lang", "action", "cdata", "callback", "expired-callback", "error-callback"];
  const ANSWER_WITHIN = 5000;
  const TITLE = "Pawcha: pick the cats";
  const UNREACHABLE = { code: "frame_unreachable", message: "The check could not be loaded." };
  const SANDBOXED = {
    code: "host_not_allowed",
    message: "The check cannot run in a sandboxed page.",
    cause: "sandboxed page",
  };

  // Through the prototype, since an <img name="currentScript"> shadows document.currentScript.
  const script = Object.getOwnPropertyDescriptor(Document.prototype, "currentScript")?.get?.call(document);
  if (!script?.src) {
    console.error("Pawcha: load api.js with a plain <script src>, not as a module.");
    return;
  }
  const ORIGIN = new URL(script.src).origin;

  /** Read a property of the object itself: an inherited one was not said by anyone we know. */
  const own = (/** @type {any} */ object, /** @type {string} */ name) =>
    object != null && Object.hasOwn(object, name) ? object[name] : undefined;

  class Widget {
    constructor(
      /** @type {string} */ id,
      /** @type {HTMLElement} */ container,
      /** @type {Map<string, any>} */ options,
    ) {
      this.id = id;
      this.container = container;
      this.options = options;
      this.field = document.createElement("input");
      this.field.type = "hidden";
      this.field.name = FIELD;
      this.excuse = document.createElement("p");
      this.frame = document.createElement("iframe");
      this.frame.title = TITLE;
      const address = new URL("/pawcha/frame", ORIGIN);
      address.searchParams.set("sitekey", options.get("sitekey"));
      if (options.get("lang")) address.searchParams.set("lang", options.get("lang"));
      this.frame.src = address.href;
      const width = Math.min(container.clientWidth || 558, 558);
      // About as high as the frame will be, so that the page hardly moves when it has loaded.
      const height = Math.round(width * 0.75 + (width > 430 ? 135 : 144));
      Object.assign(this.frame.style, {
        display: "block",
        width: "100%",
        maxWidth: "558px",
        height: `${height}px`,
        border: "0",
        borderRadius: "20px",
        colorScheme: "normal",
        // Until it answers, it may be the browser's page about a refused or unreachable frame.
        opacity: "0",
      });
      if (!matchMedia("(prefers-reduced-motion: reduce)").matches) this.frame.style.transition = "height 0.2s ease";
      this.frame.addEventListener("load", () => this.greet());
      container.append(this.field, this.frame);
    }

    /** Hand one end of a new channel to the frame, and only to a frame of our own origin. */
    greet() {
      const { port1, port2 } = new MessageChannel();
      this.hangUp();
      // A frame that loads again, because its place was moved, knows nothing of its last token.
      this.field.value = "";
      this.port = port1;
      port1.onmessage = (event) => this.hear(event.data);
      const hello = {
        type: "pawcha:hello",
        lang: this.options.get("lang"),
        action: this.options.get("action"),
        cdata: this.options.get("cdata"),
      };
      this.frame.contentWindow?.postMessage(hello, ORIGIN, [port2]);
      // An opaque origin is on nobody's list: browsers refuse it the frame, and we say why.
      if (window.origin === "null") this.giveUp(SANDBOXED);
      else this.patience = setTimeout(() => this.giveUp(UNREACHABLE), ANSWER_WITHIN);
    }

    hangUp() {
      clearTimeout(this.patience);
      this.port?.close();
    }

    /** One plain sentence is better than the browser's broken frame. */
    giveUp(/** @type {{code: string, message: string}} */ problem) {
      console.error(
        `Pawcha: no answer from ${ORIGIN}. Is it up, and does its site list the host ${location.hostname}?`,
      );
      this.excuse.textContent = problem.message;
      this.container.append(this.excuse);
      this.frame.style.display = "none";
      this.turn({ state: "error", ...problem });
    }

    hear(/** @type {any} */ data) {
      clearTimeout(this.patience);
      this.excuse.remove();
      Object.assign(this.frame.style, { display: "block", opacity: "1" });
      const height = own(data, "height");
      if (own(data, "type") === "height" && height > 0 && height < 4000)
        this.frame.style.height = `${Math.ceil(height)}px`;
      if (own(data, "type") === "state") this.turn(data);
    }

    /** The frame is in another state: keep the field true to it and tell the page. */
    turn(/** @type {any} */ data) {
      const [state, token, what] = ["state", "token", "what"].map((name) => own(data, name));
      const [code, message, cause] = ["code", "message", "cause"].map((name) => own(data, name));
      this.field.value = state === "solved" && typeof token === "string" ? token : "";
      this.emit("statechange", { state });
      if (state === "solved") this.emit("token", { token }, "callback", token);
      if (state === "expired") this.emit("expired", { what }, what === "token" ? "expired-callback" : "");
      if (state === "error") this.emit("error", { code, message, cause }, "error-callback", code);
    }

    /** Fire an event from the container, then call the page's own function, named or given. */
    emit(
      /** @type {string} */ name,
      /** @type {object} */ detail,
      callback = "",
      /** @type {any} */ value = undefined,
    ) {
      this.container.dispatchEvent(
        new CustomEvent(`pawcha:${name}`, { bubbles: true, detail: { id: this.id, ...detail } }),
      );
      const given = this.options.get(callback);
      const call = typeof given === "string" ? own(window, given) : given;
      if (typeof call === "function") call(value);
    }
  }

  /** @type {Map<string, Widget>} */
  const widgets = new Map();
  let count = 0;
  const find = (/** @type {string=} */ id) => (id === undefined ? [...widgets.values()].pop() : widgets.get(id));

  /** Show a widget in a place, or say which one is there already: frameworks mount twice. */
  function render(/** @type {HTMLElement | string} */ place, /** @type {Options} */ options = {}) {
    const container = typeof place === "string" ? document.querySelector(place) : place;
    if (!(container instanceof HTMLElement)) throw new Error(`Pawcha: there is no element ${place}.`);
    for (const widget of widgets.values()) {
      if (widget.container !== container) continue;
      if (container.contains(widget.frame)) return widget.id;
      remove(widget.id);
    }
    const given = new Map(
      NAMES.map((name) => [name, own(options, name) ?? container.getAttribute(`data-${name}`) ?? undefined]),
    );
    if (!given.get("sitekey")) throw new Error("Pawcha: a sitekey is missing.");
    const widget = new Widget(`pawcha-${++count}`, container, given);
    widgets.set(widget.id, widget);
    return widget.id;
  }

  /** Forget the token and start again. Without an id, the newest widget is meant, here and below. */
  function reset(/** @type {string=} */ id) {
    const widget = find(id);
    if (!widget) return;
    widget.field.value = "";
    widget.port?.postMessage({ type: "reset" });
  }

  function remove(/** @type {string=} */ id) {
    const widget = find(id);
    if (!widget) return;
    widget.hangUp();
    for (const part of [widget.frame, widget.field, widget.excuse]) part.remove();
    widgets.delete(widget.id);
  }

  const getResponse = (/** @type {string=} */ id) => find(id)?.field.value ?? "";

  function ready(/** @type {() => void} */ callback) {
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => callback());
    else callback();
  }

  const page = /** @type {any} */ (window);
  // Loaded twice: the first one stays, with the widgets it knows.
  if (typeof own(own(page, "pawcha"), "render") !== "function")
    page.pawcha = Object.freeze({ render, reset, remove, getResponse, ready });
  ready(() => {
    for (const place of document.querySelectorAll(".pawcha[data-sitekey]")) page.pawcha.render(place);
  });
})();
