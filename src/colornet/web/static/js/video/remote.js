/** A film on the server: uploaded, cut into shots, and colored there, also while the page is closed. */

import { ApiError, errorOf, pause, request, requestJson } from "../api.js";
import { t } from "../texts.js";

const BUSY = 1; // seconds between two questions while something goes on
const IDLE = 60; // and while nothing does, so that the server keeps it
const SCREEN = 1600; // pixels of a frame's width, at most
const THUMB = 160;

/** @typedef {{order: string, bytes: number, type: string, seconds: number, notices: import("../api.js").Notice[]}} Result */

/**
 * What the server tells of a film.
 * @typedef {object} Told
 * @property {"reading" | "ready" | "waiting" | "coloring" | "failed"} state
 * @property {number} width
 * @property {number} height
 * @property {number} pixel_aspect width of a pixel by its height
 * @property {number} fps
 * @property {number} seconds
 * @property {number} frames
 * @property {{number: number, frame: number, at: string, seconds: number, again: number | null}[]} shots `again`: the first one with the picture that it shows again
 * @property {{frames: number, of: number, shots: number, left_seconds: number | null, read: number} | null} done
 * @property {string | null} order what was asked for last
 * @property {{from: number, to: number} | null} part that is being colored; null: all of it
 * @property {Result | null} result
 * @property {Result | null} preview
 * @property {any} error
 * @property {number} expires_in seconds for which the server keeps it while nobody asks for it
 * @property {import("../api.js").Notice[]} notices
 */

/** The server no longer has the film, and neither has the browser. */
export class FileNeeded extends Error {
  constructor() {
    super(t("video.file-needed"));
  }
}

/**
 * Tells of changes by the event "change"; by "uploaded" and "shots" that it is there and that its shots are known; and
 * by "done" that its coloring has ended, in whichever way; by "lost" that the server no longer has it.
 */
export class RemoteVideo extends EventTarget {
  /**
   * @param {File | null} file null: only the server has it
   * @param {string} name
   * @param {string | null} id on the server, where it is already
   */
  constructor(file, name, id) {
    super();
    this.file = file;
    this.name = name;
    this.id = id;
    /** @type {Told | null} */
    this.told = null;
    this.sent = 1; // the share of it that is uploaded
    this.isMissing = false; // it could not be had, the last time
    this.isSilent = false; // the server does not answer
    this.partial = false; // whether it is taken although it ends too early
    this.closing = new AbortController();
    /** @type {Promise<void> | null} */
    this.opened = null; // until it is there with its shots
    /** @type {Map<number, Promise<string>>} */
    this.thumbs = new Map(); // URLs of small gray frames, by their numbers
    this.wake = () => {}; // ask now how it stands
    /** @type {() => Promise<boolean>} */
    this.makeRoom = async () => false; // on the server, for this one; whether that was possible
  }

  get path() {
    return `films/${this.id}`;
  }

  get shots() {
    return this.told?.shots ?? [];
  }

  get isReading() {
    return !this.told || this.told.state === "reading";
  }

  /** Whether it is being colored, or waits for that. */
  get isColoring() {
    return ["coloring", "waiting"].includes(this.told?.state ?? "");
  }

  /** The share of it that is in color, from 0 to 1. */
  get share() {
    const { done } = this.told ?? {};
    return done?.of ? done.frames / done.of : 0;
  }

  /** Why its coloring failed, in words. */
  get failure() {
    return errorOf(this.told.error ?? {}).message;
  }

  tell(event = "change", detail = null) {
    this.dispatchEvent(new CustomEvent(event, { detail }));
  }

  /**
   * Have it on the server, with its shots known.
   * @returns {Promise<void>}
   * @throws {Error} it cannot be
   */
  ready() {
    this.opened ??= this.#open().catch((error) => {
      Object.assign(this, { opened: null, isMissing: true });
      this.tell();
      throw error;
    });
    return this.opened;
  }

  /** Go on with it where it is still on the server; else it is uploaded once it is needed. */
  async resume() {
    if (this.id && await this.#isThere()) await this.ready();
  }

  async #open() {
    this.isMissing = false;
    if (!(this.id && await this.#isThere())) await this.#upload();
    while (this.isReading) {
      await pause(BUSY / 2);
      await this.refresh();
    }
    if (!this.shots.length) {
      const { error } = this.told;
      this.remove();
      throw errorOf(error);
    }
    this.tell("shots");
    this.#watch();
  }

  async #isThere() {
    try {
      await this.refresh();
      return true;
    } catch (error) {
      if (!isGone(error)) throw error;
      this.id = null;
      return false;
    }
  }

  async #upload() {
    if (!this.file) throw new FileNeeded();
    Object.assign(this, { sent: 0, told: null });
    this.tell();
    const onProgress = (share) => {
      this.sent = Math.min(share, 0.99); // until the server says that it has it
      this.tell();
    };
    try {
      const path = `films?${new URLSearchParams({ name: this.name, partial: String(this.partial) })}`;
      const { closing: { signal }, file: body } = this;
      const post = () => requestJson(path, { method: "POST", body, signal, onProgress });
      this.id = (await post().catch(async (error) => {
        if (error.code === "too_many_films" && await this.makeRoom()) return post();
        throw error;
      })).id;
    } finally {
      this.sent = 1;
    }
    await this.refresh();
    this.tell("uploaded");
  }

  /** Ask the server how it stands. */
  async refresh() {
    const { isColoring, told } = this;
    this.told = await requestJson(this.path, { signal: this.closing.signal });
    this.isSilent = false;
    this.tell();
    if (isColoring && !this.isColoring) this.tell("done", { isPreview: Boolean(told.part) });
  }

  /** Follow what goes on, as long as it is open. */
  async #watch() {
    const { opened, closing: { signal } } = this;
    while (!signal.aborted && opened === this.opened) {
      await new Promise((/** @type {(value?: any) => void} */ resolve) => {
        this.wake = resolve;
        setTimeout(resolve, 1000 * (this.isColoring ? BUSY : IDLE));
      });
      try {
        await this.refresh();
      } catch (error) {
        if (isGone(error)) {
          this.#lose();
          this.tell("lost");
        } else if (!signal.aborted) {
          this.isSilent = true; // it may answer again
          this.tell();
        }
      }
    }
  }

  /** The server no longer has it: what needs it next uploads it again. */
  #lose() {
    Object.assign(this, { id: null, opened: null, told: null });
    this.tell();
  }

  /** Whether the server has it for nothing that would be lost: it is only uploaded, and can be again. */
  get isSpare() {
    return Boolean(this.id && this.file && this.told?.state === "ready" && !this.told.result);
  }

  /** Let the server go of it, until it is needed again. */
  async leave() {
    await request(this.path, { method: "DELETE" });
    this.#lose();
  }

  /**
   * Do something with it; if the server no longer has it, it is uploaded again.
   * @template T
   * @param {() => Promise<T>} work
   */
  async call(work) {
    await this.ready();
    try {
      return await work();
    } catch (error) {
      if (!isGone(error)) throw error;
      this.#lose();
      await this.ready();
      return work();
    }
  }

  /**
   * A frame as the film shows it, in gray.
   * @param {number} frame its number
   * @returns {Promise<Blob>} a JPEG
   */
  async picture(frame, width = SCREEN) {
    const { signal } = this.closing;
    return (await request(`${this.path}/frames/${frame}?width=${width}`, { signal })).blob();
  }

  /**
   * The URL of a small one.
   * @param {number} frame
   */
  smallPicture(frame) {
    const known = this.thumbs.get(frame);
    if (known) return known;
    const url = this.picture(frame, THUMB).then(URL.createObjectURL);
    this.thumbs.set(frame, url);
    url.catch(() => this.thumbs.delete(frame));
    return url;
  }

  /** @param {Record<string, any>} order what is colored, and how */
  async order(order) {
    await request(`${this.path}/color`, { method: "POST", body: order });
    await this.refresh();
    this.wake();
  }

  /** End its coloring; what is finished of the whole film is kept there. */
  async cancel() {
    await request(`${this.path}/color`, { method: "DELETE" });
    await this.refresh();
  }

  /** Remove it from the server. */
  remove() {
    if (this.id) request(this.path, { method: "DELETE", keepalive: true }).catch(() => {});
    this.id = null;
  }
}

const isGone = (error) => error instanceof ApiError && error.code === "no_such_film";
