/** Changes of a photograph by a slider, of which several presses of a key are one step for undo. */

import { toastError } from "../toasts.js";

export class Steps {
  constructor() {
    this.end();
  }

  /** What comes next is another step. */
  end() {
    /** @type {{slider: string, state: import("../guidance.js").State} | null} */
    this.last = null; // the state that a slider has made; more of the same slider amends it
  }

  /**
   * @param {import("../photo.js").Photo} photo
   * @param {Partial<import("../guidance.js").State>} change
   * @param {string} slider that it came by; "": by none
   */
  commit(photo, change, slider = "") {
    const amend = Boolean(slider) && this.last?.state === photo.state && this.last.slider === slider;
    photo.commit(change, amend).catch((error) => toastError(error, photo.name));
    this.last = slider ? { slider, state: photo.state } : null;
  }
}
