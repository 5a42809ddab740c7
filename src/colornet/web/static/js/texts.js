/** The words of the page, in the language of the user: all of them are in texts/. */

import de from "../texts/de.js";
import en from "../texts/en.js";
import es from "../texts/es.js";
import fr from "../texts/fr.js";
import { readItem, writeItem } from "./storage.js";

/** @type {Record<string, Record<string, any>>} */
const TEXTS = { en, de, es, fr };
/** What each language calls itself, by its code. */
export const LANGUAGES = Object.fromEntries(Object.entries(TEXTS).map(([code, texts]) => [code, texts.language]));
const KEPT = "language"; // in the browser, once the user has chosen

let current = wanted();
let plurals = new Intl.PluralRules(current);

/** The one that the user has chosen, or the first of the browser's that there is. */
function wanted() {
  const tags = [readItem(KEPT) ?? "", ...navigator.languages];
  return tags.map((tag) => tag.split("-")[0].toLowerCase()).find((code) => code in TEXTS) ?? "en";
}

/** @returns {string} one of LANGUAGES */
export const language = () => current;

/** @param {string} code one of LANGUAGES, which the user has chosen */
export function setLanguage(code) {
  writeItem(KEPT, code);
  current = code;
  plurals = new Intl.PluralRules(code);
}

/**
 * A text.
 * @param {string} key
 * @param {Record<string, string | number>} values for its {places}; `count` also chooses among the forms of a plural
 */
export function t(key, values = {}) {
  const found = TEXTS[current][key];
  const text = typeof found === "string" ? found : found[plurals.select(Number(values.count))] ?? found.other;
  return unbroken(text).replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

/** No line begins with the signs that French, and percents everywhere, have behind a space. */
const unbroken = (text) => text.replace(/ ([:;!?%»])/g, "\u00a0$1").replace(/« /g, "«\u00a0");

/** Whether there is such a text. */
export const hasText = (key) => key in TEXTS[current];

/**
 * The name of a color.
 * @param {string} name in English
 */
export const colorName = (name) => TEXTS[current].colors?.[name] ?? name;

/**
 * Fill in the texts of elements: data-t is the key of their content, data-t-title that of their title,
 * and so for every attribute.
 * @param {HTMLElement} root
 */
export function fillTexts(root) {
  root.lang = current;
  for (const element of root.querySelectorAll("*")) {
    for (const { name, value } of [...element.attributes]) {
      if (name === "data-t") element.textContent = t(value);
      else if (name.startsWith("data-t-")) element.setAttribute(name.slice("data-t-".length), t(value));
    }
  }
}
