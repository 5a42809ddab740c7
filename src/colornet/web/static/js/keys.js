/** The keys that work everywhere on the page. */

const TYPING = "input:not([type=range], [type=radio], [type=checkbox]), select, textarea";
const HISTORY = ["z", "y"]; // keys with which text fields have a history of their own
const BRACKETS = ["[", "]"]; // which many keyboards have only with Alt
const ALWAYS = ["o", "z"]; // also without a photograph: the last one may have been removed by mistake

/**
 * @param {Record<string, () => void>} plain what keys do by themselves
 * @param {Record<string, () => void>} control what they do with Ctrl or Cmd; "Z" is with Shift as well
 * @param {() => boolean} isReady whether there is a photograph to work on
 */
export function listenToKeys(plain, control, isReady) {
  addEventListener("keydown", (event) => {
    const { key = "" } = event; // there is none where the browser fills in a field
    const isAlt = event.altKey && !BRACKETS.includes(key);
    if (isAlt || event.defaultPrevented || document.querySelector("dialog[open]")) return;
    const target = /** @type {Element} */ (event.target);
    if (event.ctrlKey || event.metaKey) {
      if (HISTORY.includes(key.toLowerCase()) && target.matches("[type=text]")) return;
      const action = control[event.shiftKey ? key.toUpperCase() : key.toLowerCase()];
      if (!action || (!ALWAYS.includes(key.toLowerCase()) && !isReady())) return;
      event.preventDefault();
      action();
    } else if (isReady() && plain[key.length > 1 ? key : key.toLowerCase()]) {
      if (key !== "Escape" && target.closest(TYPING)) return;
      if (key.startsWith("Page") && target.closest("[role=slider], [type=range]")) return;
      if (key.length > 1) event.preventDefault();
      plain[key.length > 1 ? key : key.toLowerCase()]();
    }
  });
}

/**
 * A key that does something as long as it is held.
 * @param {string} key
 * @param {(on: boolean) => void} hold
 */
export function listenToHeldKey(key, hold) {
  addEventListener("keydown", (event) => {
    const typing = /** @type {Element} */ (event.target).closest(TYPING);
    if (event.key?.toLowerCase() === key && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) hold(true);
  });
  addEventListener("keyup", (event) => event.key?.toLowerCase() === key && hold(false));
  addEventListener("blur", () => hold(false));
}
