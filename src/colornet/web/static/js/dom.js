/** Small helpers around the document. */

/**
 * The element of that id, of whatever kind.
 * @param {string} id
 * @returns {any}
 */
export const $ = (id) => document.getElementById(id);
export const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
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

/** One of the drawings at the top of the page. */
export function icon(name) {
  const svg = makeSvg("svg");
  svg.append(makeSvg("use", { href: `#i-${name}` }));
  return svg;
}

/** Tell those who use a screen reader. */
export function announce(text) {
  $("status").textContent = text;
}

/** Tell everybody, for a while. */
export function toast(text, seconds = 9) {
  const close = make("button", { className: "icon small", "aria-label": "Dismiss" }, icon("close"));
  const box = make("div", { className: "toast" }, make("p", { textContent: text }), close);
  close.onclick = () => box.remove();
  setTimeout(() => box.remove(), seconds * 1000);
  $("toasts").append(box);
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

/** Hand a file over to the browser. */
export function saveFile(blob, name) {
  const url = URL.createObjectURL(blob);
  make("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** Show a range input's value: its filled part, and the number in words. */
export function showRange(input, output, text) {
  const share = (input.value - input.min) / (input.max - input.min);
  input.style.setProperty("--fill", `${share * 100}%`);
  input.setAttribute("aria-valuetext", text);
  output.textContent = text;
}
