/** A box beside a place of the photograph, which can be moved and stays inside the window. */

import { ARROWS, clamp } from "../dom.js";

const GAP = 22; // pixels between the place and the box, at least
const WIDE_GAP = 96; // where there is room, so that one sees what the color does
const MARGIN = 8; // pixels between the box and the edges of the window
const STEP = 24; // pixels for an arrow key with Alt

export class Floating {
  /**
   * @param {HTMLElement} box whose first child is its handle
   * @param {import("../stage/viewport.js").Viewport} viewport
   */
  constructor(box, viewport) {
    this.box = box;
    this.viewport = viewport;
    this.left = this.top = 0;
    /** @type {import("../stage/viewport.js").Point} */
    this.spot = [0, 0]; // the place that it is beside, in fractions of the photograph
    this.isPressed = false; // whether a pointer is down on the stage, below which nothing may move
    this.#listen(/** @type {HTMLElement} */ (box.firstElementChild));
    this.#listenToStage(viewport.stage);
    addEventListener("resize", () => this.keepInside());
    new ResizeObserver(() => this.keepInside()).observe(box);
  }

  /**
   * Put it beside a place, whatever the style sheet makes of it in a small window.
   * @param {import("../stage/viewport.js").Point} place in fractions of the photograph
   */
  place(place) {
    this.spot = place;
    this.box.hidden = false;
    const stage = this.viewport.stage.getBoundingClientRect();
    const [x, y] = this.viewport.toStage(place);
    const { offsetWidth: width, offsetHeight: height } = this.box;
    const onRight = x < stage.width / 2;
    const room = (onRight ? stage.width - x : x) - width - MARGIN;
    const gap = clamp(room, GAP, WIDE_GAP);
    const left = stage.left + (onRight ? x + gap : x - gap - width);
    this.#moveTo(left, Math.max(stage.top + y - height / 2, stage.top + MARGIN));
    this.#uncover();
  }

  /** Move it back into the window. */
  keepInside() {
    if (this.box.hidden) return;
    this.#moveTo(this.left, this.top);
    this.#uncover();
  }

  close() {
    this.box.hidden = true;
    if (!this.isPressed) this.viewport.takeAll();
  }

  /** Where the style sheet has put it to the right, or to the bottom over its place, the photograph gives way. */
  #uncover() {
    const { viewport, spot } = this;
    const stage = viewport.stage.getBoundingClientRect();
    const { left, top, width } = this.box.getBoundingClientRect();
    const isCovered = stage.top + viewport.toStage(spot)[1] >= top - MARGIN;
    if (Math.abs(left - this.left) < 1) viewport.takeAll(); // it floats
    else if (width < stage.width) viewport.giveWay([Math.max(stage.right - left, 0), 0], spot);
    else if (isCovered || viewport.inset[0]) viewport.giveWay([0, stage.bottom - top], spot);
  }

  #moveTo(left, top) {
    const { offsetWidth, offsetHeight } = this.box;
    this.left = clamp(left, MARGIN, Math.max(innerWidth - offsetWidth - MARGIN, MARGIN));
    this.top = clamp(top, MARGIN, Math.max(innerHeight - offsetHeight - MARGIN, MARGIN));
    this.box.style.left = `${this.left}px`;
    this.box.style.top = `${this.top}px`;
  }

  #listenToStage(stage) {
    stage.addEventListener("pointerdown", () => { this.isPressed = true; }, true);
    for (const type of ["pointerup", "pointercancel"]) {
      stage.addEventListener(type, () => {
        this.isPressed = false;
        if (this.box.hidden) this.viewport.takeAll();
      });
    }
  }

  #listen(handle) {
    let from = null;
    handle.addEventListener("pointerdown", (event) => {
      if (event.target.closest("button")) return;
      handle.setPointerCapture(event.pointerId);
      from = { x: event.clientX - this.left, y: event.clientY - this.top };
    });
    handle.addEventListener("pointermove", (event) => {
      if (from && handle.hasPointerCapture(event.pointerId)) this.#moveTo(event.clientX - from.x, event.clientY - from.y);
    });
    this.box.addEventListener("keydown", (event) => {
      const step = event.altKey && ARROWS[event.key];
      if (!step) return;
      event.preventDefault();
      event.stopPropagation();
      this.#moveTo(this.left + step[0] * STEP, this.top + step[1] * STEP);
    });
  }
}
