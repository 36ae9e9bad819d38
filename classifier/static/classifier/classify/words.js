/** The words that the page says by itself; the rest comes from the service. English for now. */
export const words = Object.freeze({
  busy: "Looking at your photo.",
  waiting: "It takes a little longer this time. Still looking.",
  again: "Another photo",
  never: "Never mind",
  retry: "Try again",
  retryIn: (/** @type {number} */ seconds) => `Try again in ${seconds} s`,
  verdicts: /** @type {Record<string, string>} */ ({ cat: "Cat", dog: "Dog", neither: "Neither" }),
  percent: (/** @type {number} */ chance) => {
    if (chance > 0.999) return "more than 99.9 %";
    return chance < 0.001 ? "less than 0.1 %" : `${(chance * 100).toFixed(1)} %`;
  },
  aloud: (/** @type {string} */ sentence, /** @type {string} */ chance, /** @type {string} */ meaning) =>
    `${sentence} ${chance} ${meaning}`,
  chanceOf: (/** @type {string} */ name, /** @type {string} */ chance) => `${name}: ${chance}.`,
  tooLarge: (/** @type {number} */ bytes, /** @type {number} */ most) =>
    `This file has ${(bytes / 1e6 + 0.05).toFixed(1)} MB: send one of ${Math.round(most / 1e6)} MB at most.`,
  noFile: "That was no file. Save the photo first, or copy it and paste it here.",
  offline: "There is no connection right now.",
  slow: "The answer took too long to arrive.",
  unclear: "Something went wrong on our side.",
});
