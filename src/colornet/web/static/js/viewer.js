/** The stage: a photograph that is moved, zoomed, compared with its original, clicked and brushed. */

import { $, announce, clamp, makeSvg, settled, still } from "./dom.js";
import { KEEP } from "./photo.js";

const MOST_ZOOM = 16; // device pixels for one of the photograph
const CLICK = 5; // pixels that a pointer may move and still click
const HIT = 16; // pixels around a mark
const GRIP = 24; // pixels from the border's grip to the edge of the stage
const CLOSE_UP = 3_000_000; // pixels of a part fetched at full size, at most

export class Viewer extends EventTarget {
  constructor() {
    super();
    this.stage = $("stage");
    this.split = 0.5;
    this.tool = "point";
    this.brush = 0.03; // radius, share of the longer side
    this.pointers = new Map();
    this.fitted = true;
    this.x = this.y = 0;
    this.scale = 1; // CSS pixels for one of the photograph
    this.selected = -1; // hint that is being changed
    this.pending = null; // hint that has no color yet
    this.sharpen = settled(() => this.#closeUp(), 250);
    this.#listen();
  }

  /** Turn to a photograph; its pictures may come later. */
  show(photo) {
    this.photo = photo;
    this.fitted = true;
    this.cursor = null;
    this.#dropTile();
    this.refresh();
  }

  /** The pictures or the size have changed. */
  refresh() {
    const { photo } = this;
    if (!photo) return;
    const before = photo.before ?? photo.raw;
    if ($("before").getAttribute("src") !== before) $("before").src = before;
    $("before").classList.toggle("raw", !photo.before);
    if (!photo.after) $("after").removeAttribute("src");
    else if ($("after").getAttribute("src") !== photo.after) $("after").src = photo.after;
    this.stage.setAttribute("aria-label", `Photograph ${photo.name}`);
    this.#dropTile();
    this.layout();
  }

  get width() {
    return this.photo?.width ?? ($("before").naturalWidth || 3);
  }

  get height() {
    return this.photo?.height ?? ($("before").naturalHeight || 2);
  }

  get density() {
    return window.devicePixelRatio || 1;
  }

  /** Put everything where it belongs. */
  layout() {
    const { clientWidth: width, clientHeight: height } = this.stage;
    if (!this.photo || !width) return;
    if (this.fitted) this.scale = this.#fitScale(width, height);
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
    sheet.classList.toggle("close-up", this.scale * this.density >= 3);
    $("zoom-level").textContent = `${Math.round(this.scale * this.density * 100)} %`;
    this.#layoutSplit();
    this.drawMarks();
    this.sharpen();
  }

  #fitScale(width, height) {
    const margin = width > 700 ? 28 : 8;
    const scale = Math.min((width - 2 * margin) / this.width, (height - 2 * margin) / this.height);
    return Math.max(Math.min(scale, 4), 0.001);
  }

  fit() {
    this.fitted = true;
    this.layout();
  }

  /** @param {number} scale CSS pixels for one of the photograph; x, y stay where they are. */
  zoom(scale, x = this.stage.clientWidth / 2, y = this.stage.clientHeight / 2) {
    const { clientWidth, clientHeight } = this.stage;
    const least = Math.min(this.#fitScale(clientWidth, clientHeight), 1 / this.density);
    scale = clamp(scale, least, MOST_ZOOM / this.density);
    this.x = x - ((x - this.x) * scale) / this.scale;
    this.y = y - ((y - this.y) * scale) / this.scale;
    this.scale = scale;
    this.fitted = false;
    this.layout();
  }

  actualSize() {
    this.zoom(1 / this.density);
  }

  // Before and after

  get comparing() {
    return this.stage.classList.contains("comparing");
  }

  set comparing(on) {
    this.stage.classList.toggle("comparing", on);
    $("compare").setAttribute("aria-pressed", String(on));
    this.#layoutSplit();
  }

  /** The part of the stage that the photograph covers, from left to right. */
  #span() {
    const left = Math.max(this.x, 0);
    const right = Math.min(this.x + this.width * this.scale, this.stage.clientWidth);
    return [left, right];
  }

  #layoutSplit() {
    const [left, right] = this.#span();
    const at = left + (right - left) * this.split;
    const hidden = this.comparing ? Math.max(at - this.x, 0) : 0;
    $("afters").style.clipPath = `inset(0 0 0 ${hidden}px)`;
    const blade = $("blade");
    blade.style.left = `${at}px`;
    const grip = clamp(at, GRIP, this.stage.clientWidth - GRIP) - at; // whole at the edge of the window, too
    blade.firstElementChild.style.translate = `${grip}px`;
    const top = Math.max(this.y, 0);
    const bottom = Math.min(this.y + this.height * this.scale, this.stage.clientHeight);
    blade.style.top = `${top}px`;
    blade.style.height = `${bottom - top}px`;
    for (const [chip, x] of [["chip-before", left], ["chip-after", right]]) {
      $(chip).style.left = `${x}px`;
      $(chip).style.top = `${bottom}px`;
    }
    const percent = Math.round((1 - this.split) * 100);
    blade.setAttribute("aria-valuenow", String(Math.round(this.split * 100)));
    blade.setAttribute("aria-valuetext", `${percent} % in color`);
    $("chip-before").style.opacity = this.split > 0.12 ? 1 : 0;
    $("chip-after").style.opacity = this.split < 0.88 ? 1 : 0;
  }

  setSplit(split) {
    this.split = clamp(split, 0, 1);
    this.#layoutSplit();
  }

  /** Move the border there, slowly enough to be enjoyed. */
  sweep(from, to, milliseconds = 1400) {
    cancelAnimationFrame(this.sweeping);
    if (still.matches || !this.comparing) return this.setSplit(to);
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

  /** See to it that a place shows its color. */
  uncover(x) {
    const [left, right] = this.#span();
    const share = (this.x + x * this.width * this.scale - left) / (right - left);
    if (this.comparing && share < this.split + 0.05) this.sweep(this.split, 0, 500);
  }

  // Close-ups: what is seen, at full size, where the picture on screen is smaller than that

  async #closeUp() {
    const { photo } = this;
    if (!photo?.afterWidth || photo.painting || photo.live) return;
    const shown = photo.afterWidth / photo.width;
    if (shown >= 1 || this.scale * this.density <= shown * 1.05) return this.#dropTile();
    const region = this.#seen();
    const key = JSON.stringify([region, photo.id, photo.at]);
    if (region[2] * region[3] > CLOSE_UP || key === this.tileKey) return;
    this.tileAbort?.abort();
    const abort = (this.tileAbort = new AbortController());
    let urls;
    try {
      urls = await photo.region(region, abort.signal);
    } catch {
      return; // the smaller picture stays
    }
    if (abort.signal.aborted || photo !== this.photo) return Object.values(urls).forEach(URL.revokeObjectURL);
    this.#dropTile();
    this.tileKey = key;
    this.tileUrls = urls;
    for (const side of ["before", "after"]) {
      const tile = $(`tile-${side}`);
      tile.src = urls[side];
      tile.style.left = `${(region[0] / photo.width) * 100}%`;
      tile.style.top = `${(region[1] / photo.height) * 100}%`;
      tile.style.width = `${(region[2] / photo.width) * 100}%`;
      tile.style.height = `${(region[3] / photo.height) * 100}%`;
      tile.hidden = false;
    }
  }

  #seen() {
    const x0 = clamp(Math.floor(-this.x / this.scale), 0, this.width - 1);
    const y0 = clamp(Math.floor(-this.y / this.scale), 0, this.height - 1);
    const x1 = clamp(Math.ceil((this.stage.clientWidth - this.x) / this.scale), x0 + 1, this.width);
    const y1 = clamp(Math.ceil((this.stage.clientHeight - this.y) / this.scale), y0 + 1, this.height);
    return [x0, y0, x1 - x0, y1 - y0];
  }

  #dropTile() {
    this.tileKey = null;
    for (const side of ["before", "after"]) $(`tile-${side}`).hidden = true;
    for (const url of Object.values(this.tileUrls ?? {})) URL.revokeObjectURL(url);
    this.tileUrls = null;
  }

  // Places

  /** Stage pixels -> fractions of the photograph. */
  toFractions(x, y) {
    return [(x - this.x) / this.scale / this.width, (y - this.y) / this.scale / this.height];
  }

  /** Fractions of the photograph -> stage pixels. */
  toStage([x, y]) {
    return [this.x + x * this.width * this.scale, this.y + y * this.height * this.scale];
  }

  drawMarks() {
    const hints = this.photo?.state.hints ?? [];
    const all = this.pending ? [...hints, this.pending] : hints;
    $("marks").replaceChildren(...all.flatMap((hint, index) => this.#drawMark(hint, index)));
    const crosshair = $("crosshair");
    crosshair.hidden = !this.cursor;
    if (this.cursor) [crosshair.style.left, crosshair.style.top] = this.toStage(this.cursor).map((at) => `${at}px`);
  }

  #drawMark(hint, index) {
    const points = hint.points.map((point) => this.toStage(point));
    const fill = hint.color && hint.color !== KEEP ? hint.color : "rgb(255 255 255 / .35)";
    const chosen = index === this.selected || !hint.color ? " on" : "";
    const [x, y] = points[Math.floor(points.length / 2)];
    const ring = makeSvg("circle", { cx: x, cy: y, r: 8, fill, class: `ring${chosen}` });
    if (points.length === 1) return [ring];
    const path = points.map((point) => point.join(",")).join(" ");
    const width = 2 * hint.radius * Math.max(this.width, this.height) * this.scale;
    const line = { points: path, "stroke-linejoin": "round", "stroke-linecap": "round" };
    const area = chosen ? [makeSvg("polyline", { ...line, class: "stroke", stroke: fill, "stroke-width": width })] : [];
    return [...area, makeSvg("polyline", { ...line, class: "outline", "stroke-width": 1.5 }), ring];
  }

  #markAt(x, y) {
    const hints = this.photo.state.hints;
    return hints.findLastIndex(({ points }) => {
      const [markX, markY] = this.toStage(points[Math.floor(points.length / 2)]);
      return Math.hypot(markX - x, markY - y) < HIT;
    });
  }

  /** Ask for a color at a place of the stage. */
  pick(x, y) {
    if (!this.photo.after) return;
    const index = this.#markAt(x, y);
    const [fx, fy] = this.toFractions(x, y);
    if (index < 0 && !(fx >= 0 && fx < 1 && fy >= 0 && fy < 1)) return;
    this.dispatchEvent(new CustomEvent("spot", { detail: { points: [[fx, fy]], radius: 0, index } }));
  }

  // Pointers and keys

  #listen() {
    const { stage } = this;
    new ResizeObserver(() => this.layout()).observe(stage);
    stage.addEventListener("pointerdown", (event) => this.#down(event));
    stage.addEventListener("pointermove", (event) => this.#move(event));
    for (const name of ["pointerup", "pointercancel"]) stage.addEventListener(name, (event) => this.#up(event));
    stage.addEventListener("wheel", (event) => {
      event.preventDefault();
      const lines = event.deltaMode ? 20 : 1;
      const speed = event.ctrlKey ? 0.01 : 0.0018;
      this.zoom(this.scale * Math.exp(-event.deltaY * lines * speed), ...this.#local(event));
    }, { passive: false });
    stage.addEventListener("keydown", (event) => this.#key(event));
    stage.addEventListener("blur", () => { this.cursor = null; this.drawMarks(); });
    this.#listenToBlade();
    $("before").addEventListener("load", () => this.photo?.width || this.layout());
  }

  #local(event) {
    const box = this.stage.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  #down(event) {
    if (!this.photo || event.target.closest("#blade")) return;
    const [x, y] = this.#local(event);
    this.stage.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, { x, y });
    if (this.pointers.size === 2) {
      this.pinch = this.#pinchOf();
      this.gesture = "pinch";
      this.pending = null;
    } else if (this.pointers.size === 1) {
      const brushing = this.tool === "brush" && event.button === 0 && this.photo.after;
      this.gesture = brushing ? "brush" : "click";
      this.start = { x, y, left: this.x, top: this.y, button: event.button };
      if (brushing) this.pending = { points: [this.toFractions(x, y)], radius: this.brush };
    }
    this.drawMarks();
  }

  #move(event) {
    const pointer = this.pointers.get(event.pointerId);
    if (!pointer) return;
    [pointer.x, pointer.y] = this.#local(event);
    if (this.gesture === "pinch") return this.#pinchMove();
    if (this.gesture === "brush") return this.#brushMove(pointer);
    const dx = pointer.x - this.start.x;
    const dy = pointer.y - this.start.y;
    if (this.gesture === "click" && Math.hypot(dx, dy) > CLICK) this.gesture = "pan";
    if (this.gesture === "pan") {
      this.stage.classList.add("panning");
      this.x = this.start.left + dx;
      this.y = this.start.top + dy;
      this.layout();
    }
  }

  #up(event) {
    const pointer = this.pointers.get(event.pointerId);
    if (!pointer) return;
    this.pointers.delete(event.pointerId);
    if (this.pointers.size) return;
    const { gesture } = this;
    this.gesture = null;
    this.stage.classList.remove("panning");
    if (event.type === "pointercancel") this.pending = null;
    else if (gesture === "click" && this.start.button === 0 && this.tool !== "pan") this.pick(pointer.x, pointer.y);
    else if (gesture === "brush") this.#brushEnd(pointer);
    this.drawMarks();
  }

  #pinchOf() {
    const [a, b] = [...this.pointers.values()];
    return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, gap: Math.hypot(a.x - b.x, a.y - b.y) };
  }

  #pinchMove() {
    if (this.pointers.size < 2) return;
    const now = this.#pinchOf();
    this.x += now.x - this.pinch.x;
    this.y += now.y - this.pinch.y;
    this.zoom((this.scale * now.gap) / Math.max(this.pinch.gap, 1), now.x, now.y);
    this.pinch = now;
  }

  #brushMove(pointer) {
    const last = this.toStage(this.pending.points.at(-1));
    if (Math.hypot(pointer.x - last[0], pointer.y - last[1]) < 4) return;
    this.pending.points.push(this.toFractions(pointer.x, pointer.y));
    this.drawMarks();
  }

  #brushEnd(pointer) {
    const inside = ([x, y]) => x >= 0 && x < 1 && y >= 0 && y < 1;
    const points = this.pending.points.filter(inside);
    this.pending = null;
    if (points.length === 0) return;
    if (points.length === 1 && this.#markAt(pointer.x, pointer.y) >= 0) return this.pick(pointer.x, pointer.y);
    this.dispatchEvent(new CustomEvent("spot", { detail: { points, radius: this.brush, index: -1 } }));
  }

  #key(event) {
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    if (event.target !== this.stage || !this.photo || event.ctrlKey || event.metaKey) return;
    const step = steps[event.key];
    if (step && event.shiftKey) {
      this.x -= step[0] * 80;
      this.y -= step[1] * 80;
      this.layout();
    } else if (step) {
      this.#moveCursor(step);
    } else if (event.key === "Enter" || event.key === " ") {
      const { clientWidth, clientHeight } = this.stage;
      this.cursor ??= this.toFractions(clientWidth / 2, clientHeight / 2);
      this.pick(...this.toStage(this.cursor));
    } else {
      return;
    }
    event.preventDefault();
  }

  #moveCursor([dx, dy]) {
    const { clientWidth, clientHeight } = this.stage;
    const [x, y] = this.cursor ? this.toStage(this.cursor) : [clientWidth / 2, clientHeight / 2];
    const [fx, fy] = this.cursor ? this.toFractions(x + dx * 12, y + dy * 12) : this.toFractions(x, y);
    this.cursor = [clamp(fx, 0, 0.9999), clamp(fy, 0, 0.9999)];
    const [cx, cy] = this.toStage(this.cursor);
    this.x -= Math.min(cx - 20, 0) + Math.max(cx - clientWidth + 20, 0);
    this.y -= Math.min(cy - 20, 0) + Math.max(cy - clientHeight + 20, 0);
    this.layout();
    announce(`${Math.round(this.cursor[0] * 100)} % from the left, ${Math.round(this.cursor[1] * 100)} % from the top`);
  }

  #listenToBlade() {
    const blade = $("blade");
    let from = null; // where it was pressed, until it is dragged: a click beside the line means the photograph
    blade.addEventListener("pointerdown", (event) => {
      event.stopPropagation();
      cancelAnimationFrame(this.sweeping);
      blade.setPointerCapture(event.pointerId);
      from = event;
    });
    blade.addEventListener("pointermove", (event) => {
      if (!blade.hasPointerCapture(event.pointerId)) return;
      if (from && Math.hypot(event.clientX - from.clientX, event.clientY - from.clientY) < CLICK) return;
      from = null;
      const [left, right] = this.#span();
      this.setSplit((this.#local(event)[0] - left) / (right - left));
    });
    blade.addEventListener("pointerup", () => {
      if (from && this.tool === "point" && !from.target.closest(".grip")) this.pick(...this.#local(from));
    });
    blade.addEventListener("keydown", (event) => {
      const step = event.shiftKey ? 0.1 : 0.02;
      const to = {
        ArrowLeft: this.split - step, ArrowDown: this.split - step, ArrowRight: this.split + step,
        ArrowUp: this.split + step, PageDown: this.split - 0.1, PageUp: this.split + 0.1, Home: 0, End: 1,
      }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      cancelAnimationFrame(this.sweeping);
      this.setSplit(to);
    });
  }
}
