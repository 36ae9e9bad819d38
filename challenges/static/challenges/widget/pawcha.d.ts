/**
 * Types of Pawcha's script for host pages, also where it stands in for hCaptcha, reCAPTCHA or
 * Turnstile. Save this file (it is served at /pawcha/api.d.ts) beside your sources, or name it in
 * the "types" or "include" of your tsconfig.json. It declares globals only and imports nothing.
 */

declare namespace Pawcha {
  /** A function, or the name of a global one ("onSolved", "app.onSolved"), looked up when it is called. */
  type Callback<Call extends (...values: never[]) => unknown> = Call | string;

  /** Where a widget goes: the element, its id, or a CSS selector. */
  type Place = HTMLElement | string;

  /** checkbox: a bar in the page that opens the grid. inline: the grid itself. invisible: nothing until `execute()`. */
  type Mode = "checkbox" | "inline" | "invisible";
  /**
   * normal: 304 x 78 CSS pixels. compact: 164 x 144. flexible: as wide as its place, 300 to 558.
   * As hCaptcha: 302 x 76, 158 x 138. As Turnstile: 300 x 65, 150 x 140, flexible 65 high.
   */
  type Size = "normal" | "compact" | "flexible";
  type Theme = "auto" | "light" | "dark" | "contrast";
  /** What happens when time is up: by itself, when the visitor asks, or not at all. */
  type Refresh = "auto" | "manual" | "never";
  /** always: from the start. execute: from `execute()` on. interaction-only: when a visitor is needed, so here at once. */
  type Appearance = "always" | "execute" | "interaction-only";
  /** execute: nothing happens by itself before `execute()`. Only test keys and `appearance` know the difference here. */
  type Execution = "render" | "execute";
  type State = "idle" | "loading" | "open" | "checking" | "solved" | "expired" | "error";
  /** Why a state changed: what the visitor or the page did, or what became of the last photos. */
  type Reason =
    | "closed"
    | "resumed"
    | "reset"
    | "next"
    | "wrong_answer"
    | "expired"
    | "unknown_challenge"
    | "already_answered";

  /** What can go wrong. Codes are stable; the sentences beside them are for people and may change. */
  type ErrorCode =
    | "too_many_requests"
    | "too_many_misses"
    | "all_pictures_seen"
    | "no_challenge_ready"
    | "unavailable"
    | "offline"
    | "timeout"
    | "pictures_broken"
    | "unclear"
    | "unknown_sitekey"
    | "host_not_allowed"
    | "host_required"
    | "unsupported_browser"
    | "test_key_fails"
    | "frame_unreachable"
    | "invalid_action"
    | "invalid_cdata";
  /** Why a promise of `execute()` was broken. */
  type RejectionCode = ErrorCode | "challenge_closed" | "challenge_expired" | "missing_widget" | "unknown_widget";
  interface Rejection extends Error {
    code: RejectionCode;
  }

  /** Every option is also an attribute: `data-sitekey` and so on, or `sitekey` on a `<pawcha-widget>`. */
  interface Options {
    sitekey?: string;
    /** Default: checkbox. */
    mode?: Mode;
    /** Default: normal. `invisible` is another name for the mode. */
    size?: Size | "invisible";
    /** Default: auto, as the visitor's system says. */
    theme?: Theme;
    /** A language tag such as "de". Default: that of the page, then that of the browser. */
    lang?: string;
    /** What the token is for; verify tells it. At most 32 of A-Z, a-z, 0-9, "_" and "-". */
    action?: string;
    /** Your own note, which verify tells. At most 255 of the same. */
    cdata?: string;
    tabindex?: number | string;
    /** When the bar is seen. execute, interaction-only: as Turnstile has them. Default: always. */
    appearance?: Appearance;
    /** Whether `execute()` is needed before the check begins by itself. Default: render. */
    execution?: Execution;
    /** Whether troubles that pass are tried again by themselves, five times at most. Default: never. */
    retry?: "auto" | "never";
    /** In milliseconds. Default: 8000. */
    "retry-interval"?: number | string;
    /** Called with the token. */
    callback?: Callback<(token: string) => void>;
    /** The token has expired: the field is empty again. */
    "expired-callback"?: Callback<() => void>;
    /** Time was up for the photos. */
    "challenge-expired-callback"?: Callback<() => void>;
    "error-callback"?: Callback<(code: ErrorCode) => void>;
    /** This browser is too old. */
    "unsupported-callback"?: Callback<() => void>;
    /** The grid was opened over the page. */
    "open-callback"?: Callback<() => void>;
    /** The visitor left the grid without a token. */
    "close-callback"?: Callback<() => void>;
    /** When the token expires. Default: auto. */
    "refresh-expired"?: Refresh;
    /** When time is up for the photos. Default: auto. */
    "refresh-timeout"?: Refresh;
    /** Whether there is a hidden field with the token. Default: true. */
    "response-field"?: boolean | "true" | "false";
    /** Default: pawcha-response. */
    "response-field-name"?: string;
  }

  /** `window.pawcha`. Without an id, the last widget is meant. */
  interface Api {
    /** Show a widget and return its id; a place that has one keeps it. Throws when place or site key are missing. */
    render(place: Place, options?: Options): string;
    /** Forget the token and start again. */
    reset(id?: string | HTMLElement): void;
    remove(id?: string | HTMLElement): void;
    /** The token, or "". */
    getResponse(id?: string | HTMLElement): string;
    isExpired(id?: string | HTMLElement): boolean;
    /** Open the grid and promise the token. A broken promise gives a {@link Rejection}. */
    execute(id?: string | HTMLElement, action?: string): Promise<string>;
    /** Close the grid. */
    close(id?: string | HTMLElement): void;
    /** Call back once the page is there. */
    ready(callback: () => void): void;
  }

  interface Detail {
    /** The id of the widget. */
    id: string | number;
  }
  /** Events of a widget's place; all bubble, also out of a shadow tree. */
  interface Events {
    "pawcha:statechange": CustomEvent<Detail & { state: State; reason?: Reason }>;
    "pawcha:token": CustomEvent<Detail & { token: string }>;
    "pawcha:expired": CustomEvent<Detail & { what: "challenge" | "token" }>;
    "pawcha:error": CustomEvent<
      Detail & { code: ErrorCode; message: string; cause?: string /** In seconds. */; wait?: number }
    >;
    "pawcha:open": CustomEvent<Detail>;
    "pawcha:close": CustomEvent<Detail>;
  }

  /** `<pawcha-widget sitekey="…">`: the options are its attributes, and changing one starts it anew. */
  interface WidgetElement extends HTMLElement {
    /** The token, or "". */
    readonly value: string;
    reset(): void;
    execute(): Promise<string>;
    close(): void;
  }

  // --- hCaptcha ------------------------------------------------------------------------------------

  type HCaptchaError =
    | "network-error"
    | "rate-limited"
    | "invalid-data"
    | "challenge-error"
    | "internal-error"
    | "challenge-closed"
    | "challenge-expired"
    | "missing-captcha"
    | "invalid-captcha-id";

  interface HCaptchaOptions {
    sitekey: string;
    /** Default: light. A theme of colours is taken for it. */
    theme?: "light" | "dark" | "contrast" | object;
    size?: "normal" | "compact" | "invisible";
    tabindex?: number | string;
    hl?: string;
    callback?: Callback<(token: string) => void>;
    "expired-callback"?: Callback<() => void>;
    "chalexpired-callback"?: Callback<() => void>;
    "open-callback"?: Callback<() => void>;
    "close-callback"?: Callback<() => void>;
    "error-callback"?: Callback<(error: HCaptchaError) => void>;
    /** Known to hCaptcha, and without effect here. */
    "challenge-container"?: Place;
  }

  /** `window.hcaptcha`, of /1/api.js. Without an id, the first widget is meant. */
  interface HCaptcha {
    render(place: Place, options?: HCaptchaOptions): string;
    /** Promises of an hCaptcha are broken with one of {@link HCaptchaError}. */
    execute(
      id: string | undefined,
      options: { async: true; rqdata?: string },
    ): Promise<{ response: string; key: string }>;
    execute(options: { async: true; rqdata?: string }): Promise<{ response: string; key: string }>;
    execute(id?: string, options?: { async?: false; rqdata?: string }): void;
    reset(id?: string): void;
    remove(id?: string): void;
    close(id?: string): void;
    getResponse(id?: string): string;
    getRespKey(id?: string): string;
    /** Without effect here. */
    setData(id?: string | object, data?: object): void;
  }

  // --- reCAPTCHA -----------------------------------------------------------------------------------

  interface ReCaptchaParameters {
    sitekey?: string;
    theme?: "light" | "dark";
    size?: "normal" | "compact" | "invisible";
    tabindex?: number;
    /** Known to reCAPTCHA, and without effect here. */
    badge?: "bottomright" | "bottomleft" | "inline";
    isolated?: boolean;
    type?: "image" | "audio";
    hl?: string;
    callback?: Callback<(token: string) => void>;
    "expired-callback"?: Callback<() => void>;
    "error-callback"?: Callback<() => void>;
  }

  /** `window.grecaptcha`, of /recaptcha/api.js and where compatible. Without an id, the first widget is meant. */
  interface ReCaptcha {
    /** With `inherit`, what the parameters leave out is read from the element's attributes. */
    render(place: Place, parameters?: ReCaptchaParameters, inherit?: boolean): number;
    reset(id?: number): void;
    getResponse(id?: number): string;
    /** Version 2: an id. Version 3: the site key, and what the token is for. */
    execute(idOrSitekey?: number | string, options?: { action?: string }): Promise<string>;
    ready(callback: () => void): void;
    enterprise: ReCaptcha;
  }

  // --- Turnstile -----------------------------------------------------------------------------------

  interface TurnstileOptions {
    sitekey: string;
    action?: string;
    cData?: string;
    theme?: "auto" | "light" | "dark";
    size?: "normal" | "flexible" | "compact";
    language?: string;
    tabindex?: number;
    /** Whether `execute()` is needed. Default: render. */
    execution?: Execution;
    /** Default: always. */
    appearance?: Appearance;
    /** Whether troubles that pass are tried again by themselves, five times at most. Default: auto. */
    retry?: "auto" | "never";
    /** In milliseconds. Default: 8000. */
    "retry-interval"?: number;
    "refresh-expired"?: Refresh;
    "refresh-timeout"?: Refresh;
    "response-field"?: boolean;
    "response-field-name"?: string;
    /** These three are known to Turnstile, and without effect here. */
    "feedback-enabled"?: boolean;
    "offlabel-show-privacy"?: boolean;
    "offlabel-show-help"?: boolean;
    callback?: Callback<(token: string) => void>;
    /** Return true to say that the error was handled; otherwise it is logged. */
    "error-callback"?: Callback<(code: string) => unknown>;
    "expired-callback"?: Callback<() => void>;
    "timeout-callback"?: Callback<() => void>;
    "before-interactive-callback"?: Callback<() => void>;
    "after-interactive-callback"?: Callback<() => void>;
    "unsupported-callback"?: Callback<() => void>;
  }

  /** `window.turnstile`, of /turnstile/v0/api.js. Without an id or place, the last widget is meant. */
  interface Turnstile {
    /** A bad place or a missing site key is logged and gives undefined. */
    render(place: Place, options?: TurnstileOptions): string | undefined;
    /** Open the grid of a widget, which is rendered first where it is not there yet. */
    execute(place?: Place, options?: TurnstileOptions): void;
    reset(place?: Place): void;
    remove(place?: Place): void;
    getResponse(place?: Place): string | undefined;
    isExpired(place?: Place): boolean;
    ready(callback: () => void): void;
  }
}

declare var pawcha: Pawcha.Api;
declare var hcaptcha: Pawcha.HCaptcha;
declare var grecaptcha: Pawcha.ReCaptcha;
declare var turnstile: Pawcha.Turnstile;

interface Window {
  pawcha: Pawcha.Api;
  hcaptcha: Pawcha.HCaptcha;
  grecaptcha: Pawcha.ReCaptcha;
  turnstile: Pawcha.Turnstile;
}

interface HTMLElementTagNameMap {
  "pawcha-widget": Pawcha.WidgetElement;
}

interface HTMLElementEventMap extends Pawcha.Events {}
interface DocumentEventMap extends Pawcha.Events {}
