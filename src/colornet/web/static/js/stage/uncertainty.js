/** Where the model is unsure of the color, and a click is worth most. */

import { $, make } from "../dom.js";
import { t } from "../texts.js";

const MOST = 5; // places that are numbered
const LEAST = 0.25; // uncertainty, 0..1, that is worth a number
const MAX_ALPHA = 215; // of the overlay, 0..255, where the photograph is least sure
const APART = 0.18; // between two numbers, as a share of the photograph's longer side

/** Tells by the event "pick" which place was chosen: its detail is the place in fractions. */
export class Uncertainty extends EventTarget {
  /** @param {import("./viewport.js").Viewport} viewport */
  constructor(viewport) {
    super();
    this.viewport = viewport;
    /** @type {[x: number, y: number][]} */
    this.places = [];
    viewport.addEventListener("change", () => this.#layout());
  }

  get shown() {
    return !$("uncertainty").hidden;
  }

  /** @param {number[][]} rows from 0, sure, to 1, anything could be */
  show(rows) {
    draw($("uncertainty"), rows);
    this.places = strongest(rows, this.viewport.width / this.viewport.height);
    $("unsure-places").replaceChildren(...this.places.map((place, index) => {
      const button = make("button", {
        textContent: String(index + 1), "aria-label": t("stage.unsure-place", { number: index + 1 }),
      });
      button.onclick = () => this.dispatchEvent(new CustomEvent("pick", { detail: place }));
      return button;
    }));
    $("uncertainty").hidden = $("unsure-places").hidden = false;
    $("unsure").setAttribute("aria-pressed", "true");
    this.#layout();
  }

  hide() {
    $("uncertainty").hidden = $("unsure-places").hidden = true;
    $("unsure").setAttribute("aria-pressed", "false");
  }

  #layout() {
    if (!this.shown) return;
    for (const [index, place] of this.places.entries()) {
      const [x, y] = this.viewport.toStage(place);
      const { style } = $("unsure-places").children[index];
      style.left = `${x}px`;
      style.top = `${y}px`;
    }
  }
}

function draw(canvas, rows) {
  canvas.width = rows[0].length;
  canvas.height = rows.length;
  const context = canvas.getContext("2d");
  const image = context.createImageData(canvas.width, canvas.height);
  const values = rows.flat();
  const least = Math.min(...values);
  const range = Math.max(...values) - least || 1;
  for (const [index, value] of values.entries()) {
    image.data.set([255, 40, 200, Math.round(MAX_ALPHA * ((value - least) / range) ** 2)], 4 * index);
  }
  context.putImageData(image, 0, 0);
}

/**
 * The places of which the model is least sure, not too near to each other.
 * @param {number[][]} rows
 * @param {number} aspect the photograph's width over its height
 * @returns {[x: number, y: number][]} in fractions
 */
function strongest(rows, aspect) {
  const [wide, high] = aspect > 1 ? [1, 1 / aspect] : [aspect, 1]; // of the photograph; its longer side is 1
  const all = rows.flatMap((row, y) => row.map((value, x) => ({
    value, x: (x + 0.5) / row.length, y: (y + 0.5) / rows.length,
  })));
  all.sort((one, other) => other.value - one.value);
  const found = [];
  for (const { value, x, y } of all) {
    if (found.length === MOST || value < LEAST) break;
    if (found.every(([fx, fy]) => Math.hypot((fx - x) * wide, (fy - y) * high) > APART)) found.push([x, y]);
  }
  return found;
}
