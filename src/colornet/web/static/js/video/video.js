/** A film with what the user says of its shots. */

import { clamp, percent } from "../dom.js";
import { START, VERSION } from "../guidance.js";
import { History, withReferences } from "../history.js";
import { newKey } from "../store.js";
import { t } from "../texts.js";
import { toastError } from "../toasts.js";
import { MIDDLE } from "./places.js";
import { RemoteVideo } from "./remote.js";
import { Still } from "./still.js";

const PREVIEW = 5; // seconds
const SAID = /** @type {const} */ (["strength", "saturation", "setting", "variant"]); // besides corrections

/** @typedef {import("../guidance.js").State} State */
/** @typedef {import("./places.js").Moment} Moment */
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
    /** @type {Map<number, History>} */
    this.histories = new Map(); // what was said of shots, by their indices
    for (const [index, said] of Object.entries(kept.said ?? {})) this.histories.set(Number(index), historyFrom(said));
    /** @type {Map<number, Moment>} */
    this.moments = new Map(Object.entries(kept.moments ?? {}).map(([index, moment]) => [Number(index), moment])); // that are shown
    /** @type {Map<number, Still>} */
    this.stills = new Map(); // those that were shown, by the indices of shots
    /** @type {string | undefined} */
    this.poster = undefined; // the URL of a small frame
  }

  /** What is kept of it besides its file. */
  get record() {
    const { key, name, size, id, partial, index, asked } = this;
    const said = Object.fromEntries([...this.histories].map(([shot, { past, at }]) => [shot, { past: [...past], at }]));
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
    if (!this.stills.has(index)) {
      const still = new Still(this, index);
      this.stills.set(index, still);
      this.tell("still", still);
    }
    return this.stills.get(index);
  }

  /** The frame of a shot that is shown. @returns {Moment} */
  momentOf(index) {
    return this.moments.get(index) ?? MIDDLE;
  }

  /** What was said of a shot. */
  historyOf(index) {
    if (!this.histories.has(index)) this.histories.set(index, new History());
    return this.histories.get(index);
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
    return this.frameOf(index, this.momentOf(index));
  }

  /** Turn to another frame of a shot. */
  turnTo(index, frame) {
    const moment = frame === this.frameOf(index) ? MIDDLE : frame;
    if (moment === this.momentOf(index)) return;
    this.moments.set(index, moment);
    this.stills.get(index)?.turned();
  }

  /** What is said of a shot, as the library has it: its look, and things in the frames that show them, in their order. */
  #saidOf(index) {
    const { hints, ...look } = this.histories.get(index)?.state ?? START;
    const said = [{ at: this.frameOf(index), ...unusual(look) }];
    for (const { at: moment, ...hint } of hints) {
      const at = this.frameOf(index, moment);
      if (said.at(-1).at !== at) said.push({ at });
      (said.at(-1).hints ??= []).push(hint);
    }
    return said.filter((one) => Object.keys(one).length > 1);
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
    const [, entry, hint] = /^shots\[(\d+)\]\.hints\[(\d+)\]$/.exec(subject)?.map(Number) ?? [];
    const { shots: asked = [] } = JSON.parse(this.#askedFor(which) ?? "{}");
    if (!asked[entry]) return subject;
    const shotOf = ({ at }) => this.shots.findLastIndex(({ frame }) => frame <= at);
    const shot = shotOf(asked[entry]);
    const before = asked.slice(0, entry).filter((one) => shotOf(one) === shot).flatMap(({ hints = [] }) => hints);
    return t("video.correction-of", { number: shot + 1, correction: before.length + hint + 1 });
  }

  /** The part that a preview of the shot that is shown has, in seconds; it may be the whole of a short film. */
  get #part() {
    const begin = this.shots.slice(0, this.index).reduce((sum, shot) => sum + shot.seconds, 0);
    const from = Math.round(begin * 1000) / 1000;
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
   * @returns {Promise<Map<number, State>>} what is said of each now, by their indices
   */
  async applyLook(look) {
    const made = new Map();
    for (const index of this.shots.keys()) {
      await this.#say(index, (history) => history.push(lookOf(look), false));
      made.set(index, this.historyOf(index).state);
    }
    this.tell("said");
    return made;
  }

  /** Take back what was said of shots, where nothing else was said since. @param {Map<number, State>} made by their indices */
  async takeBack(made) {
    for (const [index, state] of made) {
      if (this.historyOf(index).state === state) await this.#say(index, (history) => { history.at -= 1; });
    }
    this.tell("said");
  }

  /** Say something else of a shot; its still shows that, if it was shown before. */
  async #say(index, change) {
    change(this.historyOf(index));
    const still = this.stills.get(index);
    if (still?.after) await still.changed().catch((error) => toastError(error, still.name));
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

/** What differs from the usual in a look. @param {Partial<State>} look */
function unusual(look) {
  return Object.fromEntries(SAID.filter((name) => look[name] !== START[name]).map((name) => [name, look[name]]));
}

/** From what was kept of a shot; earlier pages kept what was said in each of its frames apart. */
function historyFrom(said) {
  const [history, ...others] = [said].flat().map(({ moment = MIDDLE, past, at }) => {
    const states = withReferences(past, () => null).map((state) => ({ ...state, hints: state.hints.map((hint) => ({ at: moment, ...hint })) }));
    return new History(states, at);
  });
  const more = others.flatMap(({ state }) => state.hints);
  if (more.length) history.push({ hints: [...history.state.hints, ...more] }, false);
  return history;
}
