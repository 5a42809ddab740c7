/** Other colorizations to choose from. */

import { $, announce, make, updateList } from "../dom.js";
import { t } from "../texts.js";
import { toast } from "../toasts.js";

const COUNT = 4;

export class Variants {
  constructor() {
    this.photo = null;
    this.found = null; // their states, and the URLs of their previews
    this.busy = false;
    $("against").onchange = () => this.#compare($("against").selectedIndex - 1);
    $("variants-show").onclick = () => this.busy || this.#find();
  }

  /** @param {import("../photo.js").Photo} photo */
  show(photo) {
    if (photo !== this.photo) this.#forget();
    this.photo = photo;
  }

  #forget() {
    for (const url of this.found?.urls ?? []) URL.revokeObjectURL(url);
    this.found = null;
  }

  async #find() {
    const { photo } = this;
    this.#setBusy(true);
    try {
      const states = await photo.variants(COUNT);
      const urls = [];
      for (const state of states) urls.push(await photo.preview(state));
      if (photo === this.photo) {
        this.#forget();
        this.found = { states, urls };
        announce(t("variants.found", { count: states.length }));
      }
    } catch (error) {
      if (error.name !== "AbortError") toast(error.message, photo.name);
    } finally {
      this.#setBusy(false);
      this.refresh(this.photo.state);
    }
  }

  #setBusy(busy) {
    this.busy = busy;
    $("variants-show").setAttribute("aria-disabled", String(busy));
    if (busy) $("variants-show").textContent = t("variants.working");
  }

  /** @param {import("../guidance.js").State} state */
  refresh(state) {
    const { states, urls } = this.found ?? { states: [], urls: [] };
    if (!this.busy) $("variants-show").textContent = t(this.found ? "variants.anew" : "variants.show");
    $("variants").hidden = $("against-part").hidden = !this.found;
    this.#refreshAgainst(states);
    updateList($("variants"), states, {
      key: (_, index) => urls[index],
      create: () => make("button", { role: "radio" }, make("img", { alt: "" }), make("span")),
      update: (button, one, index) => {
        const chosen = one.variant === state.variant;
        const name = nameOf(index);
        button.setAttribute("aria-checked", String(chosen));
        button.setAttribute("aria-label", name);
        button.tabIndex = chosen ? 0 : -1;
        button.children[0].src = urls[index];
        button.children[1].textContent = name;
        button.onclick = () => this.#choose(one);
        button.onkeydown = (event) => this.#step(event, index);
      },
      fallback: $("variants-show"),
    });
  }

  #refreshAgainst(states) {
    const names = [t("variants.original"), ...states.map((_, index) => nameOf(index))];
    const box = $("against");
    if (box.dataset.names === names.join()) return;
    box.dataset.names = names.join();
    box.replaceChildren(...names.map((name) => make("option", { textContent: name })));
    box.selectedIndex = names.indexOf(this.photo.against?.name ?? names[0]);
  }

  #compare(index) {
    const state = index < 0 ? null : this.found.states[index];
    this.photo.compareWith(state, nameOf(index)).catch((error) => toast(error.message, this.photo.name));
  }

  #choose({ variant, setting }) {
    this.photo.commit({ variant, setting }).catch((error) => toast(error.message, this.photo.name));
  }

  #step(event, index) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const { states } = this.found;
    const next = (index + step + states.length) % states.length;
    this.#choose(states[next]);
    $("variants").children[next].focus();
  }
}

/** Of the colorization with that index. */
const nameOf = (index) => (index ? t("variants.other", { number: index }) : t("variants.usual"));
