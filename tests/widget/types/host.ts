/** A host page's own code, as the type checker sees it. `make lint-js` compiles it; nothing runs it. */

const place = document.createElement("div");

const id: string = pawcha.render(place, {
  sitekey: "key",
  mode: "inline",
  theme: "contrast",
  "response-field": false,
  callback: (token) => token.length,
  "error-callback": (code) => code === "too_many_requests",
  "close-callback": "app.onClose",
});
pawcha.execute(id).then(
  (token: string) => token,
  (problem: Pawcha.Rejection) => problem.code === "challenge_closed",
);
// @ts-expect-error: there is no such mode
pawcha.render("#place", { sitekey: "key", mode: "popup" });

const widget = document.createElement("pawcha-widget");
widget.setAttribute("sitekey", "key");
widget.addEventListener("pawcha:token", ({ detail }) => detail.token.length);
widget.addEventListener("pawcha:statechange", ({ detail }) => detail.reason === "wrong_answer");
document.addEventListener("pawcha:error", ({ detail }) => (detail.wait ?? 0) + detail.code.length);
const value: string = widget.value;
// @ts-expect-error: the token is not for pages to set
widget.value = value;

const hcaptchaId: string = hcaptcha.render("place", { sitekey: "key", size: "invisible" });
hcaptcha.execute(hcaptchaId, { async: true }).then(({ response, key }) => response + key);
hcaptcha.execute(hcaptchaId);
// @ts-expect-error: hCaptcha has no ready()
hcaptcha.ready(() => hcaptcha.remove());

const number: number = grecaptcha.render("place", { sitekey: "key" }, true);
grecaptcha.reset(number);
grecaptcha.ready(() => grecaptcha.execute("key", { action: "login" }).then((token) => token.length));
grecaptcha.enterprise.execute("key", { action: "login" });

const rendered: string | undefined = turnstile.render("#place", {
  sitekey: "key",
  appearance: "interaction-only",
  "error-callback": (code) => code.startsWith("300"),
});
if (rendered) turnstile.isExpired(rendered);
window.turnstile.ready(() => turnstile.remove());
