/** Colors to choose from, as a row of buttons. */

import { $, make, updateList } from "../dom.js";

/**
 * @param {HTMLElement} box
 * @param {{color: string, text: string, label: string}[]} colors what each shows, and is called
 * @param {string | undefined} chosen the color that is chosen, if one is
 * @param {(color: string) => void} choose
 */
export function drawSwatches(box, colors, chosen, choose) {
  updateList(box, colors, {
    key: ({ color }) => color,
    create: () => make("button", { className: "swatch" }, make("i")),
    update: (button, { color, text, label }) => {
      button.value = color;
      button.title = label;
      button.setAttribute("aria-label", label);
      button.setAttribute("aria-pressed", String(color === chosen));
      button.style.background = color;
      button.firstElementChild.textContent = text;
      button.onclick = () => choose(color);
    },
    fallback: $("picker-close"),
  });
}

/** @param {string | undefined} chosen the color that is chosen in the box, if one is */
export function pressSwatches(chosen) {
  for (const swatch of document.querySelectorAll("#picker .swatch")) {
    swatch.setAttribute("aria-pressed", String(/** @type {any} */ (swatch).value === chosen));
  }
}
