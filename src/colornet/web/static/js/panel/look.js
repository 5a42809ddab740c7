/** The manner in which the model colors, and how much of its color is used. */

import { $, fill, make, percent, showRange } from "../dom.js";
import { START } from "../guidance.js";
import { hasText, t } from "../texts.js";
import { Steps } from "./steps.js";

const SLIDERS = /** @type {const} */ (["strength", "saturation"]);

export class Look {
  constructor() {
    this.photo = null;
    this.steps = new Steps();
    for (const name of SLIDERS) this.#listen($(name), name);
  }

  /** @param {import("../photo.js").Photo} photo */
  show(photo) {
    this.photo = photo;
    this.steps.end();
  }

  /** @param {import("../guidance.js").State} state */
  refresh(state) {
    for (const name of SLIDERS) {
      $(name).value = state[name];
      showRange($(name), $(`${name}-value`), percent(state[name]));
    }
    this.#refreshSettings(state);
  }

  #listen(input, name) {
    input.onpointerdown = () => this.steps.end();
    input.oninput = () => {
      showRange(input, $(`${name}-value`), percent(input.value));
      this.photo.live = { ...this.photo.state, [name]: Number(input.value) };
      this.photo.render(true).catch(() => {});
    };
    input.onchange = () => this.steps.commit(this.photo, { [name]: Number(input.value) }, name);
    input.ondblclick = () => this.steps.commit(this.photo, { [name]: START[name] });
  }

  #refreshSettings(state) {
    const names = this.photo.model?.settings ?? [];
    const box = $("settings");
    box.hidden = $("setting-about").hidden = names.length < 2;
    fill(box, names, (name) => {
      const input = make("input", { type: "radio", name: "setting", value: name });
      input.onchange = () => this.steps.commit(this.photo, { setting: name });
      return make("label", {}, input, make("span"));
    });
    const chosen = names.includes(state.setting) ? state.setting : names[0];
    for (const input of box.querySelectorAll("input")) {
      input.nextElementSibling.textContent = titleOf(input.value);
      input.checked = input.value === chosen;
      input.disabled = !this.photo.after;
    }
    $("setting-about").textContent = hasText(`look.${chosen}-about`) ? t(`look.${chosen}-about`) : "";
  }
}

/** Of a setting of the model, whose own names are English. */
function titleOf(name) {
  return hasText(`look.${name}`) ? t(`look.${name}`) : name[0].toUpperCase() + name.slice(1);
}
