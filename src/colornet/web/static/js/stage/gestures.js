/** Pointers and keys on the stage: they move and zoom the photograph, point at places, and brush. */

import { ARROWS, announce, clamp } from "../dom.js";
import { t } from "../texts.js";

export const CLICK = 5; // pixels that a pointer may move and still click
const BRUSH_STEP = 4; // pixels between two points of a stroke
const CURSOR_STEP = 12; // pixels for an arrow key
const PAN_STEP = 80; // pixels for an arrow key with Shift
const EDGE = 20; // pixels between the crosshair and the edge of the stage

/**
 * Tells by events, in their details:
 * "spot", a color is wanted: the points in fractions, the brush's radius, and the index of the hint
 * that was meant, or -1;
 * "sample", the color at a place, in fractions, is to be taken;
 * "move", a hint's index and how far it was moved, in fractions, and whether that is all;
 * "remove", a hint's index;
 * "stroke", a stroke while it is drawn: its points and the brush's radius, or null if it came to nothing.
 */
export class Gestures extends EventTarget {
  /**
   * @param {import("./viewport.js").Viewport} viewport
   * @param {import("./marks.js").Marks} marks
   */
  constructor(viewport, marks) {
    super();
    this.viewport = viewport;
    this.marks = marks;
    this.photo = null;
    /** @type {"point" | "brush" | "pan"} */
    this.tool = "point";
    this.sampling = false; // whether a click takes a color
    this.pointers = new Map();
    /** @type {"click" | "pan" | "brush" | "mark" | "pinch" | null} */
    this.gesture = null;
    this.#listen(viewport.stage);
  }

  /** @param {"point" | "brush" | "pan"} tool */
  setTool(tool) {
    this.tool = tool;
    this.viewport.stage.dataset.tool = tool;
    this.#hover(null);
  }

  #listen(stage) {
    stage.addEventListener("pointerdown", (event) => this.#down(event));
    stage.addEventListener("pointermove", (event) => this.#move(event));
    stage.addEventListener("pointerleave", () => this.#hover(null));
    stage.addEventListener("contextmenu", (event) => event.pointerType === "touch" && event.preventDefault());
    stage.addEventListener("pointerup", (event) => this.#up(event));
    stage.addEventListener("pointercancel", (event) => this.#up(event));
    stage.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    stage.addEventListener("keydown", (event) => this.#key(event));
    stage.addEventListener("blur", () => {
      this.marks.cursor = null;
      this.marks.draw();
    });
  }

  /**
   * Ask for a color at a place of the stage.
   * @param {number} x CSS pixels
   * @param {number} y
   */
  pick(x, y) {
    if (!this.photo?.after) return;
    const point = this.viewport.toFractions(x, y);
    if (this.sampling) {
      if (isInside(point)) this.#tell("sample", point);
      return;
    }
    const index = this.marks.at(x, y);
    if (index < 0 && !isInside(point)) return;
    this.#tell("spot", { points: [point], radius: 0, index });
  }

  #tell(event, detail) {
    this.dispatchEvent(new CustomEvent(event, { detail }));
  }

  /** Show the brush at the pointer, if it is a brush that one could use there. */
  #hover(place) {
    this.marks.pointer = this.tool === "brush" && !this.sampling ? place : null;
    this.marks.drawBrush();
  }

  // Pointers

  #down(event) {
    if (!this.photo || event.target.closest("button")) return;
    const [x, y] = this.viewport.pointerAt(event);
    const isForDivider = event.target.closest("#divider"); // unless another finger makes it a pinch
    this.pointers.set(event.pointerId, { x, y });
    if (this.pointers.size !== 1 || !isForDivider) {
      for (const id of this.pointers.keys()) this.viewport.stage.setPointerCapture(id);
    }
    if (this.pointers.size === 2) {
      this.end();
      this.pinch = this.#pinchNow();
      this.gesture = "pinch";
    } else if (this.pointers.size === 1) {
      this.start = { x, y, left: this.viewport.x, top: this.viewport.y, button: event.button };
      this.gesture = isForDivider ? null : this.#begin(x, y, event.button);
    }
    this.marks.draw();
  }

  /** What pressing a button there means. */
  #begin(x, y, button) {
    if (button !== 0 || this.tool === "pan" || this.sampling || !this.photo.after) return "click";
    this.start.mark = this.marks.at(x, y);
    if (this.start.mark >= 0) return "mark";
    if (this.tool !== "brush") return "click";
    this.marks.pending = { points: [this.viewport.toFractions(x, y)], radius: this.marks.brush };
    return "brush";
  }

  #move(event) {
    const place = this.viewport.pointerAt(event);
    this.#hover(event.pointerType === "touch" ? null : place);
    const pointer = this.pointers.get(event.pointerId);
    if (!pointer) return;
    [pointer.x, pointer.y] = place;
    if (this.gesture === "pinch") this.#movePinch();
    else if (this.gesture === "brush") this.#moveBrush(pointer);
    else if (this.gesture === "mark") this.#moveMark(pointer, false);
    else this.#movePan(pointer);
  }

  #moveMark(pointer, final) {
    const dx = pointer.x - this.start.x;
    const dy = pointer.y - this.start.y;
    this.start.dragged ||= Math.hypot(dx, dy) > CLICK;
    if (!this.start.dragged) return;
    const { width, height, scale } = this.viewport;
    this.#tell("move", { index: this.start.mark, dx: dx / scale / width, dy: dy / scale / height, final });
  }

  #movePan(pointer) {
    const dx = pointer.x - this.start.x;
    const dy = pointer.y - this.start.y;
    if (this.gesture === "click" && Math.hypot(dx, dy) > CLICK) this.gesture = "pan";
    if (this.gesture !== "pan") return;
    this.viewport.stage.classList.add("panning");
    this.viewport.moveTo(this.start.left + dx, this.start.top + dy);
  }

  #up(event) {
    const pointer = this.pointers.get(event.pointerId);
    if (!pointer) return;
    this.pointers.delete(event.pointerId);
    if (this.pointers.size) return;
    const { gesture } = this;
    this.gesture = null;
    this.viewport.stage.classList.remove("panning");
    if (event.type === "pointercancel") this.#cancel();
    else if (gesture === "mark" && this.start.dragged) this.#moveMark(pointer, true);
    else if (gesture === "mark") this.pick(pointer.x, pointer.y);
    else if (gesture === "click" && this.start.button === 0 && this.tool !== "pan") this.pick(pointer.x, pointer.y);
    else if (gesture === "brush") this.#endBrush();
    this.marks.draw();
  }

  #cancel() {
    this.marks.pending = null;
    this.#tell("stroke", null);
  }

  /** End a stroke, or the moving of a mark: what it was meant for is no longer shown, or no longer what it was. */
  end() {
    if (this.gesture !== "brush" && this.gesture !== "mark") return;
    this.gesture = null;
    this.#cancel();
  }

  #pinchNow() {
    const [a, b] = [...this.pointers.values()];
    return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, gap: Math.hypot(a.x - b.x, a.y - b.y) };
  }

  #movePinch() {
    if (this.pointers.size < 2) return;
    const { viewport } = this;
    const now = this.#pinchNow();
    viewport.x += now.x - this.pinch.x;
    viewport.y += now.y - this.pinch.y;
    viewport.zoom((viewport.scale * now.gap) / Math.max(this.pinch.gap, 1), now.x, now.y);
    this.pinch = now;
  }

  #moveBrush({ x, y }) {
    const { points } = this.marks.pending;
    const [lastX, lastY] = this.viewport.toStage(points.at(-1));
    if (Math.hypot(x - lastX, y - lastY) < BRUSH_STEP) return;
    points.push(this.viewport.toFractions(x, y));
    this.marks.draw();
    this.#tell("stroke", { points: points.filter(isInside), radius: this.marks.brush });
  }

  #endBrush() {
    const points = this.marks.pending.points.filter(isInside);
    this.marks.pending = null;
    if (!points.length) this.#tell("stroke", null);
    else this.#tell("spot", { points, radius: this.marks.brush, index: -1 });
  }

  #wheel(event) {
    event.preventDefault();
    const lines = event.deltaMode ? 20 : 1;
    const speed = event.ctrlKey ? 0.01 : 0.0018;
    const factor = Math.exp(-event.deltaY * lines * speed);
    this.viewport.zoom(this.viewport.scale * factor, ...this.viewport.pointerAt(event));
  }

  // Keys

  #key(event) {
    const { viewport } = this;
    if (event.target !== viewport.stage || !this.photo || event.ctrlKey || event.metaKey) return;
    const step = ARROWS[event.key];
    if (step && event.shiftKey) viewport.moveTo(viewport.x - step[0] * PAN_STEP, viewport.y - step[1] * PAN_STEP);
    else if (step) this.#moveCursor(step);
    else if (event.key === "Enter" || event.key === " ") this.#pickAtCursor();
    else if ((event.key === "Delete" || event.key === "Backspace") && this.marks.cursor) this.#removeAtCursor();
    else return;
    event.preventDefault();
  }

  #pickAtCursor() {
    const { clientWidth, clientHeight } = this.viewport.stage;
    this.marks.cursor ??= this.viewport.toFractions(clientWidth / 2, clientHeight / 2);
    this.pick(...this.viewport.toStage(this.marks.cursor));
  }

  #removeAtCursor() {
    const index = this.marks.at(...this.viewport.toStage(this.marks.cursor));
    if (index >= 0) this.#tell("remove", index);
  }

  #moveCursor([dx, dy]) {
    const { viewport, marks } = this;
    const { clientWidth, clientHeight } = viewport.stage;
    const [x, y] = marks.cursor ? viewport.toStage(marks.cursor) : [clientWidth / 2, clientHeight / 2];
    const step = marks.cursor ? CURSOR_STEP : 0; // at first it appears in the middle
    const [fx, fy] = viewport.toFractions(x + dx * step, y + dy * step);
    marks.cursor = [clamp(fx, 0, 0.9999), clamp(fy, 0, 0.9999)];
    const [cx, cy] = viewport.toStage(marks.cursor);
    viewport.moveTo(
      viewport.x - Math.min(cx - EDGE, 0) - Math.max(cx - clientWidth + EDGE, 0),
      viewport.y - Math.min(cy - EDGE, 0) - Math.max(cy - clientHeight + EDGE, 0),
    );
    const [left, top] = marks.cursor.map((share) => Math.round(share * 100));
    announce(t("stage.cursor", { left, top }));
  }
}

/** @param {import("./viewport.js").Point} place in fractions */
function isInside([x, y]) {
  return x >= 0 && x < 1 && y >= 0 && y < 1;
}
