/** What people call a color. */

import { fromHex, rgbToLab } from "./color.js";
import { colorName } from "./texts.js";

// Colors that people mean by a name, many of them from xkcd's color survey of 2010
const NAMES = {
  "black": "000000 0e0c0c 1a1614",
  "white": "ffffff",
  "dark gray": "303030 454545",
  "gray": "6a6a6a 909090",
  "light gray": "b4b4b4 d6d6d6",
  "cream": "fff8e0 f5ecd0 ffffc2",
  "beige": "e6daa6 ddcfb0 d6c4a0",
  "brown": "653700 6f4a2f 7a5230 85603c 5f4635 964e02 856510",
  "dark brown": "341c02 2a1a12 402a1c",
  "light brown": "ad8150 b08f6c a07850 c09a6b b27a20",
  "reddish brown": "7f2b0a 7a4030 8b4a38",
  "gray brown": "7f7053 6e6259 8a7d70 54483f",
  "red": "e50000 c83232 b02020",
  "dark red": "840000 650021 5a1414 2a0810",
  "light red": "ff474c d9544d c8645c ff7868",
  "pink": "ff81c0 e88aa0 d58a94",
  "light pink": "ffd1df f3c4c4",
  "dark pink": "cb416b ff028d",
  "orange": "f97306 e8822c",
  "dark orange": "c65102 d0702a",
  "light orange": "fdaa48 f0b070",
  "peach": "ffb07c f2c4a0 e8b898",
  "yellow": "ffff14 f2d632 e0c83c",
  "light yellow": "fffe7a f4eea0",
  "dark yellow": "d5b60a b39c10 b8a040",
  "olive": "6e750e 77743c 5a5a28",
  "yellow green": "c0fb2d a0bf16 a4b84a",
  "green": "15b01a 3f9b0b 4f8f4f 4fae6e",
  "dark green": "033500 06470c 2c4a2c",
  "light green": "96f97b a0d68c b8d8a8",
  "gray green": "789b73 86a17d 6a7a64 4e5a4c 3f4f4a",
  "turquoise": "06c2ac 40c8b8",
  "light turquoise": "90e4c1 a8e0d8",
  "teal": "029386 2f7f7c 014d4e",
  "blue": "0343df 3318b0 2a62c0 3f6fb0",
  "dark blue": "00035b 01153e 1c2c54 1f3b4d",
  "light blue": "95d0fc a8c8e4",
  "sky blue": "75bbfd 87ceeb 6aa8dc",
  "gray blue": "6b8ba4 607c8e 5f6d80 46525e",
  "purple": "7e1e9c 9a0eea 6a3d8a 7f5a96",
  "dark purple": "35063e 3c2850",
  "light purple": "bf77f6 c79fef c0a8d8",
  "gray purple": "826d8c 8e8091 655a6a",
  "magenta": "c20078 d648d7",
};

/** @type {{name: string, lab: import("./color.js").Lab, chroma: number}[]} */
const NAMED = Object.entries(NAMES).flatMap(([name, colors]) => colors.split(" ").map((digits) => {
  const lab = rgbToLab(fromHex(`#${digits}`));
  return { name, lab, chroma: Math.hypot(lab[1], lab[2]) };
}));

/**
 * The name of the color nearest to one, in words of the user's language. As in CIE94, a difference in hue or chroma
 * counts the less, the more colorful both are.
 * @param {string} hex "#rrggbb"
 */
export function nearestName(hex) {
  const [lightness, a, b] = rgbToLab(fromHex(hex));
  const chroma = Math.hypot(a, b);
  const far = (/** @type {typeof NAMED[0]} */ { lab, chroma: other }) => {
    const both = Math.sqrt(chroma * other);
    const inChroma = chroma - other;
    const inHue = Math.max((a - lab[1]) ** 2 + (b - lab[2]) ** 2 - inChroma ** 2, 0);
    return (lightness - lab[0]) ** 2 + (inChroma / (1 + 0.045 * both)) ** 2 + inHue / (1 + 0.015 * both) ** 2;
  };
  return colorName(NAMED.reduce((best, one) => (far(one) < far(best) ? one : best)).name);
}
