// Numbers as text.

/**
 * A part of all in percent: nothing but all is 100 %.
 * @param {number} part
 */
export function percent(part) {
  if (part === 0 || part === 1) return `${100 * part} %`;
  const digits = part < 0.1 || part > 0.99 ? 1 : 0;
  return `${(100 * part).toFixed(digits)} %`;
}

/**
 * A number with three digits.
 * @param {number} value
 */
export function brief(value) {
  return value !== 0 && Math.abs(value) < 0.001
    ? value.toExponential(1).replace("-", "−")
    : value.toPrecision(3).replace("-", "−");
}

/**
 * A whole number.
 * @param {number} value
 */
export function count(value) {
  return value.toLocaleString("en");
}
