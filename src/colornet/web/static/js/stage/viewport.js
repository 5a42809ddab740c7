/** Where the photograph lies on the stage: its scale and position, and places in both. */

import { $, clamp } from "../dom.js";

const MAX_ZOOM = 16; // device pixels for one of the photograph
const MAX_FIT = 4; // CSS pixels for one of the photograph when it is fitted to the window
const LEAST = 100; // CSS pixels of the stage's width and height that are left to the photograph
const EDGE = 20; // CSS pixels between a place that is to be seen and the edge
const PIXELATED = 3; // device pixels for one of the photograph, from which its pixels are shown

/** @typedef {[x: number, y: number]} Point */

/** Tells of every change by the event "change". */
export class Viewport extends EventTarget {
  /** @param {HTMLElement} stage */
  constructor(stage) {
    super();
    this.stage = stage;
    this.width = 0; // of the photograph, in its own pixels; 0: there is none
    this.height = 0;
    this.fitted = true; // whether it is kept as large as the stage allows
    this.x = 0; // of its upper left corner on the stage, in CSS pixels
    this.y = 0;
    this.scale = 1; // CSS pixels for one of the photograph
    this.inset = [0, 0]; // CSS pixels at the right and at the bottom of the stage that are left to something else
    new ResizeObserver(() => this.layout()).observe(stage);
  }

  /**
   * Another photograph, or another idea of its size; if it is zoomed, that stays, as far as that can be.
   * @param {number} width in pixels
   * @param {number} height
   */
  setSize(width, height) {
    const { clientWidth, clientHeight } = this.stage;
    const isOther = width !== this.width || height !== this.height;
    const kept = isOther && !this.fitted && this.width
      ? { middle: this.toFractions(clientWidth / 2, clientHeight / 2), zoom: this.scale / this.#fitScale() }
      : null;
    this.width = width;
    this.height = height;
    if (kept) {
      this.scale = clamp(kept.zoom * this.#fitScale(), 0.001, MAX_ZOOM / this.density);
      this.x = clientWidth / 2 - kept.middle[0] * width * this.scale;
      this.y = clientHeight / 2 - kept.middle[1] * height * this.scale;
    }
    this.layout();
  }

  get density() {
    return window.devicePixelRatio || 1;
  }

  /** Device pixels for one of the photograph. */
  get zoomLevel() {
    return this.scale * this.density;
  }

  /** Put the photograph where it belongs. */
  layout() {
    const [width, height] = this.#room;
    if (!this.width || !width) return;
    if (this.fitted) this.scale = this.#fitScale();
    const shownWidth = this.width * this.scale;
    const shownHeight = this.height * this.scale;
    const place = (at, shown, room) =>
      shown <= room ? (room - shown) / 2 : clamp(at, room - shown, 0);
    this.x = place(this.x, shownWidth, width);
    this.y = place(this.y, shownHeight, height);
    const sheet = $("sheet");
    sheet.style.width = `${shownWidth}px`;
    sheet.style.height = `${shownHeight}px`;
    sheet.style.transform = `translate(${this.x}px, ${this.y}px)`;
    sheet.classList.toggle("close-up", this.zoomLevel >= PIXELATED);
    $("zoom-level").textContent = `${Math.round(this.zoomLevel * 100)} %`;
    this.dispatchEvent(new Event("change"));
  }

  get #room() {
    return [this.stage.clientWidth - this.inset[0], this.stage.clientHeight - this.inset[1]];
  }

  #fitScale() {
    const [width, height] = this.#room;
    const margin = width > 700 ? 28 : 8;
    const scale = Math.min((width - 2 * margin) / this.width, (height - 2 * margin) / this.height);
    return clamp(scale, 0.001, MAX_FIT);
  }

  fit() {
    this.fitted = true;
    this.layout();
  }

  /**
   * Zoom, with a place of the stage staying where it is.
   * @param {number} scale CSS pixels for one of the photograph
   */
  zoom(scale, x = this.stage.clientWidth / 2, y = this.stage.clientHeight / 2) {
    scale = clamp(scale, Math.min(this.#fitScale(), 1 / this.density), MAX_ZOOM / this.density);
    this.x = x - ((x - this.x) * scale) / this.scale;
    this.y = y - ((y - this.y) * scale) / this.scale;
    this.scale = scale;
    this.fitted = false;
    this.layout();
  }

  actualSize() {
    this.zoom(1 / this.density);
  }

  /**
   * Put the photograph's upper left corner there.
   * @param {number} x CSS pixels of the stage
   * @param {number} y
   */
  moveTo(x, y) {
    this.x = x;
    this.y = y;
    this.layout();
  }

  /**
   * Leave the right or the bottom of the stage to something else, and show a place beside it.
   * @param {[right: number, bottom: number]} inset CSS pixels
   * @param {Point} place in fractions of the photograph
   */
  giveWay([right, bottom], place) {
    const { clientWidth, clientHeight } = this.stage;
    this.inset = [Math.min(right, clientWidth - LEAST), Math.min(bottom, clientHeight - LEAST)];
    this.layout();
    const [x, y] = this.toStage(place);
    const [width, height] = this.#room;
    this.moveTo(this.x - Math.max(x - width + EDGE, 0), this.y - Math.max(y - height + EDGE, 0));
  }

  /** Take all of the stage again. */
  takeAll() {
    if (!this.inset.some(Boolean)) return;
    this.inset = [0, 0];
    this.layout();
  }

  /** The part of the stage that the photograph covers, in CSS pixels. */
  get covered() {
    return {
      left: Math.max(this.x, 0),
      right: Math.min(this.x + this.width * this.scale, this.stage.clientWidth),
      top: Math.max(this.y, 0),
      bottom: Math.min(this.y + this.height * this.scale, this.stage.clientHeight),
    };
  }

  /**
   * The part of the photograph that the stage shows.
   * @returns {[x: number, y: number, width: number, height: number]} in pixels of the photograph
   */
  get region() {
    const { clientWidth, clientHeight } = this.stage;
    const x0 = clamp(Math.floor(-this.x / this.scale), 0, this.width - 1);
    const y0 = clamp(Math.floor(-this.y / this.scale), 0, this.height - 1);
    const x1 = clamp(Math.ceil((clientWidth - this.x) / this.scale), x0 + 1, this.width);
    const y1 = clamp(Math.ceil((clientHeight - this.y) / this.scale), y0 + 1, this.height);
    return [x0, y0, x1 - x0, y1 - y0];
  }

  /**
   * Stage pixels -> fractions of the photograph.
   * @returns {Point}
   */
  toFractions(x, y) {
    return [(x - this.x) / this.scale / this.width, (y - this.y) / this.scale / this.height];
  }

  /**
   * Fractions of the photograph -> stage pixels.
   * @param {Point} place
   * @returns {Point}
   */
  toStage([x, y]) {
    return [this.x + x * this.width * this.scale, this.y + y * this.height * this.scale];
  }

  /**
   * Where a pointer is.
   * @param {{clientX: number, clientY: number}} event
   * @returns {Point} stage pixels
   */
  pointerAt(event) {
    const box = this.stage.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }
}
