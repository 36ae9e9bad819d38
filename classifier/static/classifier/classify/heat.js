/** Where the network looked, as light over the photo: bright and warm there, dim elsewhere. */

const DIM = [26, 14, 52, 0.56];
const BRIGHT = [255, 170, 40, 0.34];
const SCALE = 16;

/** @param {HTMLCanvasElement} canvas @param {import("./client.js").Heat} heat */
export function paint(canvas, { width, height, values }) {
  const small = new OffscreenCanvas(width, height);
  const places = /** @type {OffscreenCanvasRenderingContext2D} */ (small.getContext("2d"));
  const image = places.createImageData(width, height);
  const bytes = atob(values);
  for (let place = 0; place < width * height; place += 1) {
    image.data.set(colour(bytes.charCodeAt(place) / 255), place * 4);
  }
  places.putImageData(image, 0, 0);
  canvas.width = width * SCALE;
  canvas.height = height * SCALE;
  const layer = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  layer.imageSmoothingQuality = "high";
  layer.drawImage(small, 0, 0, canvas.width, canvas.height);
}

/** @param {number} heat 0..1 @returns {number[]} red, green, blue, alpha: 0..255 each */
function colour(heat) {
  const mixed = DIM.map((dim, part) => dim + (BRIGHT[part] - dim) * heat);
  return [mixed[0], mixed[1], mixed[2], mixed[3] * 255];
}
