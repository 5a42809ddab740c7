/** Other colorizations to choose from. */

import { $, announce, debounce, fill, make, revokeLater, updateList } from "../dom.js";
import { isSameButVariant, variantName } from "../guidance.js";
import { t } from "../texts.js";
import { toastError } from "../toasts.js";

const COUNT = 4;
const WAIT = 500; // milliseconds of rest before they are colored anew

export class Variants {
  /** @param {import("../stage/viewer.js").Viewer} viewer */
  constructor(viewer) {
    this.viewer = viewer;
    /** @type {import("../photo.js").Photo | null} */
    this.photo = null;
    this.busy = false;
    this.findSoon = debounce(() => this.#isStale && this.#find(), WAIT);
    $("against").onchange = () => this.#compare($("against").value);
    $("variants-show").onclick = () => this.#find();
  }

  /** @param {import("../photo.js").Photo} photo */
  show(photo) {
    this.photo = photo;
  }

  /** Whether what is shown is of an earlier state: they are colored as the photograph is, but for the variant. */
  get #isStale() {
    const { others, state } = this.photo;
    return Boolean(others) && !isSameButVariant(others.of, state);
  }

  async #find() {
    if (this.busy) return;
    const { photo } = this;
    const urls = [];
    this.#setBusy(true);
    try {
      const { state: of } = photo;
      const states = await photo.variants(COUNT);
      for (const state of states) urls.push(await photo.preview(state));
      this.#forget(photo);
      photo.others = { of, states, urls };
      if (photo === this.photo) announce(t("variants.found", { count: states.length }));
    } catch (error) {
      urls.forEach(URL.revokeObjectURL);
      this.#forget(photo);
      toastError(error, photo.name);
    } finally {
      this.#setBusy(false);
      this.refresh(this.photo.state);
    }
  }

  #forget(photo) {
    for (const url of photo.others?.urls ?? []) revokeLater(url);
    photo.others = null;
  }

  #setBusy(busy) {
    this.busy = busy;
    $("variants-show").setAttribute("aria-disabled", String(busy));
    if (busy) $("variants-show").textContent = t("variants.working");
  }

  /** @param {import("../guidance.js").State} state */
  refresh(state) {
    const { others, against, work } = this.photo;
    const { states, urls } = others ?? { states: [], urls: [] };
    if (!this.busy) $("variants-show").textContent = t(others ? "variants.again" : "variants.show");
    $("variants").hidden = !others;
    $("variants").classList.toggle("stale", this.#isStale);
    if (this.#isStale && work === "ready") this.findSoon();
    $("against-part").hidden = !others && !against;
    this.#refreshAgainst(states);
    const reached = Math.max(states.findIndex(({ variant }) => variant === state.variant), 0); // by the tab key
    updateList($("variants"), states, {
      key: (_, index) => urls[index],
      create: () => make("button", { role: "radio" }, make("img", { alt: "" }), make("span")),
      update: (button, one, index) => {
        const chosen = one.variant === state.variant;
        const name = variantName(one.variant);
        button.setAttribute("aria-checked", String(chosen));
        button.setAttribute("aria-label", name);
        button.tabIndex = index === reached ? 0 : -1;
        button.children[0].src = urls[index];
        button.children[1].textContent = name;
        button.onclick = () => this.#choose(one);
        button.onkeydown = (event) => this.#step(event, index);
      },
      fallback: $("variants-show"),
    });
  }

  #refreshAgainst(states) {
    const { against } = this.photo;
    const variants = states.map(({ variant }) => variant);
    if (against && !variants.includes(against.variant)) variants.push(against.variant); // it can be ended all the same
    const names = [t("variants.original"), ...variants.map(variantName)];
    const box = $("against");
    fill(box, names, (name, index) => make("option", { textContent: name, value: variants[index - 1] ?? "" }));
    box.value = against?.variant ?? "";
  }

  #compare(value) {
    const { beside, comparison } = this.viewer;
    if (!beside.on) comparison.open();
    this.photo.compareWith(value ? Number(value) : null).catch((error) => toastError(error, this.photo.name));
  }

  #choose({ variant }) {
    this.photo.commit({ variant }).catch((error) => toastError(error, this.photo.name));
  }

  #step(event, index) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const { states } = this.photo.others;
    const next = (index + step + states.length) % states.length;
    this.#choose(states[next]);
    $("variants").children[next].focus();
  }
}
