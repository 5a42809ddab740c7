/** Keeps the files of the page, so that it opens while the server does not answer. What the server computes is never kept. */

const CACHE = "colornet";
const FILES = [
  "./",
  "css/album.css",
  "css/base.css",
  "css/panel.css",
  "css/picker.css",
  "css/studio.css",
  "css/video.css",
  "css/welcome.css",
  "example-color.jpg",
  "example.jpg",
  "icons/icon-192.png",
  "icons/icon-512.png",
  "icons/icon-maskable.png",
  "icons/icon-touch.png",
  "icons/sprite.svg",
  "js/against.js",
  "js/album.js",
  "js/api.js",
  "js/app.js",
  "js/bar.js",
  "js/canvas.js",
  "js/carry.js",
  "js/color-names.js",
  "js/color.js",
  "js/correcting.js",
  "js/dom.js",
  "js/downloads.js",
  "js/elsewhere.js",
  "js/failure.js",
  "js/files.js",
  "js/film.js",
  "js/guidance.js",
  "js/history.js",
  "js/keys.js",
  "js/language.js",
  "js/main.js",
  "js/names.js",
  "js/panel/corrections.js",
  "js/panel/levels.js",
  "js/panel/look.js",
  "js/panel/others.js",
  "js/panel/pages.js",
  "js/panel/panel.js",
  "js/panel/reference.js",
  "js/panel/steps.js",
  "js/panel/tabs.js",
  "js/panel/variants.js",
  "js/photo.js",
  "js/picker/floating.js",
  "js/picker/picker.js",
  "js/picker/plane.js",
  "js/picker/preview.js",
  "js/picker/reach.js",
  "js/picker/reachable.js",
  "js/picker/recent.js",
  "js/picker/swatches.js",
  "js/pixels.js",
  "js/progress.js",
  "js/project.js",
  "js/saving.js",
  "js/stage/beside.js",
  "js/stage/comparison.js",
  "js/stage/gestures.js",
  "js/stage/marks.js",
  "js/stage/tiles.js",
  "js/stage/uncertainty.js",
  "js/stage/viewer.js",
  "js/stage/viewport.js",
  "js/storage.js",
  "js/store.js",
  "js/texts.js",
  "js/theme.js",
  "js/title.js",
  "js/toasts.js",
  "js/together.js",
  "js/unzip.js",
  "js/uploading.js",
  "js/vendor/client-zip/index.js",
  "js/video/inherited.js",
  "js/video/length.js",
  "js/video/moment.js",
  "js/video/part.js",
  "js/video/places.js",
  "js/video/player.js",
  "js/video/remote.js",
  "js/video/shots.js",
  "js/video/still.js",
  "js/video/video.js",
  "js/video/videos.js",
  "logo.svg",
  "manifest.webmanifest",
  "texts/de.js",
  "texts/en.js",
  "texts/es.js",
  "texts/fr.js",
];
const KEPT = new Set(FILES.map((file) => new URL(file, self.registration.scope).href));

self.addEventListener("install", (event) => {
  event.waitUntil(keepAll().then(() => self.skipWaiting()));
});

async function keepAll() {
  const cache = await caches.open(CACHE);
  await cache.addAll(FILES.map((file) => new Request(file, { cache: "no-cache" })));
  for (const request of await cache.keys()) if (!KEPT.has(request.url)) await cache.delete(request);
}

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  url.hash = url.search = "";
  if (event.request.method === "GET" && KEPT.has(url.href)) event.respondWith(answer(event.request, url.href));
});

/** What the server has now, or else what was kept. */
async function answer(request, url) {
  try {
    const answer = await fetch(request);
    if (answer.ok) (await caches.open(CACHE)).put(url, answer.clone());
    return answer;
  } catch (error) {
    const kept = await caches.match(url);
    if (kept) return kept;
    throw error;
  }
}
