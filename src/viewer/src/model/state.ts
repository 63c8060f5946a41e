import type { Mode, Profile } from "../data/profile";
import type { Names } from "./names";

export const views = ["flame", "tree", "callers", "functions", "source", "stacks", "about"] as const;
export type View = (typeof views)[number];

/** All that a reader chose. What is shown follows from it and from the profile, so it is the page's address too. */
export interface State {
  view: View;
  event: number;
  mode: Mode;

  /** Nanoseconds since the first sample; null for all time. */
  range: readonly [number, number] | null;

  /** Indexes of threads, ascending; null for all. */
  threads: readonly number[] | null;
  search: string;
  focus: readonly number[];
  hide: readonly number[];
  collapse: readonly number[];
  foldRecursion: boolean;

  /** Functions from the outermost one to the box that the flame graph is zoomed to. */
  zoom: readonly number[];
  order: "heavy" | "time";
  direction: "icicle" | "flame";
  colour: "kind" | "module" | "change";

  /** The function that is looked at. */
  selected: number | null;

  /** The function whose callers are shown; null for all functions and theirs. */
  callersOf: number | null;

  /** The file and the line that the source view shows. */
  file: number | null;
  line: number | null;
  theme: "auto" | "light" | "dark";

  /** What functions are sorted by in their table, and whether the least come first. */
  sort: Column;
  isSortedUp: boolean;

  /** Processes whose threads are shown; null for the first one alone. */
  processes: readonly number[] | null;

  /** Rows of the tree that are open, by their ids; null as it opens. */
  expanded: readonly string[] | null;
}

export const columns = ["self", "total", "name", "kind"] as const;
export type Column = (typeof columns)[number];

/** Rows that an address names at most; of more it would be too long, and they open as at first. */
const mostExpanded = 200;

export function initialState(profile: Profile): State {
  return {
    view: "flame",
    event: Math.max(0, profile.samples.count > 0 ? profile.samples.event[0]! : 0),
    mode: profile.mode,
    range: null,
    threads: null,
    search: "",
    focus: [],
    hide: [],
    collapse: [],
    foldRecursion: false,
    zoom: [],
    order: "heavy",
    direction: "icicle",
    colour: "kind",
    selected: null,
    callersOf: null,
    file: null,
    line: null,
    theme: "auto",
    sort: "self",
    isSortedUp: false,
    processes: null,
    expanded: null,
  };
}

/** Writes what differs from the page as it opens, for the part of its address behind `#`. */
export function toFragment(state: State, profile: Profile, names: Names): string {
  const initial = initialState(profile);
  const parts = new URLSearchParams();
  const plain = ["view", "event", "mode", "search", "order", "direction", "colour", "line", "theme", "sort"] as const;
  for (const key of plain) {
    if (state[key] !== initial[key]) {
      parts.set(key, String(state[key]));
    }
  }

  if (state.range) {
    parts.set("range", state.range.map((time) => (time / 1e9).toFixed(6)).join("-"));
  }

  if (state.threads) {
    parts.set("threads", state.threads.map((index) => profile.threads[index]!.tid).join(","));
  }

  if (state.foldRecursion) {
    parts.set("fold", "1");
  }

  if (state.isSortedUp) {
    parts.set("up", "1");
  }

  if (state.processes) {
    parts.set("processes", state.processes.join(","));
  }

  if (state.expanded && state.expanded.length <= mostExpanded) {
    parts.set("expanded", state.expanded.join(","));
  }

  for (const key of ["focus", "hide", "collapse", "zoom"] as const) {
    for (const fn of state[key]) {
      parts.append(key, key === "collapse" ? profile.modules[fn]! : names.key(fn));
    }
  }

  for (const key of ["selected", "callersOf"] as const) {
    if (state[key] !== null) {
      parts.set(key, names.key(state[key]));
    }
  }

  if (state.file !== null) {
    parts.set("file", profile.files[state.file]!.path);
  }

  return parts.toString();
}

/** Reads an address; what it says of things that the profile does not have is left out. */
export function fromFragment(fragment: string, profile: Profile, names: Names): State {
  const parts = new URLSearchParams(fragment);
  const state = initialState(profile);
  const choice = <T extends string>(key: string, choices: readonly T[], otherwise: T): T =>
    choices.includes(parts.get(key) as T) ? (parts.get(key) as T) : otherwise;
  const functions = (key: string) => parts.getAll(key).map((name) => names.find(name)).filter((fn) => fn !== undefined);
  const range = /^(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)$/.exec(parts.get("range") ?? "");
  const tids = parts.get("threads")?.split(",").map(Number);
  const threads = tids ? profile.threads.flatMap((thread, index) => (tids.includes(thread.tid) ? [index] : [])) : [];
  const file = parts.has("file") ? profile.files.findIndex(({ path }) => path === parts.get("file")) : -1;
  const line = Number(parts.get("line"));
  const event = Number(parts.get("event") ?? state.event);
  return {
    view: choice("view", views, state.view),
    event: Number.isInteger(event) && event >= 0 && event < profile.events.length ? event : state.event,
    mode: choice("mode", profile.modes, state.mode),
    range: range ? [Number(range[1]) * 1e9, Number(range[2]) * 1e9] : null,
    threads: threads.length > 0 ? threads : null,
    search: parts.get("search") ?? "",
    focus: functions("focus"),
    hide: functions("hide"),
    collapse: parts.getAll("collapse").map((name) => profile.modules.indexOf(name)).filter((index) => index >= 0),
    foldRecursion: parts.get("fold") === "1",
    zoom: functions("zoom"),
    order: choice("order", ["heavy", "time"], state.order),
    direction: choice("direction", ["icicle", "flame"], state.direction),
    colour: choice("colour", ["kind", "module", "change"], state.colour),
    selected: names.find(parts.get("selected") ?? "") ?? null,
    callersOf: names.find(parts.get("callersOf") ?? "") ?? null,
    file: file >= 0 ? file : null,
    line: line > 0 ? line : null,
    theme: choice("theme", ["auto", "light", "dark"], state.theme),
    sort: choice("sort", columns, state.sort),
    isSortedUp: parts.get("up") === "1",
    processes: parts.get("processes")?.split(",").map(Number) ?? null,
    expanded: parts.get("expanded")?.split(",") ?? null,
  };
}
