/** Weights, shares and times as people read them. */

const units: [number, string][] = [[1e9, "s"], [1e6, "ms"], [1e3, "µs"], [1, "ns"]];

/** A time of three digits, such as `1.23 s`. */
export function time(nanoseconds: number): string {
  const size = Math.abs(nanoseconds);
  if (size >= 60e9) {
    const seconds = Math.round(nanoseconds / 1e9);
    const minutes = Math.floor(seconds / 60);
    return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  }

  const [scale, unit] = units.find(([least]) => size >= least) ?? units[3]!;
  const value = nanoseconds / scale;
  return `${value.toFixed(scale === 1 || Math.abs(value) >= 99.95 ? 0 : Math.abs(value) >= 9.995 ? 1 : 2)} ${unit}`;
}

/** A number with its thousands apart. */
export function count(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

/** A weight of an event: a time, or a number. */
export function weight(value: number, isClock: boolean): string {
  return isClock ? time(value) : count(value);
}

/** A share such as `12.3%`; what is there but small is not 0. */
export function share(part: number, whole: number): string {
  if (whole === 0 || part === 0) {
    return "0%";
  }

  const percent = (100 * part) / whole;
  return percent < 0.05 ? "<0.1%" : percent > 99.95 && part < whole ? ">99.9%" : `${percent.toFixed(percent >= 99.95 ? 0 : 1)}%`;
}
