import { Kind } from "../data/profile";
import type { Names } from "../model/names";
import { Root } from "../model/tree";
import type { TreeWeights } from "../model/weights";

/** What colours of boxes say. */
export type Colouring = "kind" | "module" | "change";

/** A colour for a function's box, as CSS has it. */
export type ColourOf = (fn: number, node: number) => string;

/** Hue and chroma of a kind's boxes, in OKLCH: equal lightness looks equally light, so text is legible on each. */
const hues: Record<Kind, [hue: number, chroma: number]> = {
  [Kind.Python]: [70, 0.115],
  [Kind.Native]: [245, 0.085],
  [Kind.Kernel]: [325, 0.085],
  [Kind.Interpreter]: [160, 0.075],
  [Kind.Wait]: [260, 0.012],
  [Kind.Unknown]: [30, 0.012],
};

export const kindNames: Record<Kind, string> = {
  [Kind.Python]: "Python",
  [Kind.Native]: "native",
  [Kind.Kernel]: "kernel",
  [Kind.Interpreter]: "interpreter",
  [Kind.Wait]: "waiting",
  [Kind.Unknown]: "unknown",
};

/** What is drawn with, by theme. */
export interface Palette {
  isDark: boolean;
  background: string;
  text: string;
  dimText: string;
  accent: string;

  /** Around the box that is pointed at or selected. */
  outline: string;

  /** A box that the search finds. */
  match: string;

  /** A box beside those that the search finds. */
  faded: string;
}

export const light: Palette = {
  isDark: false,
  background: "#ffffff",
  text: "#1d1b16",
  dimText: "#6a675f",
  accent: "#1463c4",
  outline: "#1d1b16",
  match: oklch(78, 0.17, 350),
  faded: "#ecebe7",
};

export const dark: Palette = {
  isDark: true,
  background: "#16171a",
  text: "#f0eee8",
  dimText: "#a3a19a",
  accent: "#7ab4ff",
  outline: "#ffffff",
  match: oklch(52, 0.19, 350),
  faded: "#26282d",
};

/** Spreads numbers evenly over 0 to 1. */
const spread = (value: number) => {
  let hash = Math.imul(value ^ 0x5bd1e995, 0x9e3779b1);
  hash ^= hash >>> 15;
  return (Math.imul(hash, 0x85ebca6b) >>> 0) / 2 ** 32;
};

/**
 * A colour of OKLCH as `#rrggbb`, which canvases read many times faster: the inverse of what https://bottosson.github.io/posts/oklab
 * makes of sRGB.
 */
export function oklch(lightness: number, chroma: number, hue: number): string {
  const light = lightness / 100;
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const [l, m, s] = [
    (light + 0.3963377774 * a + 0.2158037573 * b) ** 3,
    (light - 0.1055613458 * a - 0.0638541728 * b) ** 3,
    (light - 0.0894841775 * a - 1.291485548 * b) ** 3,
  ] as const;
  const hex = (linear: number) => {
    const value = linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055;
    return Math.round(255 * Math.min(1, Math.max(0, value))).toString(16).padStart(2, "0");
  };
  return "#"
    + hex(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s)
    + hex(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s)
    + hex(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s);
}

export function kindColour(kind: Kind, palette: Palette, variation = 0.5): string {
  const [hue, chroma] = hues[kind];
  const lightness = palette.isDark ? 38 + 7 * variation : 80 + 8 * variation;
  return oklch(lightness, chroma, hue + 14 * (variation - 0.5));
}

/** By kind, so that Python stands out; functions side by side differ a little. */
export function byKind(names: Names, palette: Palette): ColourOf {
  return cached(names.count, (fn) => kindColour(names.kind(fn), palette, spread(fn)));
}

/** By the file or library that the code lies in. */
export function byModule(names: Names, palette: Palette): ColourOf {
  return cached(names.count, (fn) => {
    const hue = 360 * spread(names.moduleIndex(fn) + 1);
    return oklch(palette.isDark ? 40 + 5 * spread(fn) : 81 + 6 * spread(fn), 0.09, hue);
  });
}

/** By how a box's share differs between the selection and the whole recording: red for more, blue for less. */
export function byChange(selected: TreeWeights, whole: TreeWeights, palette: Palette): ColourOf {
  const share = ({ total }: TreeWeights, node: number) => (total[Root]! > 0 ? total[node]! / total[Root]! : 0);
  const strengths = cached(2 * (shades + 1), (index) => {
    const strength = (index >> 1) / shades;
    return oklch(palette.isDark ? 40 : 88 - 8 * strength, 0.005 + 0.14 * strength, index & 1 ? 25 : 250);
  });
  return (_, node) => {
    const now = share(selected, node);
    const before = share(whole, node);
    const change = now + before > 0 ? (now - before) / (now + before) : 0; // -1 to 1
    const strength = Math.round(Math.min(1, Math.abs(change) * 2) * shades);
    return strengths((change > 0 ? 1 : 0) + 2 * strength);
  };
}

/** Strengths of a change that are told apart. */
const shades = 32;

function cached(count: number, make: (index: number) => string): (index: number) => string {
  const colours = new Array<string | undefined>(count);
  return (index) => (colours[index] ??= make(index));
}
