/** The black and white point of a faded print, before it is colored. */

import { $, announce, showRange } from "../dom.js";
import { levelsOf } from "../guidance.js";
import { t } from "../texts.js";
import { Steps } from "./steps.js";

const ENDS = ["black", "white"]; // the sliders
const WHOLE = [0, 100];
const APART = 5; // lightness that white is above black, at least

export class Levels {
  constructor() {
    this.photo = null;
    this.steps = new Steps();
    for (const [end, id] of ENDS.entries()) this.#listen($(id), end);
    $("levels-auto").onclick = () => this.#toggleAuto();
  }

  /** @param {import("../photo.js").Photo} photo */
  show(photo) {
    this.photo = photo;
    this.steps.end();
  }

  /** @param {import("../guidance.js").State} state */
  refresh(state) {
    const levels = levelsOf(state, this.photo);
    for (const [end, id] of ENDS.entries()) {
      $(id).value = levels[end];
      showRange($(id), $(`${id}-value`), String(levels[end]));
    }
    $("levels-auto").setAttribute("aria-pressed", String(state.levels === "auto"));
  }

  #listen(input, end) {
    input.onpointerdown = () => this.steps.end();
    input.oninput = () => {
      this.photo.live = { ...this.photo.state, levels: chosen(end) };
      this.refresh(this.photo.live);
      this.photo.render(true).catch(() => {});
    };
    input.onchange = () => this.steps.commit(this.photo, { levels: chosen(end) }, input.id);
    input.ondblclick = () => {
      input.value = WHOLE[end];
      this.steps.commit(this.photo, { levels: chosen(end) });
    };
  }

  #toggleAuto() {
    const levels = this.photo.state.levels === "auto" ? null : "auto";
    this.steps.commit(this.photo, { levels });
    const [black, white] = levelsOf(this.photo.state, this.photo);
    announce(levels ? t("look.levels-found", { black, white }) : t("look.levels-off"));
  }
}

/** What the sliders say; the one that was moved keeps its distance from the other. */
function chosen(moved) {
  const levels = ENDS.map((id) => Number($(id).value));
  if (levels[1] - levels[0] < APART) levels[moved] = moved ? levels[0] + APART : levels[1] - APART;
  return levels.every((value, end) => value === WHOLE[end]) ? null : levels;
}
