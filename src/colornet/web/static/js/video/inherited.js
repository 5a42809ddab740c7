/** Corrections of an earlier shot, which hold in one where the film cuts back to what that showed. */

import { pointsIn, tellNotFollowed } from "./places.js";

/** @typedef {import("./places.js").Placed} Placed */
/** @typedef {import("../guidance.js").State} State */

/** They hold until the shot has corrections of its own. */
export class Inherited {
  /**
   * @param {import("./video.js").Video} video
   * @param {number} index of the shot
   */
  constructor(video, index) {
    this.video = video;
    this.index = index;
    /** @type {readonly Placed[]} */
    this.hints = Object.freeze([]); // where they are in the shot's first frame
    this.number = 0; // of the shot that they were made in, from 1
    /** @type {Promise<void> | null} */
    this.finding = null; // until the server has told them
    /** @type {(readonly Placed[])[]} */
    this.asked = []; // what was said of each earlier shot when they were asked for
    this.isUnknown = false; // the server could not tell them: none are shown, until it is tried again
    /** @type {WeakMap<State, State>} */
    this.made = new WeakMap();
  }

  /** What is said of the shot, with them in place of none of its own. @param {State} state */
  stateOf(state) {
    if (state.hints.length || !this.hints.length) return state;
    if (!this.made.has(state)) this.made.set(state, Object.freeze({ ...state, hints: this.hints }));
    return this.made.get(state);
  }

  /** The corrections of each earlier shot, if it shows the same. */
  get #earlier() {
    const { video: { shots, histories }, index } = this;
    const again = shots[index]?.again;
    return Array.from({ length: index }, (_, other) => {
      const isSame = again && [shots[other].number, shots[other].again].includes(again);
      return isSame ? histories.get(other)?.state.hints ?? [] : [];
    });
  }

  /** Whether there is nothing to ask: the earlier shots have the same corrections as when they were asked for. */
  get isKnown() {
    return this.#earlier.every((hints, index) => hints === this.asked[index] || !(hints.length || this.asked[index]?.length));
  }

  /** It may be told this time. */
  tryAgain() {
    if (this.isUnknown) this.asked = [];
    this.isUnknown = false;
  }

  /** Ask the server for them, as `Places` does. */
  find() {
    const asked = this.#earlier;
    this.finding ??= this.#find(asked).catch((error) => {
      if (error.code === "unreachable") throw error;
      this.#take(asked, [], 0);
      this.isUnknown = true;
      tellNotFollowed(error, this.video);
    }).finally(() => { this.finding = null; });
    return this.finding;
  }

  async #find(asked) {
    const { video, index } = this;
    const said = asked.flatMap((hints, shot) => hints.map((placed) => /** @type {const} */ ([shot, placed])));
    const points = said.length ? await pointsIn(video, () => video.boundsOf(index)[0], said) : [];
    const hints = said.flatMap(([, placed], number) => (points[number] ? [{ ...placed, at: video.boundsOf(index)[0], points: points[number] }] : []));
    const from = said.find((_, number) => points[number])?.[0] ?? -1;
    this.#take(asked, hints, from + 1);
  }

  #take(asked, hints, number) {
    Object.assign(this, { asked, hints: Object.freeze(hints), number, isUnknown: false, made: new WeakMap() });
  }
}
