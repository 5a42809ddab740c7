/** Small texts that the browser keeps, where it may: a user can forbid that, and then even asking is an error. */

/** @typedef {"localStorage" | "sessionStorage"} Kind for good, or until the tab is closed */

/**
 * @param {string} key
 * @param {Kind} kind
 * @returns {string | null} null: there is none
 */
export function readItem(key, kind = "localStorage") {
  try {
    return globalThis[kind].getItem(key);
  } catch {
    return null;
  }
}

/**
 * @param {string} key
 * @param {string} value
 * @param {Kind} kind
 */
export function writeItem(key, value, kind = "localStorage") {
  try {
    globalThis[kind].setItem(key, value);
  } catch {
    // it counts for this page alone
  }
}
