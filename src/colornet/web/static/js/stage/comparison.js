/** The gray original beside the colored picture, and the divider between them. */

import { $, clamp, percent, reducedMotion } from "../dom.js";
import { t } from "../texts.js";
import { CLICK } from "./gestures.js";

const CHIP = 12; // pixels beside the words before and after
const GRIP = 24; // pixels from the middle of the divider's grip to the edge of the stage, at least
const STEP = 0.02; // share of the photograph, for an arrow key
const PAGE = 0.1; // the same with Shift, or for Page Up and Page Down

/** Tells of a click beside the divider's line by the event "click", whose detail is the event. */
export class Comparison extends EventTarget {
  /** @param {import("./viewport.js").Viewport} viewport */
  constructor(viewport) {
    super();
    this.viewport = viewport;
    this.split = 0.5; // where the divider is, as a share of what is seen of the photograph
    this.#listen($("divider"));
    viewport.addEventListener("change", () => this.#layout());
  }

  get on() {
    return this.viewport.stage.classList.contains("comparing");
  }

  set on(on) {
    this.viewport.stage.classList.toggle("comparing", on);
    $("compare").setAttribute("aria-pressed", String(on));
    this.#layout();
  }

  #layout() {
    const { viewport } = this;
    const { left, right, top, bottom } = viewport.covered;
    const at = left + (right - left) * this.split;
    const hidden = this.on ? Math.max(at - viewport.x, 0) : 0;
    $("afters").style.clipPath = `inset(0 0 0 ${hidden}px)`;
    const divider = $("divider");
    divider.style.left = `${at}px`;
    divider.style.top = `${top}px`;
    divider.style.height = `${bottom - top}px`;
    const grip = clamp(at, GRIP, viewport.stage.clientWidth - GRIP) - at; // whole at the edge of the window, too
    divider.firstElementChild.style.translate = `${grip}px`;
    divider.setAttribute("aria-valuenow", String(Math.round(this.split * 100)));
    divider.setAttribute("aria-valuetext", t("stage.divider-value", { share: percent(1 - this.split) }));
    $("chip-before").style.left = `${left}px`;
    $("chip-after").style.left = `${right}px`;
    $("chip-before").style.top = $("chip-after").style.top = `${bottom}px`;
    const hasRoom = right - left > $("chip-before").offsetWidth + $("chip-after").offsetWidth + 3 * CHIP;
    $("chip-before").style.opacity = hasRoom && this.split > 0.12 ? 1 : 0;
    $("chip-after").style.opacity = hasRoom && this.split < 0.88 ? 1 : 0;
  }

  /** @param {number} split from 0, all in color, to 1, all gray */
  setSplit(split) {
    this.split = clamp(split, 0, 1);
    this.#layout();
  }

  /** Show both sides, where one sees only one of them. */
  open() {
    if (this.on && this.split > STEP && this.split < 1 - STEP) return;
    this.on = true;
    this.sweep(0, 0.5, 700);
  }

  /** Move the divider slowly enough to be seen. */
  sweep(from, to, milliseconds = 1400) {
    cancelAnimationFrame(this.sweeping);
    if (reducedMotion.matches || !this.on) {
      this.setSplit(to);
      return;
    }
    const begun = performance.now();
    const step = (now) => {
      const t = clamp((now - begun) / milliseconds, 0, 1);
      const eased = t < 0.5 ? 4 * t ** 3 : 1 - (-2 * t + 2) ** 3 / 2;
      this.setSplit(from + (to - from) * eased);
      if (t < 1) this.sweeping = requestAnimationFrame(step);
    };
    this.setSplit(from);
    this.sweeping = requestAnimationFrame(step);
  }

  /**
   * Move the divider away from a place whose color is to be seen.
   * @param {number} x fraction of the photograph's width
   */
  uncover(x) {
    const { left, right } = this.viewport.covered;
    const share = (this.viewport.toStage([x, 0])[0] - left) / (right - left);
    if (this.on && share < this.split + 0.05) this.sweep(this.split, 0, 500);
  }

  #listen(divider) {
    let pressed = null; // until it is dragged: a click beside the line means the photograph
    divider.addEventListener("pointerdown", (event) => {
      cancelAnimationFrame(this.sweeping);
      divider.setPointerCapture(event.pointerId);
      pressed = event;
    });
    divider.addEventListener("pointermove", (event) => {
      if (!divider.hasPointerCapture(event.pointerId)) return;
      if (pressed && Math.hypot(event.clientX - pressed.clientX, event.clientY - pressed.clientY) < CLICK) return;
      pressed = null;
      const { left, right } = this.viewport.covered;
      this.setSplit((this.viewport.pointerAt(event)[0] - left) / (right - left));
    });
    divider.addEventListener("pointerup", () => {
      if (pressed && !pressed.target.closest(".grip")) {
        this.dispatchEvent(new CustomEvent("click", { detail: pressed }));
      }
    });
    divider.addEventListener("keydown", (event) => {
      const step = event.shiftKey ? PAGE : STEP;
      const to = {
        ArrowLeft: this.split - step, ArrowDown: this.split - step, ArrowRight: this.split + step,
        ArrowUp: this.split + step, PageDown: this.split - PAGE, PageUp: this.split + PAGE, Home: 0, End: 1,
      }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      cancelAnimationFrame(this.sweeping);
      this.setSplit(to);
    });
  }
}
