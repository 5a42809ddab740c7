/** How long a film is, as far as the browser can tell before it is uploaded. */

const PATIENCE = 5000; // milliseconds

/**
 * @param {File} file
 * @returns {Promise<number>} seconds; NaN where the browser cannot play it
 */
export async function lengthOf(file) {
  const url = URL.createObjectURL(file);
  const video = document.createElement("video");
  const length = await new Promise((resolve) => {
    video.onloadedmetadata = () => resolve(video.duration);
    video.onerror = () => resolve(NaN);
    setTimeout(() => resolve(NaN), PATIENCE);
    video.preload = "metadata";
    video.src = url;
  });
  video.removeAttribute("src");
  video.load();
  URL.revokeObjectURL(url);
  return Number.isFinite(length) ? length : NaN;
}
