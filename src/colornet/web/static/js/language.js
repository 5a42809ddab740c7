/** The switch between languages. */

import { LANGUAGES, language, setLanguage } from "./texts.js";
import { make } from "./dom.js";

/** @param {() => void} draw all texts anew */
export function listenToLanguage(draw) {
  const boxes = /** @type {NodeListOf<HTMLSelectElement>} */ (document.querySelectorAll(".languages"));
  for (const box of boxes) {
    box.append(...Object.entries(LANGUAGES).map(([value, name]) => make("option", { value, textContent: name, lang: value })));
    box.onchange = () => {
      setLanguage(box.value);
      show();
    };
  }
  const show = () => {
    for (const box of boxes) box.value = language();
    draw();
  };
  show();
}
