"use strict";
// Numbers and symbols as netrunner writes them.

// With the digits of Python's repr: 1.0, 1e-05, nan.
function exact(value) {
  if (!Number.isFinite(value)) return notFinite(value);
  if (Object.is(value, -0)) return "-0.0";
  const [mantissa, exponent] = value.toExponential().split("e");
  if (exponent < -4 || exponent >= 16) return mantissa + power(Number(exponent));
  const text = String(value);
  return text.includes(".") ? text : `${text}.0`;
}

function notFinite(value) {
  return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
}

function power(exponent) {
  return `e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

// With at least `precision` digits after the point, and as many significant ones.
function shown(value, precision = 8) {
  if (!Number.isFinite(value)) return notFinite(value);
  if (value === 0) return "0";
  const size = Number(value.toExponential().split("e")[1]);
  const digits = isFixed(size) ? Math.max(1, precision, Math.min(size + 1 + precision, 15)) : precision + 1;
  return spelled(value, Math.min(digits, 100), isFixed);
}

const isFixed = (exponent) => exponent > -5 && exponent < 15;

// With `digits` significant digits, without zeros at the end.
function spelled(value, digits, fixed) {
  const [mantissa, exponent] = value.toExponential(digits - 1).split("e");
  const short = shortened(mantissa);
  if (!fixed(Number(exponent))) return short + power(Number(exponent));
  return shortened(Number(`${short}e${exponent}`).toFixed(Math.max(0, digits - 1 - exponent)));
}

function shortened(digits) {
  return digits.includes(".") ? digits.replace(/0+$/, "").replace(/\.$/, "") : digits;
}

// As short as a picture needs it: zeros at the end stay where the number has more digits.
function brief(value, digits = 5) {
  if (!Number.isFinite(value)) return notFinite(value);
  if (value === 0) return "0";
  const [mantissa, exponent] = value.toExponential(digits - 1).split("e");
  const isExact = (text) => Math.abs(Number(text) - value) <= 1e-12 * Math.abs(value);
  if (exponent >= -4 && exponent < 7) {
    const text = value.toFixed(Math.max(0, digits - 1 - exponent));
    return isExact(text) ? shortened(text) : text;
  }
  return (isExact(`${mantissa}e${exponent}`) ? shortened(mantissa) : mantissa) + power(Number(exponent));
}

// With as many digits as fit into `room` ems.
function fitting(value, room) {
  for (let digits = 5; digits > 2; digits--) {
    const text = brief(value, digits);
    if (ems(text) <= room) return text;
  }
  return brief(value, 2);
}

// As notation.py has them.
const ems = (text) => [...text].reduce((sum, char) => sum + ({ ".": 0.32, "-": 0.37, "+": 0.84, e: 0.66 }[char] ?? 0.64), 0);

// A number in a sum or product: in parentheses if it is negative.
const factor = (text) => (text.startsWith("-") ? `(${text})` : text);

// Shares in percent, which add up to the whole: the largest remainders are rounded up, but equal
// shares stay equal.
function percentages(shares) {
  const parts = [...shares].map((share) => (Number.isFinite(share) ? share * 1000 : NaN));
  const floors = parts.map((part) => Math.floor(part + 1e-9));
  const sum = (list) => list.reduce((all, each) => all + (Number.isNaN(each) ? 0 : each), 0);
  const lost = parts.map((part, k) => [part - floors[k], k]).filter(([part]) => part >= 0);
  lost.sort(([one, k], [other, j]) => other - one || k - j);
  const missing = Math.round(sum(parts)) - sum(floors);
  const up = lost.slice(0, Math.max(0, missing)).map(([, k]) => k);
  const [last, next] = [shares[up.at(-1)], shares[lost[up.length]?.[1]]];
  for (const k of up) if (shares[k] !== last || last !== next) floors[k] += 1;
  if (last === next) parts.forEach((part, k) => { if (shares[k] === last) floors[k] = Math.round(part); });
  return floors.map((tenths, k) => {
    if (Number.isNaN(tenths)) return notFinite(shares[k]);
    if (tenths === 0 && shares[k] > 0) return "< 0.1 %";
    if (tenths === 1000 && shares[k] < 1) return "> 99.9 %";
    return `${(tenths / 10).toFixed(1)} %`;
  });
}

const SMALL = { sub: [..."₀₁₂₃₄₅₆₇₈₉"], sup: [..."⁰¹²³⁴⁵⁶⁷⁸⁹"] };
const small = (number, how) => [...String(number)].map((digit) => SMALL[how][digit]).join("");
const joinedIndices = (indices) => indices.join(indices.some((index) => index > 9) ? "," : "");

// w₁₂⁽¹⁾, as plain text.
function symbolText(letter, indices, layer) {
  const below = [...joinedIndices(indices)].map((char) => SMALL.sub[char] ?? char).join("");
  return letter + below + (layer ? `⁽${small(layer, "sup")}⁾` : "");
}
