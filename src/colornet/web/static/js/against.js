/** What a photograph is compared with in place of its gray original: another of its colorings. */

import { revokeLater } from "./dom.js";
import { isSameButVariant } from "./guidance.js";

/** @typedef {import("./guidance.js").State} State */

export class Against {
  /** @param {number} variant */
  constructor(variant) {
    this.variant = variant;
    /** @type {string | undefined} */
    this.url = undefined; // its picture
    /** @type {State | null} */
    this.of = null; // the photograph's state when that was made
  }

  /** How it is colored beside a photograph that is colored like that. */
  stateBeside(state) {
    return { ...state, variant: this.variant };
  }

  /**
   * Get its picture, where the one that is there is out of date.
   * @param {State} state the photograph's
   * @param {(state: State) => Promise<string>} picture asks for one
   */
  async render(state, picture) {
    if (this.of && isSameButVariant(this.of, state)) return;
    const url = await picture(this.stateBeside(state));
    revokeLater(this.url);
    Object.assign(this, { url, of: state });
  }
}
