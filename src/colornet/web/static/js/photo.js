/** A photograph: its canvas on the server, its guidance with undo and redo, and its pictures. */

import { ApiError, request, requestJson } from "./api.js";

const SCREEN = 2048; // pixels of the longer side of what is shown, but for close-ups
const DRAFT = 800; // the same while a slider moves
const THUMB = 160;

/**
 * A color that the user gave to a spot or a stroke.
 * @typedef {object} Hint
 * @property {[x: number, y: number][]} points fractions of width and height; several are a stroke
 * @property {string} [color] "#rrggbb", a CSS name or "keep"; missing until one is chosen
 * @property {number} radius of the brush, a fraction of the longer side; 0 is the smallest spot
 * @property {"fractions"} [unit]
 * @property {number} [reach] factor on how far the color goes, 0..4
 */

/**
 * What the user says of a photograph's colors.
 * @typedef {object} State
 * @property {number} strength 0..1
 * @property {number} saturation 0..4
 * @property {string | null} setting one of the model's; null is its usual one
 * @property {number} variant 0 is the likeliest
 * @property {readonly Hint[]} hints
 * @property {{photo: Photo, name: string} | null} reference another photograph, whose colors are taken
 */

/** @type {Readonly<State>} */
export const START = Object.freeze({
  strength: 1, saturation: 1, setting: null, variant: 0, hints: Object.freeze([]), reference: null,
});

export const KEEP = "keep"; // the color of a hint that a place keeps what it has without hints

/**
 * The JSON of guidance, of which a reference is no part.
 * @param {State} state
 */
export function toJson({ reference, ...state }) {
  return { version: 1, ...state };
}

/**
 * A state from the JSON of guidance; hints in pixels become fractions.
 * @param {any} json
 * @param {Photo} photo
 */
export function fromJson(json, photo) {
  const { version, hints = [], ...rest } = json;
  const longer = Math.max(photo.width, photo.height);
  const placed = hints.map((hint) => (hint.unit === "fractions" ? hint : {
    ...hint,
    unit: "fractions",
    points: hint.points.map(([x, y]) => [x / photo.width, y / photo.height]),
    radius: (hint.radius ?? 0) / longer,
  }));
  return { ...START, ...rest, hints: placed };
}

/** Tells of changes by the events "state", "picture", "rendering" and "work". */
export class Photo extends EventTarget {
  /** @param {File} file */
  constructor(file) {
    super();
    this.file = file;
    this.name = file.name || "photograph";
    this.raw = URL.createObjectURL(file); // what the browser itself makes of the file
    /** @type {"waiting" | "opening" | "coloring" | "ready" | "failed"} */
    this.work = "waiting";
    /** @type {string | null} */
    this.id = null; // of its canvas on the server
    /** @type {number | undefined} */
    this.width = undefined; // in pixels, once it was opened
    /** @type {number | undefined} */
    this.height = undefined;
    /** @type {State | null} */
    this.live = null; // a state that is tried out, such as while a slider moves
    /** @type {readonly State[]} */
    this.past = [START];
    this.at = 0;
  }

  get state() {
    return this.past[this.at];
  }

  get canUndo() {
    return this.at > 0;
  }

  get canRedo() {
    return this.at < this.past.length - 1;
  }

  /**
   * Take a new state, and show it.
   * @param {Partial<State>} change
   * @param {boolean} amend whether it replaces the newest, so that one undo takes back both
   */
  commit(change, amend = false) {
    const state = Object.freeze({ ...this.state, ...change });
    this.past = [...this.past.slice(0, this.at + (amend ? 0 : 1)), state];
    this.at = this.past.length - 1;
    this.live = null;
    this.#tell("state");
    return this.render();
  }

  undo() {
    return this.#go(-1);
  }

  redo() {
    return this.#go(1);
  }

  #go(step) {
    if (step < 0 ? !this.canUndo : !this.canRedo) return Promise.resolve();
    this.at += step;
    this.live = null;
    this.#tell("state");
    return this.render();
  }

  #tell(event) {
    this.dispatchEvent(new Event(event));
  }

  #setWork(work) {
    this.work = work;
    this.#tell("work");
  }

  /** Upload it, color it, and get its gray original. */
  async open() {
    this.#setWork("opening");
    try {
      await this.upload();
      this.#setWork("coloring");
      await this.render();
      this.before = await this.#picture({ ...START, strength: 0 }, SCREEN);
      this.#setWork("ready");
      this.#tell("picture");
    } catch (error) {
      this.error = error;
      this.#setWork("failed");
      throw error;
    }
  }

  /** Open it on the server, also again after the server has closed it. */
  async upload() {
    const canvas = await requestJson("canvases", { method: "POST", body: this.file });
    const { id, width, height, format, notices } = canvas;
    Object.assign(this, { id, width, height, format, notices });
  }

  close() {
    if (this.id) request(`canvases/${this.id}`, { method: "DELETE" }).catch(() => {});
    for (const url of [this.raw, this.before, this.after, this.thumb]) if (url) URL.revokeObjectURL(url);
  }

  /** Something of its canvas; if the server has closed that, it is opened again. */
  async call(path, options = {}, retry = true) {
    try {
      return await request(`canvases/${this.id}/${path}`, { method: "POST", ...options });
    } catch (error) {
      if (!(error instanceof ApiError && error.code === "no_such_canvas" && retry)) throw error;
      const reference = this.state.reference?.photo;
      await Promise.all([this.upload(), reference?.upload()]);
      if (options.body?.reference) options.body.reference = reference.id;
      return this.call(path, options, false);
    }
  }

  async #picture(state, side) {
    const answer = await this.call("colorize", { body: this.#body(state, { side }) });
    this.colorNotices = JSON.parse(answer.headers.get("Colornet-Notices") ?? '{"first": []}').first;
    return URL.createObjectURL(await answer.blob());
  }

  /** The body of a request for a state's colors. */
  #body(state, more) {
    return { guidance: toJson(state), reference: state.reference?.photo.id ?? null, ...more };
  }

  /** Show what is wanted now; of what is asked for meanwhile, only the last is done. */
  render(draft = false) {
    this.wanted = { state: this.live ?? this.state, side: draft ? DRAFT : SCREEN };
    this.rendering ??= this.#renderAll().finally(() => {
      this.rendering = null;
      this.#tell("rendering");
    });
    this.#tell("rendering");
    return this.rendering;
  }

  async #renderAll() {
    while (this.wanted) {
      const { state, side } = this.wanted;
      this.wanted = null;
      const url = await this.#picture(state, side);
      const image = new Image();
      image.src = url;
      await image.decode();
      if (this.after) URL.revokeObjectURL(this.after);
      this.after = url;
      this.afterWidth = image.naturalWidth;
      if (side === SCREEN) await this.#drawThumb(image);
      this.#tell("picture");
    }
  }

  async #drawThumb(image) {
    const scale = THUMB / Math.min(image.naturalWidth, image.naturalHeight);
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, image.naturalWidth * scale);
    canvas.height = Math.max(1, image.naturalHeight * scale);
    const context = canvas.getContext("2d");
    context.imageSmoothingQuality = "high";
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.85));
    if (this.thumb) URL.revokeObjectURL(this.thumb);
    this.thumb = URL.createObjectURL(blob);
  }

  /** A part at full size: before and after, as URLs to be revoked. */
  async region(region, signal) {
    const one = async (state) => {
      const answer = await this.call("colorize", { body: this.#body(state, { region }), signal });
      return URL.createObjectURL(await answer.blob());
    };
    return { after: await one(this.state), before: await one({ ...START, strength: 0 }) };
  }

  /** Colors that are possible at a place, given in fractions. */
  async suggestions(x, y, signal) {
    const place = new URLSearchParams({
      x: String(Math.min(x * this.width, this.width - 1)),
      y: String(Math.min(y * this.height, this.height - 1)),
      n: "8",
    });
    return (await this.call(`suggestions?${place}`, { method: "GET", signal })).json();
  }

  /** Other colorizations: states, the usual first. */
  async variants(n) {
    const plain = { ...this.state, variant: 0 };
    const found = await (await this.call("variants", { body: { ...this.#body(plain), n } })).json();
    return found.map(({ version, hints, ...rest }) => ({ ...this.state, ...rest }));
  }

  /** A small picture of another state, as a URL. */
  preview(state) {
    return this.#picture(state, 2 * THUMB);
  }

  /** The result in full size, as a Blob. */
  async result(format, metadata) {
    const body = this.#body(this.state, { format: format || null, metadata });
    return (await this.call("colorize", { body })).blob();
  }
}
