/**
 * The hello of the page around us: who it is, what it wishes, and a port to talk through.
 *
 * @typedef {"auto" | "manual" | "never"} Refresh
 * @typedef {{origin: string, port: MessagePort, dialect: string, action: string, cdata: string,
 *   colours: {accent: string, background: string, text: string}, refreshExpired: Refresh,
 *   refreshTimeout: Refresh, execution: string, dark: boolean | undefined}} Host
 */

const LONGEST = 255;

/** @param {unknown} value */
const text = (value) => (typeof value === "string" ? value.slice(0, LONGEST) : "");

/** @param {unknown} value @returns {Refresh} */
const refresh = (value) => (value === "manual" || value === "never" ? value : "auto");

/**
 * Wait for exactly one hello, and believe only the window that embeds us: other frames of that
 * page, and pages that opened it, can send messages too.
 *
 * @param {number} patience in milliseconds
 * @returns {Promise<Host | null>} null when nobody says hello in time
 */
export function waitForHello(patience) {
  return new Promise((resolve) => {
    const late = setTimeout(() => end(null), patience);

    /** @param {MessageEvent} event */
    function listen(event) {
      const { data, origin, ports, source } = event;
      if (source !== window.parent || data?.type !== "pawcha:hello" || ports.length !== 1) return;
      end(asHost(data, origin, ports[0]));
    }

    /** @param {Host | null} host */
    function end(host) {
      clearTimeout(late);
      window.removeEventListener("message", listen);
      resolve(host);
    }

    window.addEventListener("message", listen);
  });
}

/** @param {any} said @param {string} origin @param {MessagePort} port @returns {Host} */
function asHost(said, origin, port) {
  const { accent, background, text: ink } = said.colours ?? {};
  return {
    origin,
    port,
    dialect: text(said.dialect),
    action: text(said.action),
    cdata: text(said.cdata),
    colours: { accent: text(accent), background: text(background), text: text(ink) },
    refreshExpired: refresh(said.refreshExpired),
    refreshTimeout: refresh(said.refreshTimeout),
    execution: text(said.execution),
    dark: typeof said.dark === "boolean" ? said.dark : undefined,
  };
}
