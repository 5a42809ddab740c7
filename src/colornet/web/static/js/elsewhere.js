/** The album is open in one tab: the others say that it is open elsewhere, and offer to go on here. */

import { $ } from "./dom.js";

/** @param {import("./store.js").Store} store */
export function listenToOtherTabs(store) {
  const box = $("elsewhere-box");
  store.addEventListener("taken", (/** @type {CustomEvent} */ { detail: { isRefused } }) => {
    if (isRefused) $("elsewhere-refused").hidden = false;
    if (!box.open) box.showModal();
  });
  box.addEventListener("close", () => box.showModal()); // browsers let Escape close it
  $("elsewhere-here").onclick = () => location.reload();
  addEventListener("pageshow", ({ persisted }) => persisted && location.reload()); // it may be open elsewhere by now
}
