/** How far the coloring of all photographs is, and how long it will still take. */

import { $ } from "./dom.js";
import { t } from "./texts.js";

const ENOUGH = 3; // photographs after which the rest can be told

export class Progress {
  constructor() {
    this.total = this.done = this.begun = 0;
  }

  /** One more is to be colored. */
  add() {
    if (this.done === this.total) Object.assign(this, { total: 0, done: 0, begun: performance.now() });
    this.total += 1;
    this.draw();
  }

  /** One is done, or has failed, or is no longer wanted. */
  finish() {
    this.done += 1;
    this.draw();
  }

  draw() {
    const { total, done } = this;
    $("progress").hidden = total < 2 || done === total;
    $("progress-bar").max = total;
    $("progress-bar").value = done;
    const told = t("film.progress", { number: Math.min(done + 1, total), count: total });
    $("progress-text").textContent = done < ENOUGH ? told : `${told} · ${this.#left()}`;
  }

  #left() {
    return timeLeft(((performance.now() - this.begun) / 1000 / this.done) * (this.total - this.done));
  }
}

/** Seconds that something will still take, in words. */
export function timeLeft(seconds) {
  if (seconds < 60) return t("film.seconds-left", { count: Math.max(5 * Math.ceil(seconds / 5), 5) });
  return t("film.minutes-left", { count: Math.ceil(seconds / 60) });
}
