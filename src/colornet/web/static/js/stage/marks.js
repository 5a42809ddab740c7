/** What is drawn over the photograph: its corrections, and the crosshair of the keyboard. */

import { $, makeSvg } from "../dom.js";
import { KEEP } from "../photo.js";

const HIT = 16; // pixels around a mark that still mean it

/** @typedef {import("./viewport.js").Point} Point */

export class Marks {
  /** @param {import("./viewport.js").Viewport} viewport */
  constructor(viewport) {
    this.viewport = viewport;
    this.photo = null;
    this.selected = -1; // index of the hint that is being changed
    /** @type {import("../photo.js").Hint | null} */
    this.pending = null; // a hint that has no color yet
    /** @type {Point | null} */
    this.cursor = null; // the crosshair, in fractions
    viewport.addEventListener("change", () => this.draw());
  }

  draw() {
    const hints = this.photo?.state.hints ?? [];
    const all = this.pending ? [...hints, this.pending] : hints;
    $("marks").replaceChildren(...all.flatMap((hint, index) => this.#drawHint(hint, index)));
    const crosshair = $("crosshair");
    crosshair.hidden = !this.cursor;
    if (!this.cursor) return;
    const [x, y] = this.viewport.toStage(this.cursor);
    crosshair.style.left = `${x}px`;
    crosshair.style.top = `${y}px`;
  }

  #drawHint(hint, index) {
    const { viewport } = this;
    const points = hint.points.map((point) => viewport.toStage(point));
    const fill = hint.color && hint.color !== KEEP ? hint.color : "rgb(255 255 255 / .35)";
    const chosen = index === this.selected || !hint.color;
    const [x, y] = middle(points);
    const ring = makeSvg("circle", { cx: x, cy: y, r: 8, fill, class: chosen ? "ring on" : "ring" });
    if (points.length === 1) return [ring];
    const path = points.map((point) => point.join(",")).join(" ");
    const width = 2 * hint.radius * Math.max(viewport.width, viewport.height) * viewport.scale;
    const line = { points: path, "stroke-linejoin": "round", "stroke-linecap": "round" };
    const outline = makeSvg("polyline", { ...line, class: "outline", "stroke-width": 1.5 });
    if (!chosen) return [outline, ring];
    return [makeSvg("polyline", { ...line, class: "stroke", stroke: fill, "stroke-width": width }), outline, ring];
  }

  /**
   * The hint whose mark is at a place of the stage.
   * @returns {number} its index; -1: there is none
   */
  at(x, y) {
    return this.photo.state.hints.findLastIndex(({ points }) => {
      const [markX, markY] = this.viewport.toStage(middle(points));
      return Math.hypot(markX - x, markY - y) < HIT;
    });
  }
}

/**
 * The point of a stroke at which its mark is.
 * @param {Point[]} points
 */
export function middle(points) {
  return points[Math.floor(points.length / 2)];
}
