/**
 * What somebody would call broken on a page: words that are cut off, controls on top of each other,
 * a page that has to be scrolled sideways. Answers a list of sentences.
 */
() => {
  const root = document.documentElement;
  const faults = [];

  const isShown = (element) =>
    element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) &&
    // What is there for ears only is clipped to nothing.
    getComputedStyle(element).clipPath === "none" &&
    !element.closest("[aria-hidden=true], script, template");
  const hasWords = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  const nameOf = (element) => element.textContent.trim() || element.ariaLabel;

  if (root.scrollWidth > root.clientWidth + 1)
    faults.push(`the page needs ${root.scrollWidth} pixels and has ${root.clientWidth}`);

  for (const element of document.body.querySelectorAll("*")) {
    if (!hasWords(element) || !isShown(element)) continue;
    const inline = getComputedStyle(element).display === "inline";
    if (!inline && element.scrollWidth > element.clientWidth + 1) faults.push(`cut off: ${nameOf(element)}`);
    const range = document.createRange();
    range.selectNodeContents(element);
    const { left, right } = range.getBoundingClientRect();
    if (left < -1 || right > root.clientWidth + 1) faults.push(`outside: ${nameOf(element)}`);
  }

  const controls = [...document.querySelectorAll("button, a[href], [role=checkbox]")].filter(
    (control) => isShown(control) && !control.closest("[data-part=closer]"),
  );
  const boxes = controls.map((control) => control.getBoundingClientRect());
  for (let one = 0; one < controls.length; one++)
    for (let other = one + 1; other < controls.length; other++) {
      if (controls[one].contains(controls[other])) continue;
      const [a, b] = [boxes[one], boxes[other]];
      const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (wide > 2 && high > 2) faults.push(`${nameOf(controls[one])} lies on ${nameOf(controls[other])}`);
    }
  return faults;
};
