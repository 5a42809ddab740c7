/** Light or dark: as the system has it, until the user says otherwise. */

import { $ } from "./dom.js";
import { readItem, writeItem } from "./storage.js";

export function listenToTheme() {
  const theme = readItem("theme");
  if (theme) document.documentElement.dataset.theme = theme;
  $("theme").onclick = () => {
    const now = document.documentElement.dataset.theme;
    const dark = now ? now === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    const next = dark ? "light" : "dark";
    document.documentElement.dataset.theme = next;
    writeItem("theme", next);
  };
}
