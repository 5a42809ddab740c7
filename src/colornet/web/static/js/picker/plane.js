/** All colors that sRGB has at one lightness, to choose from. */

import { fromHex, isInGamut, labToRgb, rgbToLab, toHex } from "../color.js";
import { nearestName } from "../color-names.js";
import { clamp } from "../dom.js";
import { t } from "../texts.js";

const LIMIT = 110; // Lab units: no sRGB color has a larger |a*| or |b*|
const MARGIN = 6; // Lab units around the colors that there are
const GRAIN = 2; // pixels of a dot of the drawing
const STEP = 3; // Lab units for an arrow key; five times as much with Shift
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

export class Plane {
  /**
   * @param {HTMLElement} element that holds a canvas and a marker
   * @param {(color: string, final: boolean) => void} choose is told of each color, and which is final
   */
  constructor(element, choose) {
    this.element = element;
    this.choose = choose;
    this.canvas = /** @type {HTMLCanvasElement} */ (element.querySelector("canvas"));
    this.marker = /** @type {HTMLElement} */ (element.querySelector("i"));
    this.lightness = 50;
    this.limit = LIMIT; // Lab units from the middle of the drawing to its edges
    this.color = null; // that is chosen
    this.ab = [0, 0]; // of it, as far as it can be had
    this.drawn = null; // the lightness that is drawn
    element.addEventListener("pointerdown", (event) => {
      element.setPointerCapture(event.pointerId);
      this.#point(event, false);
    });
    for (const type of ["pointermove", "pointerup"]) {
      element.addEventListener(type, (event) => {
        if (element.hasPointerCapture(event.pointerId)) this.#point(event, type === "pointerup");
      });
    }
    element.addEventListener("keydown", (event) => this.#key(event));
  }

  /** @param {number} lightness 0..100 */
  draw(lightness) {
    this.lightness = lightness;
    if (this.drawn === lightness) return;
    this.drawn = lightness;
    this.limit = extent(lightness) + MARGIN;
    const { canvas } = this;
    const context = canvas.getContext("2d");
    context.clearRect(0, 0, canvas.width, canvas.height);
    for (let y = 0; y < canvas.height; y += GRAIN) {
      for (let x = 0; x < canvas.width; x += GRAIN) {
        const lab = this.#labAt((x + GRAIN / 2) / canvas.width, (y + GRAIN / 2) / canvas.height);
        if (!isInGamut(lab)) continue;
        context.fillStyle = toHex(labToRgb(lab));
        context.fillRect(x, y, GRAIN, GRAIN);
      }
    }
    this.#placeMarker();
  }

  /** @param {string | null} color "#rrggbb" that is chosen, if one is */
  mark(color) {
    this.color = color;
    this.element.setAttribute("aria-valuetext", color ? `${nearestName(color)} ${color}` : t("picker.plane-none"));
    this.#placeMarker();
  }

  #placeMarker() {
    const [, wantedA, wantedB] = this.color ? rgbToLab(fromHex(this.color)) : [0, 0, 0];
    const [, a, b] = rgbToLab(labToRgb([this.lightness, wantedA, wantedB]));
    this.ab = [a, b];
    this.marker.hidden = !this.color;
    this.marker.style.left = `${clamp((a / this.limit + 1) / 2, 0, 1) * 100}%`;
    this.marker.style.top = `${clamp((1 - b / this.limit) / 2, 0, 1) * 100}%`;
  }

  /** @returns {import("../color.js").Lab} at fractions of the plane */
  #labAt(x, y) {
    return [this.lightness, (2 * x - 1) * this.limit, (1 - 2 * y) * this.limit];
  }

  #point(event, final) {
    const box = this.element.getBoundingClientRect();
    if (!box.width) return; // it was closed while the pointer was down
    const lab = this.#labAt((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
    this.choose(toHex(labToRgb(lab)), final);
  }

  #key(event) {
    const step = !event.altKey && ARROWS[event.key];
    if (!step) return;
    event.preventDefault();
    const size = event.shiftKey ? 5 * STEP : STEP;
    const [a, b] = this.ab;
    this.choose(toHex(labToRgb([this.lightness, a + step[0] * size, b + step[1] * size])), true);
  }
}

/** The largest |a*| or |b*| that sRGB has at a lightness. */
function extent(lightness) {
  let most = 0;
  for (let a = -LIMIT; a <= LIMIT; a += 4) {
    for (let b = -LIMIT; b <= LIMIT; b += 4) {
      if (isInGamut([lightness, a, b])) most = Math.max(most, Math.abs(a), Math.abs(b));
    }
  }
  return most;
}
