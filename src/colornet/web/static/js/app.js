/** The page as an app that can be installed, and opens also while the server does not answer. */

export function registerWorker() {
  if (!("serviceWorker" in navigator)) return; // as in pages that came without TLS from another machine
  const policy = globalThis.trustedTypes?.createPolicy("colornet", { createScriptURL: () => "sw.js" });
  const url = policy ? policy.createScriptURL("") : "sw.js";
  navigator.serviceWorker.register(/** @type {string} */ (url), { updateViaCache: "none" }).catch(() => {}); // it works without
}
