/** A photograph on the server: opened, again if it was closed meanwhile, and asked for colors. */

import { ApiError, request, requestJson } from "./api.js";
import { toJson } from "./guidance.js";

/** @typedef {import("./guidance.js").State} State */

export class Canvas extends EventTarget {
  /** @param {File} file */
  constructor(file) {
    super();
    this.file = file;
    this.partial = false; // whether it is colored although it ends too early
    /** @type {{settings: string[], hints: boolean, suggestions: boolean} | null} */
    this.model = null; // what its model can be told
    this.closing = new AbortController(); // ends what is under way when the photograph is removed
    /** @type {string | null} */
    this.id = null; // once it was opened
    /** @type {number | undefined} */
    this.width = undefined; // in pixels
    /** @type {number | undefined} */
    this.height = undefined;
    this.pages = 1; // of its file
    /** @type {import("./api.js").Notice[]} */
    this.notices = []; // what may not be as expected in it
    this.autoLevels = [0, 100]; // the black and white point that it needs
  }

  /** How it is opened: the degrees by which it is turned clockwise, and the page of its file. */
  get asked() {
    return "turn=0&page=1";
  }

  /** The black and white point that it is colored under, as guidance has it. */
  get levels() {
    return null;
  }

  /**
   * Ask the server to open it.
   * @returns {Promise<any>} what it says of it
   */
  post() {
    const { asked, file, closing: { signal } } = this;
    return requestJson(`canvases?${asked}`, { method: "POST", body: file, signal });
  }

  /** What comes of a request; an error says whom it is about, also where that is another one's reference. */
  async #told(answer) {
    try {
      return await answer;
    } catch (error) {
      error.about ??= this.file.name;
      throw error;
    }
  }

  /** Open it on the server, also again after the server has closed it. */
  async upload() {
    const { asked } = this;
    const { id, width, height, format, notices, pages, auto_levels: autoLevels } = await this.#told(this.post());
    if (this.asked !== asked) { // it was turned meanwhile, and is being opened anew
      close(id);
      return;
    }
    Object.assign(this, { id, width, height, format, notices, pages, autoLevels });
  }

  /** Close it on the server alone, even while the page itself is closed; it is opened again when it is needed. */
  release() {
    if (this.id) close(this.id);
    this.id = null;
  }

  /**
   * Something of it; if the server does not have it, or has closed it, it is opened.
   * @param {string} path
   * @param {{method?: string, body?: any, signal?: AbortSignal}} options
   */
  async call(path, options = {}) {
    if (!this.id) await this.upload();
    const ask = () => this.#told(request(`canvases/${this.id}/${path}`, { method: "POST", signal: this.closing.signal, ...options }));
    try {
      return await ask();
    } catch (error) {
      if (!isClosed(error, "the canvas")) throw error;
      await this.upload();
      return ask();
    }
  }

  /**
   * The same with another photograph, which is opened where it must be.
   * @param {string} path
   * @param {Canvas | undefined} other
   * @param {string} name of the field that is to have its id
   * @param {Record<string, any>} body
   */
  async callWith(path, other, name, body, signal = this.closing.signal) {
    if (other && !other.id) await other.upload();
    // What was kept may have a setting of another model, such as that of a server before: then it is the usual one.
    if (this.model && !this.model.settings.includes(body.guidance.setting)) delete body.guidance.setting;
    const ask = () => this.call(path, { body: { ...body, [name]: other?.id ?? null }, signal });
    try {
      return await ask();
    } catch (error) {
      if (!isClosed(error, name) || !other) throw error;
      await other.upload();
      return ask();
    }
  }

  /**
   * A picture in color.
   * @param {State} state
   * @param {Record<string, any>} more which part of it, and how it is encoded
   * @param {AbortSignal} [signal]
   */
  colorize(state, more, signal = this.closing.signal) {
    return this.callWith("colorize", state.reference?.photo, "reference", { guidance: toJson(state), ...more }, signal);
  }

  /** Guidance of other colorizations, the usual first. */
  async findVariants(state, n) {
    return (await this.callWith("variants", state.reference?.photo, "reference", { guidance: toJson(state), n })).json();
  }

  /** The levels as parameters of a request. */
  get #levels() {
    return this.levels ? { levels: String(this.levels) } : {};
  }

  /** Colors that are possible at a place, given in fractions. */
  async suggestions(x, y, signal) {
    const place = new URLSearchParams({
      x: String(Math.min(x * this.width, this.width - 1)),
      y: String(Math.min(y * this.height, this.height - 1)),
      n: "8",
      ...this.#levels,
    });
    return (await this.call(`suggestions?${place}`, { method: "GET", signal })).json();
  }

  /**
   * How unsure the model is of each place.
   * @returns {Promise<number[][]>} rows from 0, sure, to 1, anything could be
   */
  async uncertainty() {
    return (await (await this.call(`uncertainty?${new URLSearchParams(this.#levels)}`, { method: "GET" })).json()).rows;
  }

  /**
   * Where the things that the corrections of another photograph color are seen in this one.
   * @param {import("./photo.js").Photo} source
   * @returns {Promise<{hint: number, x: number, y: number, similarity: number}[]>}
   */
  async matches(source) {
    return (await this.callWith("matches", source, "source", { guidance: toJson(source.state) })).json();
  }
}

function close(id) {
  request(`canvases/${id}`, { method: "DELETE", keepalive: true }).catch(() => {});
}

const isClosed = (error, subject) => error instanceof ApiError && error.code === "no_such_canvas" && error.subject === subject;
