/** A photograph: its guidance with undo and redo, and its pictures. */

import { readNotices } from "./api.js";
import { Canvas } from "./canvas.js";
import { rgbToLab, toHex } from "./color.js";
import { revokeLater } from "./dom.js";
import { START } from "./guidance.js";
import { History } from "./history.js";
import { pixelsAt, thumbnail } from "./pixels.js";
import { t } from "./texts.js";

const SCREEN = 2048; // pixels of the longer side of what is shown, but for close-ups
const DRAFT = 800; // the same while a slider moves
const THUMB = 160;
const GRAY = Object.freeze({ ...START, strength: 0 });
const CELL = 1 / 128; // side of what the model can tell apart, as a share of the longer side

/** @typedef {import("./guidance.js").State} State */

/** Tells of changes by the events "state", "picture", "rendering" and "work". */
export class Photo extends Canvas {
  /**
   * @param {File} file
   * @param {string} key by which it is kept in this browser
   */
  constructor(file, key = newKey()) {
    super(file);
    this.key = key;
    this.opened = Promise.resolve(); // until it has been opened, or has failed
    this.name = file.name || t("film.photograph");
    this.raw = URL.createObjectURL(file); // what the browser itself makes of the file
    /** @type {"waiting" | "opening" | "coloring" | "ready" | "failed"} */
    this.work = "waiting";
    /** @type {{settings: string[], hints: boolean, suggestions: boolean} | null} */
    this.model = null; // what its model can be told
    /** @type {Error | null} */
    this.error = null; // why it failed
    /** @type {State | null} */
    this.live = null; // a state that is tried out, such as while a slider moves
    /** @type {readonly State[]} */
    this.history = new History();
    /** @type {{state: State, url: string, name: string} | null} */
    this.against = null; // another coloring that it is compared with, in place of the original
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

  /** Its corrections as they are shown, also while one is moved; one that is only tried out is none of them. */
  get hints() {
    const { hints } = this.state;
    return this.live?.hints.length === hints.length ? this.live.hints : hints;
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
    await this.upload();
    this.#setWork("coloring");
    await this.render();
    this.before = await this.#picture(GRAY, SCREEN);
    this.#setWork("ready");
    this.#tell("picture");
  }

  /**
   * Turn it, and color it anew.
   * @param {90 | -90} degrees clockwise
   */
  turnBy(degrees) {
    super.release();
    this.turn = (this.turn + degrees + 360) % 360;
    this.history = this.history.turned(degrees);
    this.live = null;
    revokeLater(this.against?.url);
    this.against = null;
    this.#tell("state");
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

  /** Close it and its reference on the server. */
  release() {
    super.release();
    this.state?.reference?.photo.release();
  }

  /** Let go of it, here and on the server. */
  close() {
    this.closing.abort();
    this.release();
    for (const url of [this.raw, this.before, this.after, this.thumb]) if (url) URL.revokeObjectURL(url);
  }

  async #picture(state, side) {
    const answer = await this.colorize(state, { side });
    this.colorNotices = readNotices(answer);
    return URL.createObjectURL(await answer.blob());
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
      revokeLater(this.after);
      this.after = url;
      this.afterWidth = image.naturalWidth;
      if (side === SCREEN) {
        const thumb = await thumbnail(image, THUMB);
        revokeLater(this.thumb);
        this.thumb = URL.createObjectURL(thumb);
      }
      this.#tell("picture");
    }
  }

  /** A part at full size: before and after, as URLs to be revoked. */
  async region(region, signal) {
    const one = async (state) => {
      const answer = await this.colorize(state, { region }, signal);
      return URL.createObjectURL(await answer.blob());
    };
    return { after: await one(this.state), before: await one(this.against?.state ?? GRAY) };
  }

  /** Other colorizations: states, the usual first. */
  async variants(n) {
    const plain = { ...this.state, variant: 0 };
    const found = await this.findVariants(plain, n);
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
   * Compare it with another coloring, or with the original.
   * @param {State | null} state null: the original
   * @param {string} name
   */
  async compareWith(state, name) {
    const url = state && (await this.#picture(state, SCREEN));
    revokeLater(this.against?.url);
    this.against = state && { state, url, name };
    this.#tell("picture");
  }

  /** A small picture of another state, as a URL. */
  preview(state) {
    return this.#picture(state, 2 * THUMB);
  }

  /** The result in full size, as a Blob. */
  async result(format, quality, metadata, beforeAfter = false) {
    return (await this.colorize(this.state, { format: format || null, quality, metadata, before_after: beforeAfter })).blob();
  }
}

let keys = 0;

/** A key that no other photograph has; later ones are greater. */
function newKey() {
  keys += 1;
  return `${Date.now().toString().padStart(15, "0")}-${String(keys).padStart(6, "0")}`;
}
