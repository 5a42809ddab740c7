/** A photograph: its canvas on the server, its guidance with undo and redo, and its pictures. */

import { ApiError, readNotices, request, requestJson } from "./api.js";
import { rgbToLab, toHex } from "./color.js";
import { START, toJson } from "./guidance.js";
import { History } from "./history.js";
import { pixelsAt, thumbnail } from "./pixels.js";
import { t } from "./texts.js";

const SCREEN = 2048; // pixels of the longer side of what is shown, but for close-ups
const DRAFT = 800; // the same while a slider moves
const THUMB = 160;
const CELL = 1 / 128; // side of what the model can tell apart, as a share of the longer side

/** @typedef {import("./guidance.js").State} State */

/** Tells of changes by the events "state", "picture", "rendering" and "work". */
export class Photo extends EventTarget {
  /**
   * @param {File} file
   * @param {string} key by which it is kept in this browser
   */
  constructor(file, key = newKey()) {
    super();
    this.file = file;
    this.key = key;
    this.opened = Promise.resolve(); // until it has been opened, or has failed
    this.name = file.name || t("film.photograph");
    this.raw = URL.createObjectURL(file); // what the browser itself makes of the file
    this.closing = new AbortController(); // ends what is under way when the photograph is removed
    /** @type {"waiting" | "opening" | "coloring" | "ready" | "failed"} */
    this.work = "waiting";
    /** @type {{settings: string[], hints: boolean, suggestions: boolean} | null} */
    this.model = null; // what its model can be told
    /** @type {Error | null} */
    this.error = null; // why it failed
    /** @type {string | null} */
    this.id = null; // of its canvas on the server
    /** @type {number | undefined} */
    this.width = undefined; // in pixels, once it was opened
    /** @type {number | undefined} */
    this.height = undefined;
    /** @type {State | null} */
    this.live = null; // a state that is tried out, such as while a slider moves
    /** @type {readonly State[]} */
    this.history = new History();
    /** @type {string | undefined} */
    this.before = undefined; // URLs of its pictures: the gray original, in color, and a small one
    /** @type {string | undefined} */
    this.after = undefined;
    /** @type {string | undefined} */
    this.thumb = undefined;
  }

  get state() {
    return this.history.state;
  }

  /**
   * Take a new state, and show it.
   * @param {Partial<State>} change
   * @param {boolean} amend whether it replaces the newest, so that one undo takes back both
   */
  commit(change, amend = false) {
    this.history.push(change, amend);
    return this.#changed();
  }

  #changed() {
    this.live = null;
    this.#tell("state");
    return this.render();
  }

  /** Take back the newest state for good, as when the server has refused it. */
  discard() {
    if (!this.history.canUndo) return Promise.resolve();
    this.history.drop();
    return this.#changed();
  }

  undo() {
    return this.#go(-1);
  }

  redo() {
    return this.#go(1);
  }

  #go(step) {
    if (step < 0 ? !this.history.canUndo : !this.history.canRedo) return Promise.resolve();
    this.history.at += step;
    return this.#changed();
  }

  #tell(event) {
    this.dispatchEvent(new Event(event));
  }

  #setWork(work) {
    this.work = work;
    this.#tell("work");
  }

  /** Upload it, color it, and get its gray original; what failed is tried again. */
  async open() {
    this.error = null;
    this.#setWork("opening");
    await Promise.all([this.upload(), this.#uploadReference()]);
    this.#setWork("coloring");
    await this.render();
    this.before = await this.#picture({ ...START, strength: 0 }, SCREEN);
    this.#setWork("ready");
    this.#tell("picture");
  }

  /** @param {Error} error why it cannot be colored */
  fail(error) {
    this.error = error;
    this.#setWork("failed");
  }

  /** Go on with another file in place of the one that it had. */
  replaceFile(file) {
    URL.revokeObjectURL(this.raw);
    this.file = file;
    this.raw = URL.createObjectURL(file);
  }

  async #uploadReference() {
    const reference = this.state.reference?.photo;
    if (reference && !reference.id) await reference.upload();
  }

  /** Open it on the server, also again after the server has closed it. */
  async upload() {
    const { signal } = this.closing;
    const canvas = await requestJson("canvases", { method: "POST", body: this.file, signal });
    const { id, width, height, format, notices } = canvas;
    Object.assign(this, { id, width, height, format, notices });
  }

  /** Let go of it, here and on the server. */
  close() {
    this.closing.abort();
    this.release();
    for (const url of [this.raw, this.before, this.after, this.thumb]) if (url) URL.revokeObjectURL(url);
  }

  /** Close it on the server alone, even while the page itself is closed; it is opened again when it is needed. */
  release() {
    for (const id of [this.id, this.state.reference?.photo.id]) {
      if (id) request(`canvases/${id}`, { method: "DELETE", keepalive: true }).catch(() => {});
    }
  }

  /** Something of its canvas; if the server has closed that, it is opened again. */
  async call(path, options = {}, retry = true) {
    try {
      return await request(`canvases/${this.id}/${path}`, { method: "POST", signal: this.closing.signal, ...options });
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
    this.colorNotices = readNotices(answer);
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
      if (side === SCREEN) {
        const thumb = await thumbnail(image, THUMB);
        if (this.thumb) URL.revokeObjectURL(this.thumb);
        this.thumb = URL.createObjectURL(thumb);
      }
      this.#tell("picture");
    }
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

  /**
   * The color that is shown at a place, given in fractions.
   * @returns {Promise<string>} "#rrggbb"
   */
  async colorAt(x, y) {
    const [rgb] = await pixelsAt(this.after, [[x, y]]);
    return toHex(rgb);
  }

  /**
   * The lightness of the photograph under a hint, as the model sees it.
   * @param {import("./guidance.js").Hint} hint
   * @returns {Promise<number>} 0..100
   */
  async lightnessUnder({ points }) {
    const some = points.filter((_, index) => index % Math.ceil(points.length / 16) === 0);
    const found = await pixelsAt(this.before ?? this.after, some, CELL);
    const sorted = found.map((rgb) => rgbToLab(rgb)[0]).sort((one, other) => one - other);
    return sorted[Math.floor(sorted.length / 2)];
  }

  /**
   * How unsure the model is of each place.
   * @returns {Promise<number[][]>} rows from 0, sure, to 1, anything could be
   */
  async uncertainty() {
    return (await (await this.call("uncertainty", { method: "GET" })).json()).rows;
  }

  /**
   * Where the things that the corrections of another photograph color are seen in this one.
   * @param {Photo} source
   * @returns {Promise<{hint: number, x: number, y: number, similarity: number}[]>}
   */
  async matches(source) {
    const ask = () => this.call("matches", { body: { source: source.id, guidance: toJson(source.state) } });
    try {
      return await (await ask()).json();
    } catch (error) {
      if (error.code !== "no_such_canvas") throw error;
      await source.upload();
      return (await ask()).json();
    }
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

let keys = 0;

/** A key that no other photograph has; later ones are greater. */
function newKey() {
  keys += 1;
  return `${Date.now().toString().padStart(15, "0")}-${String(keys).padStart(6, "0")}`;
}
