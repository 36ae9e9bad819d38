/**
 * Pawcha's script for host pages: a frame of ours in every marked place, and its token in hidden
 * fields of the form around it. It also speaks as hCaptcha's, reCAPTCHA's and Turnstile's script,
 * whichever of their paths it was loaded from. Typed in pawcha.d.ts, documented in docs/embed.md.
 *
 * The page around us may be messy or hostile. Whatever the page could have bent (inherited
 * properties, query strings, attributes) never decides which server we talk to.
 */
(() => {
  "use strict";

  // --- tables ------------------------------------------------------------------------------------

  /**
   * @typedef {Map<string, any>} Options by the names in OPTIONS
   * @typedef {{code: string, message: string, cause?: string}} Trouble
   * @typedef {Record<string, string[]>} Words ours, by the word of another CAPTCHA
   * @typedef {Record<string, [string, string]>} Sizes width and height of the bar, by name
   * @typedef {{name: string, dialect: string, marked: string, field: string, last: boolean,
   *   sizes: Sizes, defaults: Record<string, string>, words: Words | null, word: string}} Face
   */

  /** What may be said about a widget, in a call or as data attributes. */
  const OPTIONS = [
    ...["sitekey", "mode", "size", "theme", "lang", "action", "cdata", "tabindex", "appearance", "execution"],
    ...["retry", "retry-interval", "refresh-expired", "refresh-timeout", "response-field", "response-field-name"],
    ...["callback", "expired-callback", "challenge-expired-callback", "error-callback", "unsupported-callback"],
    ...["open-callback", "close-callback", "before-interactive-callback", "after-interactive-callback"],
  ];
  /** What other CAPTCHAs call some of them. */
  const ALIASES = {
    lang: ["language", "hl"],
    cdata: ["cData"],
    "challenge-expired-callback": ["chalexpired-callback", "timeout-callback"],
  };
  const MODES = ["checkbox", "inline", "invisible"];

  const PASSING = ["offline", "timeout", "unavailable", "no_challenge_ready", "pictures_broken", "frame_unreachable"];
  const REFUSED = ["unknown_sitekey", "host_not_allowed", "host_required"];
  /** @type {Words} docs.hcaptcha.com/configuration, "error codes" */
  const HCAPTCHA_WORDS = {
    "network-error": PASSING,
    "rate-limited": ["too_many_requests", "all_pictures_seen", "too_many_misses"],
    "invalid-data": REFUSED,
    "internal-error": ["unclear"],
    "challenge-closed": ["challenge_closed"],
    "challenge-expired": ["challenge_expired"],
    "missing-captcha": ["missing_widget"],
    "invalid-captcha-id": ["unknown_widget"],
  };
  /** @type {Words} developers.cloudflare.com/turnstile, "client-side errors" */
  const TURNSTILE_WORDS = {
    110100: ["unknown_sitekey"],
    110200: ["host_not_allowed", "host_required"],
    110420: ["invalid_action"],
    110430: ["invalid_cdata"],
    110500: ["unsupported_browser"],
    110620: ["challenge_expired"],
    600010: ["test_key_fails"],
  };

  /** @type {Sizes} Ours, and reCAPTCHA's. Those of the others are in bar.css, too. */
  const SIZES = { normal: ["304px", "78px"], compact: ["164px", "144px"], flexible: ["100%", "78px"] };
  /** @type {Sizes} */
  const HCAPTCHA_SIZES = { ...SIZES, normal: ["302px", "76px"], compact: ["158px", "138px"] };
  /** @type {Sizes} */
  const TURNSTILE_SIZES = { normal: ["300px", "65px"], compact: ["150px", "140px"], flexible: ["100%", "65px"] };

  /**
   * As whom we may appear: the name of the global and what the frame calls it, the class of a place,
   * the name of the field, which widget is meant without an id, how large its bars are, what is taken
   * for granted, and its words for errors, with the word for all others.
   *
   * @type {Record<"pawcha" | "hcaptcha" | "grecaptcha" | "turnstile", Face>}
   */
  const FACES = {
    pawcha: {
      name: "pawcha",
      dialect: "pawcha",
      marked: "pawcha",
      field: "pawcha-response",
      last: true,
      sizes: SIZES,
      defaults: { theme: "auto" },
      words: null,
      word: "",
    },
    hcaptcha: {
      name: "hcaptcha",
      dialect: "hcaptcha",
      marked: "h-captcha",
      field: "h-captcha-response",
      last: false,
      sizes: HCAPTCHA_SIZES,
      defaults: { theme: "light" },
      words: HCAPTCHA_WORDS,
      word: "challenge-error",
    },
    grecaptcha: {
      name: "grecaptcha",
      dialect: "recaptcha",
      marked: "g-recaptcha",
      field: "g-recaptcha-response",
      last: false,
      sizes: SIZES,
      defaults: { theme: "light" },
      // Its error-callback is told nothing.
      words: {},
      word: "",
    },
    turnstile: {
      name: "turnstile",
      dialect: "turnstile",
      marked: "cf-turnstile",
      field: "cf-turnstile-response",
      last: true,
      sizes: TURNSTILE_SIZES,
      defaults: { theme: "auto", retry: "auto" },
      words: TURNSTILE_WORDS,
      word: "300030",
    },
  };
  const TEXTAREAS = ["g-recaptcha-response", "h-captcha-response"];

  const ELEMENT = "pawcha-widget";
  const ANSWER_WITHIN = 5000;
  const LOAD_WITHIN = 30_000;
  const RETRIES = 5;
  const LOOK_EVERY = 500;
  const TITLE = "Pawcha: pick the cats";
  const UNREACHABLE = { code: "frame_unreachable", message: "The check could not be loaded." };
  const UNSUPPORTED = {
    code: "unsupported_browser",
    message: "This browser is too old for the check. Please update it.",
  };
  const SANDBOXED = {
    code: "host_not_allowed",
    message: "The check cannot run in a sandboxed page.",
    cause: "sandboxed page",
  };
  const ON_DISK = {
    code: "host_not_allowed",
    message: "The check cannot run in a page that was opened as a file. Serve it, for example at http://localhost.",
    cause: "file",
  };
  const CLOSED = "challenge_closed";
  /** Turnstile's limits: developers.cloudflare.com/turnstile, "widget configurations". */
  const ACTION = /^[\w-]{0,32}$/;
  const CDATA = /^[\w-]{0,255}$/;
  /** Turnstile's test keys of an invisible widget. */
  const UNSEEN = /^[12]x0{20}BB$/;

  const IN_PLACE = {
    // The page's own rules for its frames are not meant for us.
    all: "initial",
    display: "block",
    visibility: "inherit",
    "pointer-events": "inherit",
    width: "100%",
    height: "100%",
    // Any other scheme than that of the frame makes browsers paint an opaque ground under it.
    "color-scheme": "light",
  };
  const LIFTED = {
    ...IN_PLACE,
    position: "fixed",
    inset: "0",
    visibility: "visible",
    "pointer-events": "auto",
    "z-index": "2147483647",
  };
  /** What is around the frame. Its margins are the page's: they may well be there to centre it. */
  const AROUND = {
    display: "block",
    "box-sizing": "border-box",
    "min-height": "0",
    "max-height": "none",
    padding: "0",
    border: "0",
    opacity: "1",
    transform: "none",
  };
  const GONE = { ...AROUND, position: "absolute", width: "0", height: "0", visibility: "hidden" };

  // --- where we are, and as whom -----------------------------------------------------------------

  // Through the prototype, since an <img name="currentScript"> shadows document.currentScript.
  const script = Object.getOwnPropertyDescriptor(Document.prototype, "currentScript")?.get?.call(document);
  if (!script?.src) {
    console.error("Pawcha: load api.js with a plain <script src>, not as a module.");
    return;
  }
  const { origin: ORIGIN, pathname, searchParams: query } = new URL(script.src);
  const page = /** @type {any} */ (window);
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  /** Widgets and globals of ours carry it, so that several copies of this script agree. */
  const MARK = Symbol.for("pawcha.widget");

  /** Read a property of the object itself: an inherited one was not said by anyone we know. */
  const own = (/** @type {any} */ object, /** @type {string} */ name) =>
    object != null && Object.getOwnPropertyDescriptor(object, name) ? object[name] : undefined;

  const [, path = ""] = pathname.match(/\/(1|recaptcha|turnstile\/v0)\/(?:secure-)?api\.js$/) ?? [];
  /** @type {Face[]} The vendor that we stand in for, then reCAPTCHA where that vendor stands in for it. */
  const guises = [];
  if (path === "1") guises.push(FACES.hcaptcha);
  if (path === "turnstile/v0") guises.push(FACES.turnstile);
  const compatible = path === "1" ? query.get("recaptchacompat") !== "off" : query.get("compat") === "recaptcha";
  if (path === "recaptcha" || (guises.length && compatible)) guises.push(FACES.grecaptcha);
  const family = guises[0] ?? FACES.pawcha;
  const rendering = query.get("render") ?? "onload";
  const scoreKey = path === "recaptcha" && !["onload", "explicit"].includes(rendering) ? rendering : "";

  /** @type {Map<string, Widget>} All widgets of the page by id, also those of other copies. */
  const widgets = page[MARK] ?? new Map();
  Object.defineProperty(page, MARK, { value: widgets, configurable: true });
  /** @type {Map<string, Widget>} Those that stand for reCAPTCHA v3, by site key. */
  const scored = new Map();

  // --- small tools -------------------------------------------------------------------------------

  /** Set styles in a way that needs no style-src and that the page's own rules do not undo. */
  function dress(/** @type {HTMLElement} */ element, /** @type {Record<string, string>} */ styles) {
    element.style.cssText = "";
    for (const [name, value] of Object.entries(styles)) element.style.setProperty(name, value, "important");
  }

  const MADE_BY_SCRIPTS = new Set(["[object Object]", "[object Function]", "[object Module]"]);

  /** Find the function that the page means now: it may have been defined a moment ago. */
  function lookUp(/** @type {unknown} */ given) {
    if (typeof given !== "string") return given;
    const [first = "", ...rest] = given.split(".");
    let owner = page;
    let found = own(page, first);
    for (const name of rest) {
      // What scripts of the page made, not the browser's own: a sanitizer that lets data-* through
      // must not let somebody name document.forms.pay.submit.
      if (!MADE_BY_SCRIPTS.has(Object.prototype.toString.call(found))) return undefined;
      owner = found;
      found = found[name];
    }
    return typeof found === "function" ? found.bind(owner) : undefined;
  }

  /** Call a function of the page; its mistakes are reported as its own and stop nothing here. */
  function call(/** @type {unknown} */ given, /** @type {any[]} */ ...values) {
    try {
      const callback = lookUp(given);
      if (typeof callback === "function") return callback(...values);
      if (text(given)) console.error(`Pawcha: the page has no global function ${given}.`);
    } catch (error) {
      reportError(error);
    }
  }

  /** Where something that covers the page can be reached: nothing answers behind a modal dialog. */
  const foreground = () =>
    // Old browsers forgive what they do not know only within :is().
    [...document.querySelectorAll("dialog:is(:modal)")].at(-1) ?? document.body ?? document.documentElement;

  function ready(/** @type {unknown} */ callback) {
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => call(callback));
    else call(callback);
  }

  const text = (/** @type {unknown} */ value) => (typeof value === "string" ? value : "");
  const broken = (/** @type {Trouble} */ { code, message }) => Object.assign(new Error(message), { code });

  /** Say one of our codes in the words of a CAPTCHA. */
  const translate = (/** @type {Face} */ { words, word }, /** @type {string} */ code) =>
    words ? (Object.keys(words).find((one) => words[one].includes(code)) ?? word) : code;

  function findPlace(/** @type {unknown} */ place) {
    if (place instanceof HTMLElement) return place;
    try {
      const found = document.getElementById(String(place)) ?? document.querySelector(String(place));
      return found instanceof HTMLElement ? found : null;
    } catch {
      return null; // neither an id nor a selector
    }
  }

  /** Collect what was said about a widget: in the call first, then on the element. */
  function read(/** @type {HTMLElement} */ place, /** @type {any} */ said, /** @type {boolean} */ inherits) {
    const prefix = place.localName === ELEMENT ? "" : "data-";
    /** @type {Options} */
    const options = new Map();
    for (const name of OPTIONS)
      for (const key of [name, ...(own(ALIASES, name) ?? [])]) {
        const value = own(said, key) ?? (inherits ? place.getAttribute(prefix + key) : null);
        if (value != null && value !== "" && !options.has(name)) options.set(name, value);
      }
    return options;
  }

  // --- one widget --------------------------------------------------------------------------------

  class Widget {
    /**
     * @param {Face} face
     * @param {string | number} id
     * @param {HTMLElement} container
     * @param {Options} options
     */
    constructor(face, id, container, options) {
      this.face = face;
      this.family = face === FACES.pawcha ? face : family;
      this.id = id;
      this.container = container;
      this.options = options;
      this.action = text(options.get("action"));
      this.state = "idle";
      /** @type {Trouble | undefined} What went wrong last, while it is wrong. */
      this.trouble = undefined;
      this.token = "";
      this.lapsed = false;
      this.covered = false;
      this.isReady = false;
      /** Whether it ever was in the page. */
      this.greeted = false;
      /** Whether it had to go elsewhere, to be seen. */
      this.forward = false;
      this.retries = 0;
      /** A button cannot hold anything: the parts live beside it, and a click asks for the token. */
      this.bound = container.matches("button, input");
      const unseen = face === FACES.turnstile && UNSEEN.test(text(options.get("sitekey")));
      const invisible = this.bound || unseen || options.get("size") === "invisible";
      this.mode = invisible ? "invisible" : text(options.get("mode"));
      if (!MODES.includes(this.mode)) this.mode = "checkbox";
      this.hidden = this.mode === "invisible" || ["execute", "interaction-only"].includes(this.option("appearance"));

      this.root = document.createElement("div");
      this.fields = this.fieldNames().map((name) => this.makeField(name));
      for (const part of [this.root, ...this.fields]) part.dataset.pawcha = "";
      this.frame = document.createElement("iframe");
      this.frame.title = TITLE;
      this.frame.src = this.address();
      if (options.has("tabindex")) this.frame.tabIndex = Number(options.get("tabindex")) || 0;
      if (face === FACES.hcaptcha) this.frame.dataset.hcaptchaWidgetId = String(id);
      this.frame.addEventListener("load", () => this.greet());
      this.excuse = document.createElement("p");
      this.excuse.setAttribute("role", "alert");
      this.excuse.lang = "en";
      this.root.append(...this.fields);
      this.follow = () => this.covered && requestAnimationFrame(() => this.tellPlace());
      this.click = (/** @type {Event} */ event) => {
        event.preventDefault();
        void this.execute();
      };
      if (this.bound) container.addEventListener("click", this.click);
      this.putBack(this.root);
      this.start();
    }

    putBack(/** @type {HTMLElement[]} */ ...parts) {
      if (this.bound) this.container.after(...parts);
      else this.container.append(...parts);
    }

    /** Whether the page has left us where we were put. */
    isHere() {
      const [part = this.forward ? this.container : this.root] = this.fields;
      return this.bound ? part.isConnected : this.container.contains(part);
    }

    option(/** @type {string} */ name) {
      return text(this.options.get(name) ?? own(this.face.defaults, name));
    }

    fieldNames() {
      if (String(this.options.get("response-field")) === "false") return [];
      const names = this.face === FACES.pawcha ? [this.face.field] : guises.map(({ field }) => field);
      return [this.option("response-field-name") || names[0], ...names.slice(1)];
    }

    /** Make the field that takes the token into the form, as the clients of that CAPTCHA know it. */
    makeField(/** @type {string} */ name) {
      const long = TEXTAREAS.includes(name);
      const field = document.createElement(long ? "textarea" : "input");
      if (field instanceof HTMLInputElement) field.type = "hidden";
      field.name = name;
      // Or else a browser may fill in the token of the last visit.
      field.autocomplete = "off";
      if (!long) return field;
      field.className = name;
      field.id = name;
      const others = [...widgets.values()].filter((widget) => widget.root.isConnected || !widget.greeted);
      const taken = () =>
        document.getElementById(field.id) ?? others.some(({ fields }) => fields.some(({ id }) => id === field.id));
      for (let number = 1; taken(); number++) field.id = `${name}-${number}`;
      dress(field, { display: "none" });
      return field;
    }

    address() {
      const size = this.option("size");
      const address = new URL("/pawcha/frame", ORIGIN);
      const lang = text(this.options.get("lang") ?? query.get("hl"));
      for (const [name, value] of Object.entries({
        sitekey: String(this.options.get("sitekey")),
        lang: lang === "auto" ? "" : lang,
        page: document.documentElement.lang,
        // What the page says; else the site's owner decides, and then what is usual in our guise.
        theme: text(this.options.get("theme")),
        usual: this.face.defaults.theme,
        size: own(this.face.sizes, size) ? size : "normal",
        mode: this.mode,
      }))
        if (value) address.searchParams.set(name, value);
      return address.href;
    }

    /** Begin, or begin again: a frame that is put into the page anew loads anew. */
    start() {
      this.hangUp();
      this.excuse.remove();
      this.shape();
      // Until it answers, it may be the browser's page about a refused or unreachable frame.
      dress(this.frame, { ...IN_PLACE, opacity: "0" });
      const obstacle = this.obstacle();
      // Not before render() has returned: the page learns from it whose trouble this is.
      if (obstacle) this.patience = setTimeout(() => this.giveUp(obstacle));
      else {
        this.root.append(this.frame);
        this.patience = setTimeout(() => this.root.isConnected && this.giveUp(UNREACHABLE), LOAD_WITHIN);
      }
    }

    /** Why it cannot even begin, if so. @returns {Trouble | undefined} */
    obstacle() {
      if (typeof MessageChannel !== "function" || typeof ReadableStream !== "function") return UNSUPPORTED;
      // An opaque origin is on nobody's list: browsers refuse it the frame, and we say why.
      if (window.origin === "null") return location.protocol === "file:" ? ON_DISK : SANDBOXED;
      if (this.face !== FACES.turnstile) return;
      const odd = (/** @type {string} */ name) => ({ code: `invalid_${name}`, message: `The ${name} is not valid.` });
      if (!ACTION.test(this.action)) return odd("action");
      if (!CDATA.test(this.option("cdata"))) return odd("cdata");
    }

    /** Keep the place in the page as large as what it shows. */
    shape(height = "") {
      if (this.hidden) return dress(this.root, GONE);
      const { sizes } = this.face;
      const [width, usual] = own(sizes, this.option("size")) ?? sizes.normal;
      const inline = this.mode === "inline";
      const room = Math.min(this.container.clientWidth || 558, 558);
      // About as high as the grid will be, so that the page hardly moves when it has loaded.
      const guess = `${Math.round(room * 0.75 + (room > 430 ? 135 : 144))}px`;
      const wide = inline || width === "100%";
      dress(this.root, {
        ...AROUND,
        width: wide ? "100%" : width,
        "min-width": wide && !inline ? "min(300px, 100%)" : "0",
        "max-width": wide ? "558px" : "100%",
        height: height || (inline ? guess : usual),
        transition: inline && !calm.matches ? "height 0.2s ease" : "none",
      });
    }

    /** Hand one end of a new channel to the frame, and only to a frame of our own origin. */
    greet() {
      this.hangUp();
      this.greeted = true;
      const { port1, port2 } = new MessageChannel();
      this.port = port1;
      port1.onmessage = (event) => this.hear(event.data);
      const style = getComputedStyle(this.container);
      const colour = (/** @type {string} */ name) => style.getPropertyValue(`--pawcha-${name}`).trim().slice(0, 64);
      const hello = {
        type: "pawcha:hello",
        dialect: this.face.dialect,
        action: this.action,
        cdata: this.option("cdata"),
        colours: { accent: colour("accent"), background: colour("background"), text: colour("text") },
        refreshExpired: this.option("refresh-expired") || "auto",
        refreshTimeout: this.option("refresh-timeout") || "auto",
        execution: this.option("execution") || "render",
        dark: dark.matches,
      };
      this.frame.contentWindow?.postMessage(hello, ORIGIN, [port2]);
      this.patience = setTimeout(() => this.giveUp(UNREACHABLE), ANSWER_WITHIN);
    }

    /** Forget the frame that was: one that loads again knows nothing of its last token. */
    hangUp() {
      clearTimeout(this.patience);
      clearTimeout(this.again);
      this.port?.close();
      this.port = undefined;
      this.isReady = false;
      this.keep("");
      this.cover(false);
    }

    say(/** @type {object} */ message) {
      if (this.isReady) this.port?.postMessage(message);
    }

    hear(/** @type {any} */ data) {
      if (this.patience) this.welcome();
      const type = own(data, "type");
      const height = Math.ceil(own(data, "height"));
      if (type === "ready") this.begin(own(data, "title"));
      if (type === "height" && height > 0 && height < 4000 && !this.covered) this.shape(`${height}px`);
      if (type === "cover") this.cover(own(data, "on") === true);
      if (type === "state") this.turn(data);
    }

    /** It answers, maybe after we had given up. */
    welcome() {
      clearTimeout(this.patience);
      this.patience = undefined;
      this.excuse.remove();
      this.shape();
      dress(this.frame, IN_PLACE);
    }

    begin(/** @type {unknown} */ title) {
      this.isReady = true;
      this.frame.title = text(title).slice(0, 200) || TITLE;
      if (this.pending) this.say({ type: "execute" });
      // Our check always needs a person; only one that waits for execute() need not show yet.
      else if (this.option("appearance") === "interaction-only" && this.option("execution") !== "execute")
        this.reveal();
    }

    reveal() {
      if (this.mode === "invisible" || !this.hidden) return;
      this.hidden = false;
      this.shape();
    }

    /** Lift the frame over the whole window, or put it back into its place. */
    cover(/** @type {boolean} */ on) {
      if (on === this.covered) return;
      this.covered = on;
      this.watch();
      for (const name of ["scroll", "resize"])
        if (on) window.addEventListener(name, this.follow, { capture: true, passive: true });
        else window.removeEventListener(name, this.follow, { capture: true });
      if (on) this.lift();
      else this.lower();
      this.emit(on ? "open" : "close", {});
      this.notify(on ? "before-interactive-callback" : "after-interactive-callback");
      if (on) this.notify("open-callback");
      else if (this.state !== "solved") {
        this.notify("close-callback");
        this.settle(this.trouble ?? { code: CLOSED, message: "The visitor closed the grid." });
      }
    }

    /** While somebody picks or waits: no event tells that the page threw our place away. */
    watch() {
      clearInterval(this.watching);
      if (!this.covered && !this.pending) return;
      let there = this.container.isConnected;
      this.watching = setInterval(() => {
        const gone = there && !(this.container.isConnected && this.isHere());
        there ||= this.container.isConnected;
        if (gone) this.fold();
      }, LOOK_EVERY);
    }

    /** Its place is gone: nobody will answer any more. */
    fold() {
      this.hangUp();
      this.settle({ code: CLOSED, message: "The page took the widget away." });
      if (this.forward) this.root.remove();
    }

    lift() {
      const active = document.activeElement;
      this.before = active instanceof HTMLElement && active !== this.frame ? active : undefined;
      dress(this.frame, LIFTED);
      // The top layer lies over everything, also from inside places that clip or move their content.
      if (typeof this.frame.showPopover === "function") {
        this.frame.popover = "manual";
        this.frame.showPopover();
      }
      this.frame.focus();
      this.tellPlace();
    }

    lower() {
      if (this.frame.popover && this.frame.isConnected) this.frame.hidePopover();
      this.frame.removeAttribute("popover");
      dress(this.frame, IN_PLACE);
      if (this.before?.isConnected) this.before.focus({ preventScroll: true });
      this.before = undefined;
    }

    tellPlace() {
      const { left, top, width, height } = this.root.getBoundingClientRect();
      if (this.covered) this.say({ type: "place", rect: { left, top, width, height } });
    }

    /** The frame is in another state: keep the fields true to it and tell the page. */
    turn(/** @type {any} */ data) {
      const [state, token, what, reason] = ["state", "token", "what", "reason"].map((name) => text(own(data, name)));
      const [code, message, cause] = ["code", "message", "cause"].map((name) => own(data, name));
      this.state = state;
      this.trouble = undefined;
      this.lapsed = state === "expired" && what === "token";
      this.keep(state === "solved" ? token : "");
      clearTimeout(this.again);
      // First back into the page: who starts again from a callback wishes for another grid.
      if (state === "solved") this.cover(false);
      this.emit("statechange", { state, ...(reason && { reason }) });
      if (state === "open") this.retries = 0;
      if (state === "solved") this.finish(token);
      if (state === "expired") this.expire(what);
      if (state === "error") this.fail({ code: text(code), message: text(message), cause }, own(data, "wait"));
    }

    finish(/** @type {string} */ token) {
      const button = /** @type {HTMLButtonElement} */ (this.container);
      this.settle();
      this.emit("token", { token });
      if (this.options.has("callback")) this.notify("callback", token);
      else if (this.bound && button.form)
        HTMLFormElement.prototype.requestSubmit.call(button.form, button.type === "submit" ? button : undefined);
    }

    expire(/** @type {string} */ what) {
      this.emit("expired", { what });
      if (what === "token") return this.notify("expired-callback");
      this.trouble = { code: "challenge_expired", message: "Time was up for the photos." };
      if (this.options.has("challenge-expired-callback")) this.notify("challenge-expired-callback");
      else if (this.face === FACES.turnstile) this.complain(this.trouble);
    }

    fail(/** @type {Trouble} */ trouble, /** @type {unknown} */ wait = undefined) {
      this.reveal();
      this.emit("error", { ...trouble, wait });
      this.complain(trouble);
      if (trouble.code === UNSUPPORTED.code) this.notify("unsupported-callback");
      this.trouble = trouble;
      if (this.pending && this.hidden && REFUSED.includes(trouble.code)) this.explain(trouble);
      // In an open grid the visitor may still mend it: the promise lives until they leave.
      if (!this.covered) this.settle(trouble);
      if (this.option("retry") === "auto" && PASSING.includes(trouble.code) && this.retries++ < RETRIES) {
        const interval = Number(this.options.get("retry-interval")) || 8000;
        this.again = setTimeout(() => this.retry(), Math.min(Math.max(interval, 1000), 900_000));
      }
    }

    complain(/** @type {Trouble} */ { code, message }) {
      const word = translate(this.face, code);
      const handled = this.notify("error-callback", ...(word ? [word] : []));
      if (this.face === FACES.turnstile && handled !== true)
        console.warn(`Pawcha as Turnstile: error ${word}: ${message}`);
    }

    retry() {
      if (!this.isReady) this.start();
      else this.say({ type: this.covered ? "execute" : "reset" });
    }

    /** One plain sentence is better than the browser's broken frame. */
    giveUp(/** @type {Trouble} */ trouble) {
      if (trouble === UNREACHABLE)
        console.error(
          `Pawcha: no answer from ${ORIGIN}. Is it up, does its site list the host ${location.hostname}, ` +
            "or does the page's Content Security Policy lack us in frame-src?",
        );
      else console.error(`Pawcha: ${trouble.message}`);
      const asked = this.pending;
      this.state = "error";
      // Also where nothing is explained: it may be the browser's own broken page.
      dress(this.frame, { display: "none" });
      this.emit("statechange", { state: "error" });
      this.fail(trouble);
      // What was meant to be invisible speaks only to someone who waits for it.
      if (asked || !this.hidden) this.explain(trouble);
    }

    explain(/** @type {Trouble} */ { message }) {
      dress(this.frame, { display: "none" });
      this.excuse.textContent = message;
      dress(this.root, { display: "block" });
      this.root.append(this.excuse);
    }

    /**
     * Open the grid, and promise the token. An invisible widget gives a fresh one each time.
     *
     * @returns {Promise<string>}
     */
    execute(action = this.action) {
      if (this.token && this.mode !== "invisible") return Promise.resolve(this.token);
      if (this.pending) {
        if (action === this.action) return this.pending.promise;
        const next = () => this.execute(action);
        return this.pending.promise.then(next, next);
      }
      if (this.token) this.reset();
      /** @type {(token: string) => void} */
      let resolve = () => {};
      /** @type {(problem: Error) => void} */
      let reject = () => {};
      /** @type {Promise<string>} */
      const promise = new Promise((...ends) => {
        [resolve, reject] = ends;
      });
      // Whoever uses callbacks and events need not look after the promise, too.
      promise.catch(() => {});
      this.pending = { promise, resolve, reject };
      this.watch();
      this.reveal();
      const moved = this.comeForward();
      if (!moved && this.isReady && this.trouble && REFUSED.includes(this.trouble.code)) {
        // The frame has said so before, but one that is not to be seen has said it to nobody.
        if (this.hidden) this.explain(this.trouble);
        this.settle(this.trouble);
        return promise;
      }
      // The frame hears of an action when it is greeted, and only then.
      const renamed = action !== this.action;
      this.action = action;
      if (moved || (renamed && this.port) || (!this.isReady && this.state === "error")) this.start();
      else this.say({ type: "execute" });
      return promise;
    }

    /** Go where a person can reach it: in a hidden place nothing shows, and in an inert one nothing answers. */
    comeForward() {
      if (this.mode !== "invisible" || !this.container.isConnected) return false;
      const home = foreground();
      const inert = this.root.closest("[inert]") || (home.localName === "dialog" && !home.contains(this.root));
      if (!inert && this.root.getClientRects().length) return false;
      this.forward = true;
      this.putBack(...this.fields);
      home.append(this.root);
      return true;
    }

    /** Keep the promise of execute(), or break it. */
    settle(/** @type {Trouble=} */ trouble = undefined) {
      const pending = this.pending;
      this.pending = undefined;
      this.watch();
      if (trouble) pending?.reject(broken(trouble));
      else pending?.resolve(this.token);
    }

    reset() {
      this.settle({ code: CLOSED, message: "The widget was reset." });
      this.keep("");
      this.lapsed = false;
      const unreachable = this.state === "error" && !this.isReady;
      this.state = "idle";
      this.trouble = undefined;
      if (!unreachable) return this.say({ type: "reset" });
      this.emit("statechange", { state: "idle", reason: "reset" });
      this.start();
    }

    close() {
      this.say({ type: "close" });
      if (!this.covered) this.settle({ code: CLOSED, message: "The page closed the grid." });
    }

    remove() {
      this.hangUp();
      this.settle({ code: CLOSED, message: "The widget was removed." });
      this.container.removeEventListener("click", this.click);
      for (const part of [this.root, ...this.fields]) part.remove();
      if (widgets.get(String(this.id)) === this) widgets.delete(String(this.id));
      if (/** @type {any} */ (this.container)[MARK] === this) delete (/** @type {any} */ (this.container)[MARK]);
    }

    keep(/** @type {string} */ token) {
      this.token = token;
      // As the default value, too: resetting the form must not part it from what the widget shows.
      for (const field of this.fields) field.value = field.defaultValue = token;
      if (this.face === FACES.hcaptcha) this.frame.dataset.hcaptchaResponse = token;
    }

    emit(/** @type {string} */ name, /** @type {object} */ detail) {
      this.container.dispatchEvent(
        new CustomEvent(`pawcha:${name}`, { bubbles: true, composed: true, detail: { id: this.id, ...detail } }),
      );
    }

    notify(/** @type {string} */ callback, /** @type {any[]} */ ...values) {
      return call(this.options.get(callback), ...values);
    }
  }

  // --- what the globals can do -------------------------------------------------------------------

  /** @type {Map<Face, number>} */
  const counts = new Map();

  /** Ids that are free: numbers from 0 for reCAPTCHA, words for all others. */
  function newId(/** @type {Face} */ face, first = 0) {
    for (let number = Math.max(counts.get(face) ?? 0, first); ; number++) {
      const id = face === FACES.grecaptcha ? number : `${face.dialect}-${number + 1}`;
      if (widgets.has(String(id))) continue;
      if (!first) counts.set(face, number + 1);
      return id;
    }
  }

  function add(/** @type {Face} */ face, /** @type {HTMLElement} */ place, /** @type {Options} */ options, first = 0) {
    const widget = new Widget(face, newId(face, first), place, options);
    widgets.set(String(widget.id), widget);
    /** @type {any} */ (place)[MARK] = widget;
    return widget;
  }

  /** Find a widget by its id or place. Without either, the first or the last is meant. */
  function find(/** @type {Face} */ face, /** @type {any} */ id) {
    if (id != null && id !== "") return widgets.get(String(id)) ?? /** @type {any} */ (findPlace(id))?.[MARK];
    // By name: another copy of this script has faces of its own.
    const { name } = face === FACES.pawcha ? face : family;
    const here = [...widgets.values()].filter(
      (widget) => widget.container.isConnected && widget.isHere() && widget.family.name === name,
    );
    const plain = here.filter((widget) => ![...scored.values()].includes(widget));
    const choice = plain.length ? plain : here;
    return face.last ? choice.at(-1) : choice[0];
  }

  /** Show a widget in a place, or say which one is there already: frameworks mount twice. */
  function render(
    /** @type {Face} */ face,
    /** @type {unknown} */ place,
    /** @type {any} */ said = {},
    inherits = true,
  ) {
    const container = findPlace(place);
    if (!container) throw new Error(`Pawcha: there is no element ${place}.`);
    /** @type {Widget | undefined} */
    const there = /** @type {any} */ (container)[MARK];
    if (there?.isHere()) return there.id;
    const options = read(container, said, inherits);
    if (!options.has("sitekey")) throw new Error("Pawcha: a sitekey is missing.");
    there?.remove();
    clean(container);
    return add(face, container, options).id;
  }

  /** Remove what a copy of the page's content (a snapshot of Turbo or htmx) kept of a widget: its field, too. */
  function clean(/** @type {HTMLElement} */ container) {
    const isOurs = (/** @type {Element | null} */ part) => part?.hasAttribute("data-pawcha");
    for (const part of [...container.children]) if (isOurs(part)) part.remove();
    if (container.matches("button, input"))
      while (isOurs(container.nextElementSibling)) container.nextElementSibling?.remove();
  }

  /** Return what every global can do, in our own manner. */
  const abilities = (/** @type {Face} */ face) => ({
    render: (/** @type {unknown} */ place, /** @type {any=} */ options) => render(face, place, options ?? {}),
    reset: (/** @type {any=} */ id) => find(face, id)?.reset(),
    remove: (/** @type {any=} */ id) => find(face, id)?.remove(),
    close: (/** @type {any=} */ id) => find(face, id)?.close(),
    /** @returns {string} */
    getResponse: (/** @type {any=} */ id) => find(face, id)?.token ?? "",
    isExpired: (/** @type {any=} */ id) => find(face, id)?.lapsed ?? false,
    /** @returns {Promise<string>} */
    execute: (/** @type {any} */ id = undefined, /** @type {string | undefined} */ action = undefined) => {
      const widget = find(face, id);
      if (widget) return widget.execute(action);
      const code = id == null ? "missing_widget" : "unknown_widget";
      return Promise.reject(broken({ code, message: `Pawcha: there is no widget ${id ?? "here"}.` }));
    },
    ready,
  });

  const isParams = (/** @type {unknown} */ value) =>
    typeof value === "object" && value !== null && !(value instanceof Element);

  /** The hidden widget that stands for reCAPTCHA v3's silent judgement of a site key. */
  function scoredWidget(/** @type {string} */ sitekey) {
    const known = scored.get(sitekey);
    if (known?.container.isConnected) return known;
    known?.remove();
    const place = document.createElement("div");
    (document.body ?? document.documentElement).append(place);
    // The page's own form has the field of that name: ours would be in nobody's form.
    const said = { sitekey, size: "invisible", "response-field": false };
    const widget = add(FACES.grecaptcha, place, read(place, said, false), 100_000);
    scored.set(sitekey, widget);
    return widget;
  }

  /** @type {{[name: string]: () => Record<string, any>}} The globals, by name. */
  const GLOBALS = {
    pawcha: () => Object.freeze({ ...abilities(FACES.pawcha), [MARK]: true }),

    hcaptcha() {
      const { render, reset, remove, close, getResponse, execute } = abilities(FACES.hcaptcha);
      // The reference of a solution at hCaptcha; ours is the widget that has one.
      const getRespKey = (/** @type {any=} */ id) => (getResponse(id) ? String(find(FACES.hcaptcha, id)?.id) : "");
      /** @returns {Promise<{response: string, key: string}> | undefined} */
      function run(/** @type {any=} */ id, /** @type {any=} */ options) {
        if (isParams(id)) return run(undefined, id);
        const answer = execute(id).then(
          (response) => ({ response, key: getRespKey(id) }),
          (error) => Promise.reject(translate(FACES.hcaptcha, error.code)),
        );
        answer.catch(() => {});
        return own(options, "async") === true ? answer : undefined;
      }
      return { render, reset, remove, close, getResponse, getRespKey, setData: () => {}, execute: run };
    },

    grecaptcha() {
      const face = FACES.grecaptcha;
      const { reset, getResponse, execute, ready } = abilities(face);
      /** @returns {Promise<string>} */
      function run(/** @type {any=} */ id, /** @type {any=} */ params) {
        if (isParams(id)) return run(undefined, id);
        const isKey = typeof id === "string" && id && !find(face, id);
        const answer = execute(isKey ? scoredWidget(id).id : id, own(params, "action"));
        answer.catch(() => {});
        return answer;
      }
      const api = {
        render: (/** @type {unknown} */ place, /** @type {any=} */ params, inherit = false) =>
          render(face, place, params ?? {}, !params || inherit),
        reset,
        getResponse,
        execute: run,
        ready,
      };
      return Object.assign(api, { enterprise: api });
    },

    turnstile() {
      const { render, close: _, ...rest } = abilities(FACES.turnstile);
      const api = {
        ...rest,
        render(/** @type {unknown} */ place, /** @type {any} */ params) {
          try {
            return render(place, params);
          } catch (error) {
            console.error(/** @type {Error} */ (error).message);
          }
        },
        getResponse: (/** @type {any=} */ id) => rest.getResponse(id) || undefined,
        execute(/** @type {any=} */ id, /** @type {any=} */ params) {
          const known = find(FACES.turnstile, id)?.id ?? api.render(id, params);
          if (known !== undefined) rest.execute(known).catch(() => {});
        },
      };
      return api;
    },
  };

  // --- begin -------------------------------------------------------------------------------------

  /** Put a global of ours into the page; where a copy of this script was first, that one stays. */
  function install(/** @type {string} */ name, /** @type {boolean} */ wanted) {
    const there = own(page, name);
    if (own(there, "render") && (there[MARK] || !wanted)) return;
    const api = GLOBALS[name]();
    // A page may hold on to the stub that collects calls of ready() until we come.
    page[name] = isParams(there) && !Object.isFrozen(there) ? Object.assign(there, api) : api;
    if (!page[name][MARK]) Object.defineProperty(page[name], MARK, { value: true });
  }

  const shown = [FACES.pawcha, ...guises];
  for (const face of shown) install(face.name, face === family || face === FACES.pawcha);
  // Where Google's own loader would look for them: code.google.com/recaptcha, "loading".
  if (guises.includes(FACES.grecaptcha))
    for (const callback of own(own(page, "___grecaptcha_cfg"), "fns") ?? []) ready(callback);

  function scan() {
    for (const face of shown) {
      const api = page[face.name];
      if (!api[MARK]) continue;
      for (const place of document.getElementsByClassName(face.marked)) {
        // A hidden input of that class is where reCAPTCHA v3's clients put its token.
        if (place.matches("input:not([type=submit], [type=button])")) continue;
        try {
          api.render(place);
        } catch (error) {
          console.error(error);
        }
      }
    }
  }

  function announce() {
    const name = query.get("onload");
    if (lookUp(name) || document.readyState === "complete") call(name);
    else window.addEventListener("load", () => call(name), { once: true });
  }

  const ours = () => [...widgets.values()].filter((widget) => widget instanceof Widget);
  dark.addEventListener("change", () => {
    for (const widget of ours()) widget.say({ type: "dark", on: dark.matches });
  });
  // Escape takes a closer look away, also while the focus is in the page around it.
  document.addEventListener("keydown", ({ key }) => {
    if (key === "Escape") for (const widget of ours()) widget.say({ type: "escape" });
  });
  // A form that was reset needs a token of its own. Only after the event it is known to be reset.
  document.addEventListener("reset", (event) => {
    setTimeout(() => {
      if (event.defaultPrevented) return;
      for (const widget of ours()) if (widget.token && widget.fields[0]?.form === event.target) widget.reset();
    });
  });
  // A page out of the back-forward cache: its form was sent, and the token with it.
  window.addEventListener("pageshow", (event) => {
    for (const widget of ours()) if (event.persisted && widget.token) widget.reset();
  });
  ready(() => {
    if (scoreKey) scoredWidget(scoreKey);
    else if (rendering !== "explicit") scan();
    announce();
  });

  // --- <pawcha-widget> ---------------------------------------------------------------------------

  class PawchaWidget extends HTMLElement {
    static observedAttributes = OPTIONS;
    said = "";

    /** @returns {Widget | undefined} */
    get widget() {
      return /** @type {any} */ (this)[MARK];
    }

    get value() {
      return this.widget?.token ?? "";
    }

    connectedCallback() {
      if (!this.style.display) this.style.display = "block";
      this.update();
    }

    disconnectedCallback() {
      // Later, since frameworks move elements by taking them out and putting them back at once.
      queueMicrotask(() => this.update());
    }

    attributeChangedCallback() {
      queueMicrotask(() => this.update());
    }

    /** Show what the attributes say, anew only if they say something else than before. */
    update() {
      const wish = this.isConnected && this.getAttribute("sitekey");
      const said = wish ? OPTIONS.map((name) => this.getAttribute(name)).join("\n") : "";
      if (said === this.said) return;
      this.said = said;
      this.widget?.remove();
      if (said) render(FACES.pawcha, this);
    }

    reset() {
      this.widget?.reset();
    }

    execute() {
      return (
        this.widget?.execute() ?? Promise.reject(broken({ code: "missing_widget", message: "A sitekey is missing." }))
      );
    }

    close() {
      this.widget?.close();
    }
  }

  if (!customElements.get(ELEMENT)) customElements.define(ELEMENT, PawchaWidget);
})();
