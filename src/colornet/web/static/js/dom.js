/** Small helpers around the document. */

/**
 * The element of that id, of whatever kind.
 * @param {string} id
 * @returns {any}
 */
export const $ = (id) => document.getElementById(id);
export const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
/** The ways of the arrow keys. */
export const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
export const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");

/**
 * A new element.
 * @param {string} tag
 * @param {Record<string, any>} properties those with a hyphen, and role, are attributes
 * @param {...(Node | string)} children
 * @returns {any}
 */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-") || name === "role") element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children);
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

/**
 * A new element of an SVG drawing.
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 */
export function makeSvg(tag, attributes = {}) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  return element;
}

/** One of the drawings in icons/sprite.svg. */
export function icon(name) {
  const svg = makeSvg("svg");
  svg.append(makeSvg("use", { href: `icons/sprite.svg#${name}` }));
  return svg;
}

/** Tell those who use a screen reader; what is the same again is told again, since it is not quite the same to them. */
export function announce(text = "") {
  const status = $("status");
  status.textContent = text && status.textContent === text ? `${text}\u00a0` : text;
}

/**
 * The function, called once nothing has asked for it for a while.
 * @param {(...given: any[]) => void} run
 * @param {number} milliseconds
 * @returns {(...given: any[]) => void}
 */
export function debounce(run, milliseconds) {
  let timer;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => run(...given), milliseconds);
  };
}

/**
 * Do something with each file that is chosen in an input.
 * @param {string} id of the input
 * @param {(file: File) => void} take
 */
export function onFile(id, take) {
  $(id).onchange = ({ target }) => {
    const [file] = target.files;
    target.value = "";
    if (file) take(file);
  };
}

/** Hand a file over to the browser. */
export function saveFile(blob, name) {
  const url = URL.createObjectURL(blob);
  make("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** Let go of a picture's URL once no element can be loading it any more. */
export function revokeLater(url) {
  if (url) setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/**
 * Show a range input's value: its filled part, and the number in words.
 * @param {HTMLInputElement} input
 * @param {HTMLElement} value
 * @param {string} text
 */
export function showRange(input, value, text) {
  const share = (Number(input.value) - Number(input.min)) / (Number(input.max) - Number(input.min));
  input.style.setProperty("--fill", `${share * 100}%`);
  input.setAttribute("aria-valuetext", text);
  value.textContent = text;
}

/**
 * Show a picture, or none.
 * @param {HTMLImageElement} image
 * @param {string | undefined} url
 */
export function showPicture(image, url) {
  if (!url) image.removeAttribute("src");
  else if (image.getAttribute("src") !== url) image.src = url;
}

/** The number of a share, in words. */
export function percent(share) {
  return `${Math.round(share * 100)} %`;
}

/** Bytes as whole megabytes: those of a file reach at least as far, and those of a limit no further. */
export const megabytes = (bytes, { isLimit = false } = {}) => Math[isLimit ? "floor" : "ceil"](bytes / 2 ** 20);

/** Seconds as minutes and seconds. */
export function clock(seconds) {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
}

/**
 * Bring a list up to date in place, so that the focus stays where it is. If the element that has it
 * goes, the one that takes its place gets it.
 * @template T
 * @param {HTMLElement} box
 * @param {readonly T[]} items
 * @param {{key: (item: T, index: number) => unknown, create: (item: T) => HTMLElement,
 *          update: (element: any, item: T, index: number) => void, fallback: HTMLElement}} how
 *     an item of the same key keeps its element; the fallback gets the focus when nothing is left
 */
export function updateList(box, items, { key, create, update, fallback }) {
  const old = new Map([...box.children].map((child) => [keys.get(child), child]));
  const children = items.map((item, index) => {
    const element = old.get(key(item, index)) ?? create(item);
    keys.set(element, key(item, index));
    update(element, item, index);
    return element;
  });
  const focused = [...box.children].findIndex((child) => child.contains(document.activeElement));
  const lost = focused >= 0 && !children.includes(/** @type {any} */ (box.children[focused]));
  for (const child of old.values()) if (!children.includes(/** @type {any} */ (child))) child.remove();
  for (const [index, child] of children.entries()) {
    if (box.children[index] !== child) box.insertBefore(child, box.children[index] ?? null);
  }
  if (lost) focusIn(children[Math.min(focused, children.length - 1)] ?? fallback);
}

/** @type {WeakMap<Element, unknown>} */
const keys = new WeakMap(); // of the elements of lists

function focusIn(element) {
  const control = element.matches("button, [tabindex]") ? element : element.querySelector("button");
  control?.focus({ preventScroll: true });
}

/**
 * Fill a box with an element for each name, unless they are there.
 * @param {HTMLElement} box
 * @param {string[]} names
 * @param {(name: string, index: number) => Node} create
 */
export function fill(box, names, create) {
  if (box.dataset.names === names.join()) return;
  box.dataset.names = names.join();
  box.replaceChildren(...names.map(create));
}

/**
 * Switch controls on or off; the focus goes elsewhere rather than nowhere.
 * @param {HTMLElement[]} controls
 * @param {boolean} on
 */
export function enable(controls, on) {
  for (const control of /** @type {HTMLButtonElement[]} */ (controls)) {
    if (!on && control === document.activeElement) $("stage").focus({ preventScroll: true });
    control.disabled = !on;
  }
}
