// @ts-check
// Whether everything on a page has room: nothing is cut, nothing spills over what stands beside it, and only code scrolls
// sideways.

/** What may be wider than the page and is scrolled then: code, and fields that a person writes into. */
const SCROLLED = "pre, .code, textarea, input";

/** What does not fit on the page as it stands, with everything unfolded; a line each. */
export const misfits = (page) =>
  page.evaluate((scrolled) => {
    for (const folded of document.querySelectorAll("details")) folded.open = true;
    const found = new Set();
    const name = (element) => {
      const own = (one) => one.tagName.toLowerCase() + (one.id && `#${one.id}`) + [...one.classList].map((part) => `.${part}`).join("");
      const path = [];
      for (let one = element; one && one !== document.body && path.length < 4; one = one.parentElement) path.unshift(own(one));
      return path.join(" > ");
    };
    const { scrollingElement: root } = document;
    if (root && root.scrollWidth > innerWidth) found.add(`the page is ${root.scrollWidth} wide`);
    // What is there for those who hear the page alone has no place on it.
    const isHeardOnly = (style) => style.clipPath !== "none" || style.opacity === "0";
    const styles = new Map();
    const styleOf = (element) => styles.get(element) ?? styles.set(element, getComputedStyle(element)).get(element);
    const isTold = (element) => element.closest("[title], [data-told]") !== null || element.querySelector("[title]") !== null;

    for (const element of /** @type {any} */ (document.body.querySelectorAll("*"))) {
      const style = styleOf(element);
      const isWide = element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0;
      if (/auto|scroll/.test(style.overflowX) && isWide && !element.matches(scrolled))
        found.add(`${name(element)} scrolls sideways: ${element.scrollWidth} in ${element.clientWidth}`);
    }

    const heardOnly = [...document.body.querySelectorAll("*")].filter((element) => isHeardOnly(styleOf(element)));
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const range = document.createRange();
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const words = node.nodeValue?.trim();
      if (!words) continue;
      range.selectNodeContents(node);
      const rects = [...range.getClientRects()].filter((rect) => rect.width > 0 && rect.height > 0);
      if (rects.length === 0) continue;
      const text = JSON.stringify(words.slice(0, 40));
      const right = Math.max(...rects.map((rect) => rect.right));
      const left = Math.min(...rects.map((rect) => rect.left));
      const bottom = Math.max(...rects.map((rect) => rect.bottom));
      let holder = null;
      let isFree = false;
      const { parentElement } = node;
      if (!parentElement || parentElement.closest(scrolled) || heardOnly.some((part) => part.contains(parentElement))) continue;
      const widest = Math.max(...rects.map((rect) => rect.width));
      if (rects.length > 3 && widest < 2 * rects[0].height && !/\s/.test(words)) found.add(`${name(parentElement)} breaks ${text} into ${rects.length} lines`);
      // A blank at the end of a line stands outside, where blanks are kept.
      const hangs = styleOf(parentElement).whiteSpace === "pre-wrap" ? 10 : 1;
      for (let element = node.parentElement; element && element !== document.body; element = element.parentElement) {
        const style = styleOf(element);
        if (element.closest("svg") && element.localName !== "svg") continue;
        const box = element.getBoundingClientRect();
        if (!holder && style.display !== "inline" && style.display !== "contents") {
          holder = element;
          if (right > box.right + hangs || left < box.left - 1) {
            const cut = /hidden|clip/.test(style.overflowX);
            if (/auto|scroll/.test(style.overflowX)) { isFree = true; break; }
            if (cut && style.textOverflow === "ellipsis" && isTold(element)) { isFree = true; break; }
            found.add(`${name(element)} ${cut ? "cuts" : "is too narrow for"} ${text} by ${Math.round(Math.max(right - box.right, box.left - left))}`);
            if (cut) { isFree = true; break; }
          }
        }
        if (/auto|scroll/.test(style.overflowX)) { isFree = true; break; }
        if (/hidden|clip/.test(style.overflowX) && (right > box.right + hangs || left < box.left - 1)) {
          if (style.textOverflow === "ellipsis" && isTold(element)) { isFree = true; break; }
          found.add(`${name(element)} cuts ${text} by ${Math.round(Math.max(right - box.right, box.left - left))}`);
          isFree = true;
          break;
        }
        if (/hidden|clip/.test(style.overflowY) && bottom > box.bottom + 2) found.add(`${name(element)} cuts the lower part of ${text}`);
      }
      if (!isFree && (right > innerWidth + 1 || left < -1)) found.add(`${text} of ${name(node.parentElement)} stands outside: ${Math.round(left)} to ${Math.round(right)}`);
    }

    const ruler = document.createElement("canvas").getContext("2d");
    for (const box of /** @type {any} */ (document.querySelectorAll("input[placeholder]"))) {
      const style = getComputedStyle(box, "::placeholder");
      const own = styleOf(box);
      if (!ruler || box.value || !box.clientWidth) continue;
      ruler.font = `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
      const room = box.clientWidth - parseFloat(own.paddingLeft) - parseFloat(own.paddingRight);
      const wide = ruler.measureText(box.placeholder).width;
      if (wide > room + 1 && style.textOverflow !== "ellipsis" && own.textOverflow !== "ellipsis") found.add(`${name(box)} has room for ${Math.round(room)} of ${Math.round(wide)} of ${JSON.stringify(box.placeholder)}`);
    }

    // What stays in view while the rest scrolls leaves room for it.
    for (const element of document.querySelectorAll("body *")) {
      const { position } = styleOf(element);
      if ((position === "sticky" || position === "fixed") && !element.closest("dialog") && element.getBoundingClientRect().height > innerHeight / 3 && styleOf(element).clipPath === "none")
        found.add(`${name(element)} keeps ${Math.round(element.getBoundingClientRect().height)} of ${innerHeight} for itself`);
    }
    return [...found];
  }, SCROLLED);

/** What is wrong with a page as it is printed: controls, which paper has no use for, and texts that are cut. */
export const printed = (page) =>
  page.evaluate(() => {
    const found = new Set();
    const isSeen = (element) => element.getClientRects().length > 0 && getComputedStyle(element).visibility === "visible";
    for (const control of document.querySelectorAll("button:not(.digest, .link, [aria-expanded]), input[type=file], header nav, .tabs, dialog[open], .notice"))
      if (isSeen(control) && control.textContent.trim()) found.add(`${control.tagName.toLowerCase()} ${control.className} ${JSON.stringify(control.textContent.trim().slice(0, 40))}`);
    for (const element of document.querySelectorAll("body *")) {
      const style = getComputedStyle(element);
      const isScrolled = /auto|scroll/.test(`${style.overflowX} ${style.overflowY}`);
      if (isScrolled && (element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1) && !element.matches("textarea, #file-rows"))
        found.add(`${element.tagName.toLowerCase()}.${element.className} holds more than it shows`);
    }
    return [...found];
  });

/** What moves on a page, or would when it changes; a line each. */
export const moving = (page) =>
  page.evaluate(() => {
    const found = new Set();
    for (const element of document.querySelectorAll("*"))
      for (const part of [undefined, "::before", "::after"]) {
        const style = getComputedStyle(element, part);
        const isLong = (durations) => durations.split(",").some((duration) => parseFloat(duration) > 0);
        const name = `${element.localName}.${element.getAttribute("class") ?? ""}${part ?? ""}`;
        if (isLong(style.transitionDuration)) found.add(`${name} changes within ${style.transitionDuration}`);
        if (style.animationName !== "none" && isLong(style.animationDuration)) found.add(`${name} is animated by ${style.animationName}`);
        if (style.scrollBehavior === "smooth") found.add(`${name} scrolls smoothly`);
      }
    if (document.getAnimations().length > 0) found.add(`${document.getAnimations().length} animations run`);
    return [...found];
  });
