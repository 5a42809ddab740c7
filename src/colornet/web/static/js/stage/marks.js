/** What is drawn over the photograph: its corrections, the crosshair of the keyboard, the brush at the pointer. */

import { $, clamp, makeSvg } from "../dom.js";
import { KEEP } from "../guidance.js";

const HIT = 16; // pixels around a mark that still mean it

/** @typedef {import("./viewport.js").Point} Point */

export class Marks {
  /** @param {import("./viewport.js").Viewport} viewport */
  constructor(viewport) {
    this.viewport = viewport;
    this.photo = null;
    this.selected = -1; // index of the hint that is being changed
    /** @type {import("../guidance.js").Hint | null} */
    this.pending = null; // a hint that has no color yet
    /** @type {Point | null} */
    this.cursor = null; // the crosshair, in fractions
    /** @type {Point | null} */
    this.pointer = null; // where the brush is, in stage pixels
    this.brush = 0.03; // its radius, as a share of the photograph's longer side
    viewport.addEventListener("change", () => this.draw());
  }

  /**
   * Show which hint is being changed.
   * @param {number} index -1: none of those that there are
   * @param {import("../guidance.js").Hint | null} pending one that has no color yet
   */
  select(index, pending = null) {
    this.selected = index;
    this.pending = pending;
    this.draw();
  }

  /** Hints as they are shown, also while one is being moved. */
  get hints() {
    return this.photo?.hints ?? [];
  }

  draw() {
    const { hints } = this;
    const all = this.pending ? [...hints, this.pending] : hints;
    $("marks").replaceChildren(...all.flatMap((hint, index) => this.#drawHint(hint, index)));
    const crosshair = $("crosshair");
    crosshair.hidden = !this.cursor;
    if (this.cursor) {
      const [x, y] = this.viewport.toStage(this.cursor);
      crosshair.style.left = `${x}px`;
      crosshair.style.top = `${y}px`;
    }
    this.drawBrush();
  }

  /** The brush where the pointer is, as large as it colors. */
  drawBrush() {
    const ring = $("brush-ring");
    ring.hidden = !this.pointer || !this.photo?.after;
    if (ring.hidden) return;
    const size = 2 * this.#pixels(this.brush);
    ring.style.width = ring.style.height = `${size}px`;
    ring.style.left = `${this.pointer[0] - size / 2}px`;
    ring.style.top = `${this.pointer[1] - size / 2}px`;
  }

  /** A share of the photograph's longer side, in stage pixels. */
  #pixels(share) {
    return share * Math.max(this.viewport.width, this.viewport.height) * this.viewport.scale;
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
    const width = 2 * this.#pixels(hint.radius);
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
    return this.hints.findLastIndex(({ points }) => {
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

/**
 * A hint somewhere else, as far as the photograph reaches.
 * @param {import("../guidance.js").Hint} hint
 * @param {number} dx fraction of the photograph's width
 * @param {number} dy fraction of its height
 */
export function moved(hint, dx, dy) {
  const shift = (axis, by) => {
    const values = hint.points.map((point) => point[axis]);
    return clamp(by, -Math.min(...values), 0.9999 - Math.max(...values));
  };
  const [right, down] = [shift(0, dx), shift(1, dy)];
  return { ...hint, points: hint.points.map(([x, y]) => /** @type {Point} */ ([x + right, y + down])) };
}
