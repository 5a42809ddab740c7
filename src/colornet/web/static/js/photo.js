/** A photograph: its guidance with undo and redo, and its pictures. */

import { Against } from "./against.js";
import { readNotices } from "./api.js";
import { Canvas } from "./canvas.js";
import { revokeLater } from "./dom.js";
import { START } from "./guidance.js";
import { History } from "./history.js";
import { thumbnail } from "./pixels.js";
import { newKey } from "./store.js";
import { t } from "./texts.js";

const SCREEN = 2048; // pixels of the longer side of what is shown, but for close-ups
const DRAFT = 800; // the same while a slider moves
const THUMB = 160;
const OF_FORMAT = ["depth-reduced", "alpha-left-out"]; // notices of the JPEG that is shown, not of the result
const GRAY = Object.freeze({ ...START, strength: 0 });

/** @typedef {import("./guidance.js").State} State */

/**
 * Tells of changes by the events "state", "picture", "raw", "rendering" and "work"; and by "turned" that it has to be
 * opened again: in another direction, at another page, or since it failed.
 */
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
    this.raw = file.size ? URL.createObjectURL(file) : ""; // what the browser itself makes of the file
    /** @type {"waiting" | "opening" | "coloring" | "ready" | "failed"} */
    this.work = "waiting";
    /** @type {Error | null} */
    this.error = null; // why it failed
    /** @type {State | null} */
    this.live = null; // a state that is tried out, such as while a slider moves
    this.history = new History();
    this.opening = 0; // how often it was opened; what an earlier time brings is out of date
    this.openedAs = ""; // how it was opened the last time
    /** @type {{of: State, states: State[], urls: string[]} | null} */
    this.others = null; // other colorings that were found for a state, and their small pictures
    /** @type {Against | null} */
    this.against = null; // the one of them that it is compared with, in place of the original
    /** @type {string | undefined} */
    this.before = undefined; // URLs of its pictures: the gray original, in color, and a small one
    /** @type {string | undefined} */
    this.after = undefined;
    /** @type {string | undefined} */
    this.thumb = undefined;
    /** @type {State | null} */
    this.colored = null; // the state that its picture in color shows
  }

  get state() {
    return this.history.state;
  }

  get asked() {
    const { state: { turn, page }, partial } = this;
    return `turn=${turn}&page=${page}${partial ? "&partial=true" : ""}`;
  }

  get levels() {
    return this.state.levels;
  }

  /** Whether its picture in color shows something else than was said last, and nothing is done about it. */
  get isOutOfDate() {
    return this.work === "ready" && !this.rendering && !this.live && this.colored !== this.state;
  }

  /** What may not be as expected. */
  get told() {
    return [...this.notices, ...this.colorNotices];
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
    return this.changed();
  }

  /** Show what counts now: it is colored anew, or opened anew where it is asked for in another way. */
  changed() {
    this.live = null;
    this.#tell("state");
    if (this.asked === this.openedAs && this.work !== "failed") return this.render();
    super.release();
    this.#tell("turned");
    return Promise.resolve();
  }

  /** Take back the newest state for good, as when the server has refused it. */
  discard() {
    if (!this.history.canUndo || this.closing.signal.aborted) return Promise.resolve(); // removed, it can be brought back
    this.history.drop();
    return this.changed();
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
    return this.changed();
  }

  #tell(event) {
    this.dispatchEvent(new Event(event));
  }

  #setWork(work) {
    this.work = work;
    this.#tell("work");
  }

  /**
   * Upload it, color it, and get its gray original; what failed is tried again.
   * @returns {Promise<boolean>} false: it was opened anew meanwhile, and that time counts
   */
  async open() {
    const time = (this.opening += 1);
    const steps = [
      () => this.upload(),
      () => this.#setWork("coloring"),
      () => this.render(),
      async () => {
        const before = await this.#picture(GRAY, SCREEN);
        revokeLater(this.before);
        this.before = before;
      },
    ];
    Object.assign(this, { error: null, openedAs: this.asked });
    this.#setWork("opening");
    for (const step of steps) {
      try {
        await step();
      } catch (error) {
        if (time === this.opening) throw error;
      }
      if (time !== this.opening) return false;
    }
    this.#setWork("ready");
    this.#tell("picture");
    return true;
  }

  /** @param {Error & {pages?: number}} error why it cannot be colored */
  fail(error) {
    Object.assign(this, { error, pages: error.pages ?? this.pages });
    this.#setWork("failed");
  }

  /** Go on with another file in place of the one that it had. */
  replaceFile(file) {
    URL.revokeObjectURL(this.raw);
    this.file = file;
    this.raw = URL.createObjectURL(file);
    this.#tell("raw");
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
    const urls = [this.raw, this.before, this.after, this.thumb, this.against?.url, ...this.others?.urls ?? []];
    for (const url of urls) if (url) URL.revokeObjectURL(url);
  }

  async #picture(state, side) {
    const answer = await this.colorize(state, { side });
    this.colorNotices = readNotices(answer).filter(({ code }) => !OF_FORMAT.includes(code));
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
      try {
        await this.#renderOne(state, side);
      } catch (error) {
        if (!this.wanted) throw error; // else it is out of date
      }
    }
  }

  async #renderOne(state, side) {
    const url = await this.#picture(state, side);
    const image = new Image();
    image.src = url;
    await image.decode();
    revokeLater(this.after);
    Object.assign(this, { after: url, colored: state });
    this.afterWidth = image.naturalWidth;
    if (side === SCREEN) {
      await this.#renderAgainst().catch(() => {}); // the original takes its place
      const thumb = await thumbnail(image, THUMB);
      revokeLater(this.thumb);
      this.thumb = URL.createObjectURL(thumb);
    }
    this.#tell("picture");
  }

  /** A part at full size: before and after, as URLs to be revoked. */
  async region(region, signal) {
    const one = async (state) => (await this.colorize(state, { region }, signal)).blob();
    const [after, before] = [await one(this.state), await one(this.against?.stateBeside(this.state) ?? GRAY)];
    return { after: URL.createObjectURL(after), before: URL.createObjectURL(before) };
  }

  /** Other colorizations: states, the usual first. */
  async variants(n) {
    const plain = { ...this.state, variant: 0 };
    const found = await this.findVariants(plain, n);
    return found.map(({ version, hints, ...rest }) => ({ ...this.state, ...rest }));
  }

  /**
   * Compare it with another coloring, or with the original.
   * @param {number | null} variant null: the original
   */
  async compareWith(variant) {
    revokeLater(this.against?.url);
    this.against = variant === null ? null : new Against(variant);
    try {
      await this.#renderAgainst();
    } finally {
      this.#tell("picture");
    }
  }

  /** The picture that it is compared with, if it is another coloring, for what was said last. */
  async #renderAgainst() {
    const { against } = this;
    try {
      await against?.render(this.state, (state) => this.#picture(state, SCREEN));
    } catch (error) {
      if (this.against === against) this.against = null; // there may be fewer than before
      throw error;
    }
  }

  /** A small picture of another state, as a URL. */
  preview(state) {
    return this.#picture(state, 2 * THUMB);
  }

  /** The result in full size, as a Blob, encoded as `how` says, and what was not told of it before. */
  async result(how) {
    const answer = await this.colorize(this.state, how);
    const known = new Set(this.told.map(({ text }) => text));
    return { blob: await answer.blob(), notices: readNotices(answer).filter(({ text }) => !known.has(text)) };
  }
}
