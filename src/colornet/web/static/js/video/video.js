/** A film with what the user says of its shots. */

import { clamp, percent } from "../dom.js";
import { START } from "../guidance.js";
import { History, withReferences } from "../history.js";
import { newKey } from "../store.js";
import { t } from "../texts.js";
import { RemoteVideo } from "./remote.js";
import { Still } from "./still.js";

const PREVIEW = 5; // seconds
const SAID = /** @type {const} */ (["strength", "saturation", "setting", "variant"]); // besides corrections
const VERSION = 1; // of guidance
const MIDDLE = "middle"; // of a shot, which is shown at first

/** @typedef {import("../guidance.js").State} State */
/** @typedef {"middle" | number} Moment a frame of a shot, by its number in the film */
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
    /** @type {Record<string, string>} */
    this.asked = kept.asked ?? {}; // the guidance that was asked for with, as JSON, by orders
    /** @type {Map<number, Map<Moment, History>>} */
    this.histories = new Map(); // what was said, by the indices of shots and in their frames
    for (const [index, moments] of Object.entries(kept.said ?? {})) {
      const known = [moments].flat().map(({ moment = MIDDLE, past, at }) => [moment, new History(withReferences(past, () => null), at)]);
      this.histories.set(Number(index), new Map(known));
    }
    /** @type {Map<number, Moment>} */
    this.moments = new Map(Object.entries(kept.moments ?? {}).map(([index, moment]) => [Number(index), moment])); // that are shown
    /** @type {Map<History, Still>} */
    this.stills = new Map(); // those that were shown
    /** @type {string | undefined} */
    this.poster = undefined; // the URL of a small frame
  }

  /** What is kept of it besides its file. */
  get record() {
    const { key, name, size, id, partial, index, asked } = this;
    const list = (moments) => [...moments].map(([moment, { past, at }]) => ({ moment, past: [...past], at }));
    const said = Object.fromEntries([...this.histories].map(([shot, moments]) => [shot, list(moments)]));
    return { key, video: { name, size, id, partial, index, asked, said, moments: Object.fromEntries(this.moments) } };
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
    const history = this.historyOf(index);
    if (!this.stills.has(history)) {
      const still = new Still(this, index, this.#momentOf(index));
      this.stills.set(history, still);
      still.addEventListener("state", () => this.#spreadLook(index, history));
      this.tell("still", still);
    }
    return this.stills.get(history);
  }

  /** The still of a shot, if it was shown already. */
  knownStillOf(index) {
    return this.stills.get(this.histories.get(index)?.get(this.#momentOf(index)));
  }

  #momentOf(index) {
    return this.moments.get(index) ?? MIDDLE;
  }

  /** What was said of a shot in the frame of it that is shown; its look is that of the whole shot. */
  historyOf(index) {
    if (!this.histories.has(index)) this.histories.set(index, new Map());
    const moments = this.histories.get(index);
    const moment = this.#momentOf(index);
    if (!moments.has(moment)) {
      const [known] = moments.values();
      moments.set(moment, new History(known && [Object.freeze({ ...START, ...lookOf(known.state) })]));
    }
    return moments.get(moment);
  }

  /** Its first frame, and the one after its last. */
  boundsOf(index) {
    const { shots } = this;
    const known = Math.min(index, shots.length - 1); // a project may speak of another film
    return [shots[known].frame, shots[known + 1]?.frame ?? this.told.frames];
  }

  /**
   * The number of a frame of a shot.
   * @param {number} index
   * @param {Moment} moment
   */
  frameOf(index, moment = MIDDLE) {
    const [first, end] = this.boundsOf(index);
    return moment === MIDDLE ? Math.floor((first + end) / 2) : clamp(moment, first, end - 1);
  }

  /** The number of the frame of a shot that is shown. */
  shownFrameOf(index) {
    return this.frameOf(index, this.#momentOf(index));
  }

  /** Turn to another frame of a shot. */
  turnTo(index, frame) {
    const left = this.knownStillOf(index);
    this.moments.set(index, frame === this.frameOf(index) ? MIDDLE : frame);
    const isKept = !left || left.moment === MIDDLE || left.history.past.length > 1 || !["ready", "failed"].includes(left.work);
    if (isKept || left.moment === this.#momentOf(index)) return;
    left.close(); // nothing was said there
    this.stills.delete(left.history);
    this.histories.get(index).delete(left.moment);
  }

  /** What is said of a shot, as the library has it: its look once, and things in the frames that show them. */
  #saidOf(index) {
    const moments = [...this.histories.get(index) ?? []].map(([moment, { state }]) => ({ at: this.frameOf(index, moment), ...saidIn(state) }));
    return moments.filter(({ at, hints, ...look }, number) => hints || (number === 0 && Object.keys(look).length));
  }

  /** Whether anything is said of a shot. */
  isCorrected(index) {
    return this.#saidOf(index).length > 0;
  }

  /** What is said of all shots, as the library has the guidance of films. */
  get guidance() {
    return { version: VERSION, shots: [...this.shots.keys()].flatMap((index) => this.#saidOf(index)) };
  }

  /**
   * Whose a notice is, in the page's words: the library counts what was said.
   * @param {string} subject
   * @param {Which} which of what was asked for
   */
  subjectOf(subject, which) {
    const [, entry, hint] = /^shots\[(\d+)\]\.hints\[(\d+)\]$/.exec(subject) ?? [];
    const { at } = entry && JSON.parse(this.#askedFor(which) ?? "{}").shots?.[entry] || {};
    if (at === undefined) return subject;
    return t("video.correction-of", { number: this.shots.findLastIndex(({ frame }) => frame <= at) + 1, correction: Number(hint) + 1 });
  }

  /** A look counts for the whole shot: it is that of its other frames, too. */
  #spreadLook(index, history) {
    const look = lookOf(history.state);
    for (const other of this.histories.get(index).values()) {
      if (SAID.every((name) => other.state[name] === look[name])) continue;
      other.push(look, true);
      const still = this.stills.get(other);
      if (still?.after) still.render().catch(() => {}); // it is told once it is shown
    }
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
      const { order, result, preview } = this.told;
      const known = [result, preview].map((made) => [made?.order, this.asked[made?.order]]);
      this.asked = { ...Object.fromEntries(known.filter(([, json]) => json)), [order]: JSON.stringify(guidance) };
      this.tell("asked");
    });
  }

  /** The guidance that it was made with, as JSON. @param {Which} which */
  #askedFor(which) {
    return this.asked[this.told?.[which]?.order];
  }

  /** Whether something else was said since. @param {Which} which */
  isStale(which) {
    return this.#askedFor(which) !== JSON.stringify(this.guidance);
  }

  /**
   * Give a look to all shots; their corrections stay.
   * @param {State} look
   */
  async applyLook(look) {
    for (const index of this.shots.keys()) {
      const still = this.knownStillOf(index);
      if (still?.after) {
        await still.commit(lookOf(look));
      } else {
        this.historyOf(index).push(lookOf(look), false);
        this.#spreadLook(index, this.historyOf(index));
      }
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

/** What is said of a whole shot. @param {State} state @returns {Partial<State>} */
function lookOf(state) {
  return Object.fromEntries(SAID.map((name) => [name, state[name]]));
}

/** What differs from the usual in a state. @param {State} state */
function saidIn(state) {
  const { hints } = state;
  const look = SAID.filter((name) => state[name] !== START[name]).map((name) => [name, state[name]]);
  return { ...Object.fromEntries(look), ...hints.length ? { hints } : {} };
}
