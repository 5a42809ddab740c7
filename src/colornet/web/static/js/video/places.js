/** Where the corrections of a shot are in one frame of it. */

import { requestJson } from "../api.js";
import { VERSION } from "../guidance.js";
import { t } from "../texts.js";
import { toast } from "../toasts.js";

export const MIDDLE = "middle"; // of a shot, which is shown at first

/** @typedef {import("../guidance.js").Hint} Hint */
/** @typedef {import("../guidance.js").State} State */
/** @typedef {"middle" | number} Moment a frame of a shot, by its number in the film */
/** @typedef {Hint & {at?: Moment}} Placed a correction, and the frame of the shot that it was made in; its middle, if none is told */

/**
 * What is said of a shot counts for all of it. A still shows it as it is in its own frame, and what the user says there
 * becomes something that is said of the shot.
 */
export class Places {
  /** @param {Moment} moment the frame */
  constructor(moment) {
    this.moment = moment;
    /** @type {WeakMap<Placed, Hint | null>} */
    this.here = new WeakMap(); // corrections as they are in this frame; null: not seen in it
    this.isUnknown = false; // the server could not tell where some are: they are not shown, and not asked for again
    /** @type {Promise<void> | null} */
    this.finding = null; // until the server has told where they are
    this.made = new WeakMap(); // states, and lists of corrections, as they are in this frame
  }

  /** @param {Placed} placed @returns {Hint | null | undefined} undefined: that is not known yet */
  #hereOf(placed) {
    const { at = MIDDLE, ...hint } = placed;
    if (at === this.moment && !this.here.has(placed)) this.here.set(placed, hint);
    return this.here.get(placed);
  }

  #once(of, make) {
    if (!this.made.has(of)) this.made.set(of, make());
    return this.made.get(of);
  }

  /** What is said of the shot, in this frame. @param {State} state */
  stateOf(state) {
    const { hints } = state;
    const here = this.#once(hints, () => Object.freeze(hints.flatMap((hint) => this.#hereOf(hint) ?? [])));
    return this.#once(state, () => Object.freeze({ ...state, hints: here }));
  }

  /** How many are not shown in this frame. @param {readonly Placed[]} hints */
  countUnseen(hints) {
    return hints.filter((hint) => this.#hereOf(hint) === null || (this.isUnknown && !this.#hereOf(hint))).length;
  }

  /**
   * Corrections as they were made in this frame, as those of the shot: one that is somewhere else now was made here.
   * @param {readonly Hint[]} hints of this frame
   * @param {readonly Placed[]} before of the shot; those that are not seen here stay
   * @param {WeakMap<any, Moment>} pointed the frames of those that are of another one, by their points
   * @returns {Placed[]}
   */
  taken(hints, before, pointed) {
    const known = new Map(before.map((placed) => [this.#hereOf(placed)?.points, placed]));
    const taken = hints.map((hint) => {
      const placed = known.get(hint.points);
      if (placed && this.#hereOf(placed) === hint) return placed;
      const { at, points } = placed ?? { at: pointed.get(hint.points) ?? this.moment, points: hint.points };
      const changed = { ...hint, at, points };
      if (placed || at === this.moment) this.here.set(changed, hint);
      return changed;
    });
    for (const [index, placed] of before.entries()) if (!this.#hereOf(placed)) taken.splice(index, 0, placed);
    return taken;
  }

  /** Whether there is nothing to ask. @param {readonly Placed[]} hints */
  knows(hints) {
    return this.isUnknown || hints.every((hint) => this.#hereOf(hint) !== undefined);
  }

  /**
   * Ask the server where those are of which that is not known; one question at a time. If it cannot say, that is told;
   * if it does not answer, that is an error, and they are asked for again.
   * @param {readonly Placed[]} hints
   * @param {import("./video.js").Video} video
   * @param {number} index of the shot
   */
  find(hints, video, index) {
    this.finding ??= this.#find(hints, video, index).catch((error) => {
      if (error.code === "unreachable") throw error;
      this.isUnknown = true;
      tellNotFollowed(error, video);
    }).finally(() => { this.finding = null; });
    return this.finding;
  }

  async #find(hints, video, index) {
    const wanted = hints.filter((hint) => this.#hereOf(hint) === undefined);
    const points = await pointsIn(video, () => video.frameOf(index, this.moment), wanted.map((placed) => [index, placed]));
    for (const [number, placed] of wanted.entries()) {
      const { at, ...hint } = placed;
      this.here.set(placed, points[number] ? { ...hint, points: points[number] } : null);
    }
    this.made = new WeakMap();
  }
}

/**
 * Ask the server where corrections are in a frame, as coloring the film has them.
 * @param {import("./video.js").Video} video
 * @param {() => number} frame
 * @param {(readonly [index: number, placed: Placed])[]} said each with its shot
 * @returns {Promise<([x: number, y: number][] | undefined)[]>} of each; undefined: it is not seen in that frame
 */
export async function pointsIn(video, frame, said) {
  const { signal } = video.closing;
  const found = await video.call(() => {
    const shots = said.map(([index, { at, ...hint }]) => ({ at: video.frameOf(index, at), hints: [hint] }));
    const body = { guidance: { version: VERSION, shots } };
    return requestJson(`${video.path}/frames/${frame()}/hints`, { method: "POST", body, signal });
  });
  const points = new Map(found.map((one) => [one.hint, one.points]));
  return said.map((_, number) => points.get(`shots[${number}].hints[0]`));
}

export function tellNotFollowed(error, video) {
  if (error.name !== "AbortError") toast(t("video.not-followed", { reason: error.message }), video.name);
}
