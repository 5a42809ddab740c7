/** In a small window the parts of the panel are shown one at a time. */

import { $ } from "../dom.js";

const SMALL = matchMedia("(max-width: 820px)");

export class Tabs {
  constructor() {
    this.all = [...$("tabs").children];
    for (const tab of this.all) {
      tab.onclick = () => this.#choose(tab);
      tab.onkeydown = (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (!step) return;
        const tabs = this.#offered;
        const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
        this.#choose(next);
        next.focus();
      };
    }
    SMALL.addEventListener("change", () => this.#setRoles());
    this.#setRoles();
    this.#choose($("tab-look"));
  }

  /** Those for what is shown: a film has other parts than a photograph. */
  get #offered() {
    const isVideo = !$("tab-video").hidden;
    return this.all.filter((tab) => !tab.hidden && !(isVideo && tab.classList.contains("photo-only")));
  }

  /** What is shown has changed: begin with the first part if it is of another kind. */
  fit() {
    const offered = this.#offered;
    const isOther = offered[0] !== this.first;
    this.first = offered[0];
    const chosen = this.all.find((tab) => tab.getAttribute("aria-selected") === "true");
    if (isOther || !offered.includes(chosen)) this.#choose(offered[0]);
  }

  #choose(chosen) {
    for (const tab of this.all) {
      const on = tab === chosen;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
      partOf(tab).classList.toggle("shown", on);
    }
  }

  #setRoles() {
    for (const tab of this.all) {
      if (SMALL.matches) partOf(tab).setAttribute("role", "tabpanel");
      else partOf(tab).removeAttribute("role");
    }
  }
}

function partOf(tab) {
  return $(tab.getAttribute("aria-controls"));
}
