/**
 * The hello of the page around us: who it is, and a port to talk through.
 *
 * @typedef {{origin: string, port: MessagePort, lang: string, action: string, cdata: string}} Host
 */

const LONGEST = 255;

/** @param {unknown} value */
const text = (value) => (typeof value === "string" ? value.slice(0, LONGEST) : "");

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
      end({ origin, port: ports[0], lang: text(data.lang), action: text(data.action), cdata: text(data.cdata) });
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
