/** Numbers of source maps: base 64, five bits a digit, the lowest first, the sign in the lowest bit (ECMA-426). */

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** A whole number as source maps write it: base64 digits, the lowest five bits first. */
export function encodeVlq(value: number): string {
  let rest = value < 0 ? -value * 2 + 1 : value * 2;
  let text = "";
  do {
    const low = rest % 32;
    rest = Math.floor(rest / 32);
    text += DIGITS.charAt(rest > 0 ? low | 32 : low);
  } while (rest > 0);
  return text;
}

/** The first number of a text and how many characters it has; undefined: there is none. */
export function decodeVlq(text: string): { value: number; length: number } | undefined {
  let bits = 0;
  for (let length = 0; length < text.length; length++) {
    const digit = DIGITS.indexOf(text.charAt(length));
    if (digit < 0) return undefined;
    bits += (digit & 31) * 32 ** length;
    if (digit >= 32) continue;
    const size = Math.floor(bits / 2);
    return { value: bits % 2 === 1 ? -size : size, length: length + 1 };
  }
  return undefined;
}
