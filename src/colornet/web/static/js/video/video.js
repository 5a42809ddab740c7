/** A film with what the user says of its shots. */

import { percent } from "../dom.js";
import { START } from "../guidance.js";
import { History, withReferences } from "../history.js";
import { newKey } from "../store.js";
import { t } from "../texts.js";
import { RemoteVideo } from "./remote.js";
import { Still } from "./still.js";

const PREVIEW = 5; // seconds
const SAID = /** @type {const} */ (["strength", "saturation", "setting", "variant"]); // besides corrections
const VERSION = 1; // of guidance

/** @typedef {import("../guidance.js").State} State */
/** @typedef {"result" | "preview"} Which the whole film in color, or a few seconds of it */

/** Tells by the event "still", in its detail, of a still that is new. */
export class Video extends RemoteVideo {
  /**
   * @param {File | null} file null: the browser did not keep it
   * @param {string} [key] by which it is kept in this browser
   * @param {any} [kept] its record
   */
  constructor(file, key = newKey(), kept = {}) {
    super(file, file?.name || kept.name || t("video.film"), kept.id ?? null);
    this.key = key;
    this.partial = kept.partial ?? false;
    this.size = file?.size ?? kept.size; // bytes
    this.isFileKept = Boolean(file); // in the browser, which may have no room for it
    this.index = kept.index ?? 0; // of the shot that is shown
    /** @type {Partial<Record<Which, string>>} */
    this.asked = kept.asked ?? {}; // the guidance that both were asked for with, as JSON
    /** @type {Map<number, History>} */
    this.histories = new Map(); // what was said, by the indices of shots
    for (const [index, { past, at }] of Object.entries(kept.said ?? {})) {
      this.histories.set(Number(index), new History(withReferences(past, () => null), at));
    }
    /** @type {Map<number, Still>} */
    this.stills = new Map(); // those that were shown
    /** @type {string | undefined} */
    this.poster = undefined; // the URL of a small frame
  }

  /** What is kept of it besides its file. */
  get record() {
    const { key, name, size, id, partial, index, asked } = this;
    const said = Object.fromEntries([...this.histories].map(([shot, { past, at }]) => [shot, { past: [...past], at }]));
    return { key, video: { name, size, id, partial, index, asked, said } };
  }

  /** The name, and how far its coloring is. */
  get title() {
    const { name, isColoring, share } = this;
    return isColoring ? t("video.title-coloring", { name, share: percent(share) }) : t("video.title", { name });
  }

  /** The URL of a small picture of it. */
  get thumb() {
    return this.poster;
  }

  /** Whether it failed as a whole. */
  get work() {
    return this.isMissing ? "failed" : "ready";
  }

  /** The still of the shot that is shown. */
  get still() {
    return this.stillOf(this.index);
  }

  /** @param {number} index of a shot */
  stillOf(index) {
    if (!this.stills.has(index)) {
      const still = new Still(this, index);
      this.stills.set(index, still);
      this.tell("still", still);
    }
    return this.stills.get(index);
  }

  /** What was said of a shot. */
  historyOf(index) {
    if (!this.histories.has(index)) this.histories.set(index, new History());
    return this.histories.get(index);
  }

  /** The number of the frame in the middle of a shot. */
  frameOf(index) {
    const { shots } = this;
    const known = Math.min(index, shots.length - 1); // a project may speak of another film
    const end = shots[known + 1]?.frame ?? this.told.frames;
    return Math.floor((shots[known].frame + end) / 2);
  }

  /** Whether anything is said of a shot. */
  isCorrected(index) {
    const state = this.histories.get(index)?.state;
    return Boolean(state && Object.keys(saidIn(state)).length);
  }

  /** What is said of all shots, as the library has the guidance of films. */
  get guidance() {
    const indices = [...this.shots.keys()].filter((index) => this.isCorrected(index));
    const shots = indices.map((index) => ({ at: this.frameOf(index), ...saidIn(this.histories.get(index).state) }));
    return { version: VERSION, shots };
  }

  /** When a shot begins, in seconds. */
  startOf(index) {
    const seconds = this.shots.slice(0, index).reduce((sum, shot) => sum + shot.seconds, 0);
    return Math.round(seconds * 1000) / 1000;
  }

  /** The part that a preview of the shot that is shown has; it may be the whole of a short film. */
  get #part() {
    const from = this.startOf(this.index);
    return { from, to: Math.min(from + PREVIEW, this.told.seconds) };
  }

  /** Whether a preview of the shot that is shown would be less than the film. */
  get hasPreview() {
    return Boolean(this.told?.shots.length) && (this.index > 0 || this.told.seconds > PREVIEW);
  }

  /** @param {Which} which */
  color(which) {
    return this.call(async () => {
      const { guidance } = this;
      const part = which === "preview" ? this.#part : {};
      await this.order({ ...part, guidance });
      this.asked = { ...this.asked, [which]: JSON.stringify(guidance) };
      this.tell("asked");
    });
  }

  /** Whether something else was said since. @param {Which} which */
  isStale(which) {
    return this.asked[which] !== JSON.stringify(this.guidance);
  }

  /**
   * Give a look to all shots; their corrections stay.
   * @param {State} look
   */
  async applyLook({ strength, saturation, setting, variant }) {
    const look = { strength, saturation, setting, variant };
    for (const index of this.shots.keys()) {
      const still = this.stills.get(index);
      if (still?.after) await still.commit(look);
      else this.historyOf(index).push(look, false);
    }
    this.tell("said");
  }

  /** Close what is open of its stills on the server; the film stays there for a while. */
  release() {
    for (const still of this.stills.values()) still.release();
  }

  /** Let go of it, here and on the server. */
  close() {
    this.closing.abort();
    for (const still of this.stills.values()) still.close();
    for (const url of this.thumbs.values()) url.then(URL.revokeObjectURL, () => {});
    this.remove();
  }
}

/** What differs from the usual in a state. @param {State} state */
function saidIn(state) {
  const { hints } = state;
  const look = SAID.filter((name) => state[name] !== START[name]).map((name) => [name, state[name]]);
  return { ...Object.fromEntries(look), ...hints.length ? { hints } : {} };
}
