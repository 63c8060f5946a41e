import { expect, test } from "@playwright/test";
import { Buffers } from "../../src/viewer/src/model/buffers";
import { callersOf, callersOfFunction, invertedRoots } from "../../src/viewer/src/model/callers";
import { share, time } from "../../src/viewer/src/model/format";
import { Activity, lanesOf } from "../../src/viewer/src/model/lanes";
import { callersOfLine, weighLines } from "../../src/viewer/src/model/lines";
import { Names } from "../../src/viewer/src/model/names";
import { fromFragment, initialState, toFragment, type State } from "../../src/viewer/src/model/state";
import { functionTree, noTransforms, transformTree, type Transforms, type Tree } from "../../src/viewer/src/model/tree";
import { weighFunction, weighFunctions, weighMatches, weighStacks, weighTree } from "../../src/viewer/src/model/weights";
import { samplesOfThread } from "../../src/viewer/src/model/threads";
import { oklch } from "../../src/viewer/src/draw/colours";
import { layoutHeavy, layoutTime } from "../../src/viewer/src/draw/layout";
import { profileOf, randomOf, type Sample } from "./support/profiles.ts";

const functions = 12;
const modules = 4;
const buffers = new Buffers(1 << 14);
const everything = { event: 0, range: null, threads: null } as const;

/** Samples with recursion, shared callers and functions at several lines. */
function someSamples(seed: number, count = 400): Sample[] {
  const random = randomOf(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  let stack: [number, number][] = [];
  return Array.from({ length: count }, (_, index) => {
    stack = stack.slice(0, below(stack.length + 1));
    while (stack.length < 9 && random() < 0.75) {
      stack.push([below(functions), 1 + below(3)]);
    }

    return { stack: [...stack], weight: 1 + below(5), thread: below(3), time: index * 10 };
  });
}

/** What becomes of one stack, function by function, as the words say it; null if it is not shown. */
function transformed(stack: readonly number[], transforms: Transforms): number[] | null {
  let shown = [...stack];
  for (const focus of transforms.focus) {
    const at = shown.findIndex((fn) => fn === focus || functions + (fn % modules) === focus);
    if (at < 0) {
      return null;
    }

    shown = transforms.focus.at(-1) === focus ? shown.slice(at) : shown.slice(at + 1);
  }

  const result: number[] = [];
  for (const fn of shown) {
    const frame = transforms.collapse.includes(fn % modules) ? functions + (fn % modules) : fn;
    if (frame === fn && transforms.hide.includes(fn)) {
      continue;
    }

    const earlier = transforms.foldRecursion ? result.indexOf(frame) : frame !== fn && result.at(-1) === frame ? result.length - 1 : -1;
    earlier >= 0 ? result.splice(earlier + 1) : result.push(frame);
  }

  return result;
}

/** Weights by path, counted stack by stack. */
function expected(samples: readonly Sample[], transforms: Transforms): Map<string, number> {
  const totals = new Map<string, number>();
  for (const { stack, weight } of samples) {
    const shown = transformed(stack.map(([fn]) => fn), transforms);
    for (let depth = 0; shown && depth <= shown.length; depth++) {
      const path = shown.slice(0, depth).join(" ");
      totals.set(path, (totals.get(path) ?? 0) + weight);
    }
  }

  return totals;
}

/** Weights by path, as a tree has them; of what no stack comes to in the end, none. */
function pathsOf(tree: Tree, profile: ReturnType<typeof profileOf>): [path: string, weight: number][] {
  const weights = weighTree(tree, weighStacks(profile, everything), buffers);
  const paths = [""];
  for (let node = 1; node < tree.count; node++) {
    const caller = tree.parent[node]!;
    paths.push(caller === 0 ? String(tree.fn[node]) : `${paths[caller]} ${tree.fn[node]}`);
  }

  return paths.map((path, node): [string, number] => [path, weights.total[node]!]).filter(([, weight]) => weight > 0);
}

function isOutermost(tree: Tree, node: number): boolean {
  for (let caller = tree.parent[node]!; caller > 0; caller = tree.parent[caller]!) {
    if (tree.fn[caller] === tree.fn[node]) {
      return false;
    }
  }

  return true;
}

const cases: [string, Partial<Transforms>][] = [
  ["nothing", {}],
  ["fold recursion", { foldRecursion: true }],
  ["hide", { hide: [3, 7] }],
  ["collapse", { collapse: [1, 2] }],
  ["focus", { focus: [5] }],
  ["focus on two", { focus: [5, 2] }],
  ["focus on a module", { focus: [functions + 1] }],
  ["collapse all and fold", { collapse: [0, 1, 2, 3], foldRecursion: true }],
  ["all at once", { focus: [4], hide: [1], collapse: [3], foldRecursion: true }],
  ...Array.from({ length: 12 }, (_, seed): [string, Transforms] => [`at random ${seed}`, someTransforms(seed)]),
];

function someTransforms(seed: number): Transforms {
  const random = randomOf(seed);
  const some = (most: number, limit: number) =>
    Array.from({ length: Math.floor(random() * (most + 1)) }, () => Math.floor(random() * limit));
  return {
    focus: [...new Set(some(2, functions + modules))],
    hide: some(3, functions),
    collapse: some(2, modules),
    foldRecursion: random() < 0.5,
  };
}

for (const [name, some] of cases) {
  test(`trees are what their stacks are, ${name}`, () => {
    const transforms = { ...noTransforms, ...some };
    for (let seed = 1; seed <= 20; seed++) {
      const samples = someSamples(seed);
      const profile = profileOf(samples, functions, modules);
      const plain = functionTree(profile, "python", buffers);
      const tree = name === "nothing" ? plain : transformTree(profile, plain, transforms, buffers);
      const nodes = Array.from({ length: tree.count - 1 }, (_, index) => index + 1);
      expect(nodes.filter((node) => (tree.outermost[node] === 1) !== isOutermost(tree, node))).toEqual([]);
      const sorted = (totals: Iterable<[string, number]>) => [...totals].map(([path, weight]) => `${path}: ${weight}`).sort().join("\n");
      expect(sorted(pathsOf(tree, profile))).toBe(sorted(expected(samples, transforms)));
    }
  });
}

test("functions weigh once for each stack, and are found by what they call", () => {
  const samples = someSamples(3);
  const profile = profileOf(samples, functions, modules);
  const tree = functionTree(profile, "python", buffers);
  const weights = weighTree(tree, weighStacks(profile, everything), buffers);
  const { self, total } = weighFunctions(profile, tree, weights);
  for (let fn = 0; fn < functions; fn++) {
    const has = (sample: Sample) => sample.stack.some(([one]) => one === fn);
    const sum = (list: Sample[]) => list.reduce((all, { weight }) => all + weight, 0);
    expect(total[fn]).toBe(sum(samples.filter(has)));
    expect(self[fn]).toBe(sum(samples.filter(({ stack }) => stack.at(-1)?.[0] === fn)));
    expect(weighFunction(tree, weights, fn)).toEqual({ self: self[fn], total: total[fn] });
    const matches = new Uint8Array(functions + modules);
    matches[fn] = 1;
    expect(weighMatches(tree, weights, matches, buffers)).toBe(sum(samples.filter(has)));
    expect(callersOfFunction(tree, weights, fn).reduce((all, { weight }) => all + weight, 0)).toBe(sum(samples.filter(has)));
  }
});

test("callers of a row come to what it weighs, but for what nothing called", () => {
  const samples = someSamples(5);
  const profile = profileOf(samples, functions, modules);
  const tree = functionTree(profile, "python", buffers);
  const weights = weighTree(tree, weighStacks(profile, everything), buffers);
  const roots = invertedRoots(tree, weights);
  expect(roots.map(({ weight }) => weight)).toEqual(roots.map(({ weight }) => weight).toSorted((a, b) => b - a));
  for (const row of roots) {
    const outermost = samples.filter(({ stack }) => stack.length === 1 && stack[0]![0] === row.fn).reduce((sum, { weight }) => sum + weight, 0);
    expect(callersOf(tree, row).reduce((sum, { weight }) => sum + weight, 0)).toBe(row.weight - outermost);
  }
});

test("lines weigh once for each stack, and tell who called", () => {
  const samples = someSamples(7);
  const profile = profileOf(samples, functions, modules);
  const weights = weighStacks(profile, everything);
  for (let file = 0; file < modules; file++) {
    for (const [line, weight] of weighLines(profile, "python", weights, file, buffers)) {
      const isHere = ([fn, at]: readonly [number, number]) => fn % modules === file && at === line;
      const on = samples.filter(({ stack }) => stack.some(isHere));
      expect(weight.total).toBe(on.reduce((sum, one) => sum + one.weight, 0));
      expect(weight.self).toBe(samples.filter(({ stack }) => stack.length > 0 && isHere(stack.at(-1)!)).reduce((sum, one) => sum + one.weight, 0));
      for (const caller of callersOfLine(profile, "python", weights, file, line, buffers)) {
        const by = samples.filter(({ stack }) => stack.some((frame, at) =>
          isHere(frame) && at > 0 && stack[at - 1]![0] === caller.fn && stack[at - 1]![1] === caller.line));
        expect(caller.weight).toBe(by.reduce((sum, one) => sum + one.weight, 0));
      }
    }
  }
});

test("a selection has the samples of its time, thread and event", () => {
  const samples = someSamples(9);
  const profile = profileOf(samples, functions, modules);
  const { total, samples: count } = weighStacks(profile, { event: 0, range: [500, 2000], threads: new Set([1]) });
  const selected = samples.filter(({ time, thread }) => time >= 500 && time <= 2000 && thread === 1);
  expect([total, count]).toEqual([selected.reduce((sum, { weight }) => sum + weight, 0), selected.length]);
  expect(weighStacks(profile, { ...everything, event: 1 }).samples).toBe(0);
});

test("boxes lie within their callers, and their widths are shares", () => {
  const profile = profileOf(someSamples(11), functions, modules);
  const tree = functionTree(profile, "python", buffers);
  const weights = weighTree(tree, weighStacks(profile, everything), buffers);
  const { rows } = layoutHeavy(tree, weights, 0, 1000);
  const places = new Map<number, [number, number]>();
  const wrong: string[] = [];
  const hold = (is: boolean, what: string) => is || wrong.push(what);
  for (const { x, width, node } of rows) {
    for (let i = 0; i < x.length; i++) {
      if (node[i]! >= 0) {
        hold(Math.abs(width[i]! - (1000 * weights.total[node[i]!]!) / weights.total[0]!) < 1e-6, "a width is no share");
        const caller = places.get(tree.parent[node[i]!]!) ?? [0, 1000];
        hold(x[i]! >= caller[0] - 1e-6 && x[i]! + width[i]! <= caller[1] + 1e-6, "a box is beside its caller");
        places.set(node[i]!, [x[i]!, x[i]! + width[i]!]);
      }

      hold(i === 0 || x[i]! >= x[i - 1]! + width[i - 1]! - 1e-6, "boxes overlap");
    }
  }

  expect(wrong).toEqual([]);
  expect(places.size).toBeGreaterThan(20);

  const zoomed = layoutHeavy(tree, weights, rows[0]!.node[0]!, 1000);
  expect(zoomed.rows[0]).toMatchObject({ x: [0], width: [1000] });
});

test("by time, what stays on the stack is one box", () => {
  const stacks: [number, number][][] = [[[0, 1], [1, 1]], [[0, 1], [1, 1], [2, 1]], [[0, 1], [3, 1]], [[4, 1]]];
  const profile = profileOf(stacks.map((stack, index) => ({ stack, weight: 10, thread: 0, time: 10 + 10 * index })), functions, modules);
  const tree = functionTree(profile, "python", buffers);
  const samples = samplesOfThread(profile, 0, 0);
  const { rows } = layoutTime(tree, samples, 0, 40, 40, 0);
  const boxes = rows.map(({ x, width, node }) => x.map((left, i) => [left, width[i], tree.fn[node[i]!]]));
  expect(boxes).toEqual([
    [[0, 30, 0], [30, 10, 4]],
    [[0, 20, 1], [20, 10, 3]],
    [[10, 10, 2]],
  ]);
});

test("lanes have all the time, where it was", () => {
  const samples = someSamples(13);
  const profile = profileOf(samples, functions, modules);
  const ofStack = new Uint8Array(profile.stacks.python.length).fill(Activity.Python);
  const { threads, totals } = lanesOf(profile, ofStack, 0, 40);
  threads.forEach((lane, thread) => {
    const sum = samples.filter((one) => one.thread === thread).reduce((all, { weight }) => all + weight, 0);
    expect(totals[thread]).toBe(sum);
    expect(lane.reduce((all, weight) => all + weight, 0)).toBeCloseTo(sum, 2);
  });
});

test("an address brings back what was chosen", () => {
  const profile = profileOf(someSamples(15), functions, modules);
  const names = new Names(profile);
  const state: State = {
    ...initialState(profile),
    view: "source", range: [1e9, 2.5e9], threads: [1, 2], search: "a b&c=d#é", focus: [3], hide: [4, 5], collapse: [2], foldRecursion: true,
    zoom: [1, 2, 1], order: "time", direction: "flame", colour: "change", selected: 7, callersOf: functions + 1, file: 2, line: 12, theme: "dark",
    sort: "name", isSortedUp: true, processes: [1], expanded: ["/1/2", "17"],
  };
  expect(fromFragment(toFragment(state, profile, names), profile, names)).toEqual(state);
  expect(toFragment(initialState(profile), profile, names)).toBe("");
  expect(fromFragment("view=x&threads=a&line=NaN&range=1-x&event=-1&zoom=f99", profile, names)).toEqual(initialState(profile));
});

test("a search takes text and expressions, whatever they are", () => {
  const names = new Names(profileOf(someSamples(17), functions, modules));
  const found = (query: string) => names.match(query) && [...names.match(query)!].flatMap((is, fn) => (is ? [names.name(fn)] : []));
  expect(found("F11")).toEqual(["f11"]);
  expect(found("/^f1[01]/")).toEqual(["f10", "f11"]);
  expect(found("/(/")).toBeNull();
  expect(found("  ")).toBeNull();
  expect(found("m3.py")).toEqual(["f3", "f7", "f11"]);
  expect(found("(")).toHaveLength(functions + modules);
});

test("weights are legible", () => {
  expect([0, 999, 1500, 1e6, 99.96e6, 1.234e9, 61e9, 7260e9].map(time))
    .toEqual(["0 ns", "999 ns", "1.50 µs", "1.00 ms", "100 ms", "1.23 s", "1 min 1 s", "2 h 1 min"]);
  expect([share(0, 5), share(1, 1e5), share(1, 3), share(99999, 1e5), share(5, 5)]).toEqual(["0%", "<0.1%", "33.3%", ">99.9%", "100%"]);
});

test("colours are those that the browser makes of OKLCH", async ({ page }) => {
  const random = randomOf(17);
  const asked = Array.from({ length: 200 }, () => [38 + 50 * random(), 0.12 * random(), 360 * random()] as const);
  const drawn = await page.evaluate((colours) => {
    const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true })!;
    return colours.map(([lightness, chroma, hue]) => {
      context.fillStyle = `oklch(${lightness}% ${chroma} ${hue})`;
      context.fillRect(0, 0, 1, 1);
      return [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)];
    });
  }, asked);
  const made = asked.map((colour) => [1, 3, 5].map((at) => parseInt(oklch(...colour).slice(at, at + 2), 16)));
  const differences = made.flatMap((colour, index) => colour.map((part, at) => Math.abs(part - drawn[index]![at]!)));
  expect(Math.max(...differences)).toBeLessThanOrEqual(1); // of 255: rounded
});
