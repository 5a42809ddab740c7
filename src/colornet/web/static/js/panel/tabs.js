/** In a small window the parts of the panel are shown one at a time. */

import { $ } from "../dom.js";

const SMALL = matchMedia("(max-width: 820px)");

export function listenToTabs() {
  const tabs = [...$("tabs").children];
  for (const [index, tab] of tabs.entries()) {
    tab.onclick = () => choose(tabs, tab);
    tab.onkeydown = (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = tabs[(index + step + tabs.length) % tabs.length];
      choose(tabs, next);
      next.focus();
    };
  }
  SMALL.addEventListener("change", () => setRoles(tabs));
  setRoles(tabs);
  choose(tabs, tabs[0]);
}

function choose(tabs, chosen) {
  for (const tab of tabs) {
    const on = tab === chosen;
    tab.setAttribute("aria-selected", String(on));
    tab.tabIndex = on ? 0 : -1;
    partOf(tab).classList.toggle("shown", on);
  }
}

function setRoles(tabs) {
  for (const tab of tabs) {
    if (SMALL.matches) partOf(tab).setAttribute("role", "tabpanel");
    else partOf(tab).removeAttribute("role");
  }
}

function partOf(tab) {
  return $(tab.getAttribute("aria-controls"));
}
