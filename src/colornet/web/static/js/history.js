/** What was said of a photograph so far, to be undone and redone. */

import { START } from "./guidance.js";

const MOST = 100; // states that are kept

/** @typedef {import("./guidance.js").State} State */

export class History {
  /**
   * @param {readonly State[]} past the oldest first
   * @param {number} at index of the one that counts now
   */
  constructor(past = [START], at = past.length - 1) {
    this.past = past.length ? past : [START];
    this.at = Math.min(Math.max(Math.trunc(at) || 0, 0), this.past.length - 1);
  }

  get state() {
    return this.past[this.at];
  }

  get canUndo() {
    return this.at > 0;
  }

  get canRedo() {
    return this.at < this.past.length - 1;
  }

  /**
   * Take a new state.
   * @param {Partial<State>} change
   * @param {boolean} amend whether it replaces the newest, so that one undo takes back both
   */
  push(change, amend) {
    const state = Object.freeze({ ...this.state, ...change });
    this.past = [...this.past.slice(0, this.at + (amend ? 0 : 1)), state].slice(-MOST);
    this.at = this.past.length - 1;
  }

  /** Take back the newest state for good. */
  drop() {
    this.past = this.past.slice(0, this.at);
    this.at -= 1;
  }
}

/**
 * States with other references; those that an earlier page kept get what they lack.
 * @param {readonly any[]} past
 * @param {(reference: any) => any} change
 */
export function withReferences(past, change) {
  return past.map((state) => Object.freeze({ ...START, ...state, reference: state.reference && change(state.reference) }));
}
