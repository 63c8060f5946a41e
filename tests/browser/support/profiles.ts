import type { Profile } from "../../../src/viewer/src/data/profile";

/** A sample: its functions at lines from the outermost one, its time and what it weighs. */
export interface Sample {
  stack: readonly (readonly [fn: number, line: number])[];
  weight: number;
  thread: number;
  time: number;
}

/** A profile of some samples, as a page would have it: one mode, and functions of a number of modules and files in turn. */
export function profileOf(samples: readonly Sample[], functions: number, modules: number): Profile {
  const frames = new Map<string, number>();
  const frameFunction: number[] = [];
  const frameLine: number[] = [];
  for (const { stack } of samples) {
    for (const [fn, line] of stack) {
      if (!frames.has(`${fn}:${line}`)) {
        frames.set(`${fn}:${line}`, frameFunction.length);
        frameFunction.push(fn);
        frameLine.push(line);
      }
    }
  }

  interface Node {
    frame: number;
    callees: Map<number, Node>;
    place: number;
  }
  const root: Node = { frame: -1, callees: new Map(), place: -1 };
  const leaves = samples.map(({ stack }) => {
    let node = root;
    for (const [fn, line] of stack) {
      const frame = frames.get(`${fn}:${line}`)!;
      node.callees.get(frame) ?? node.callees.set(frame, { frame, callees: new Map(), place: -1 });
      node = node.callees.get(frame)!;
    }

    return node;
  });
  const parent: number[] = [];
  const frame: number[] = [];
  const walk = (node: Node) => {
    const callees = [...node.callees.values()].sort((a, b) => frameFunction[a.frame]! - frameFunction[b.frame]! || frameLine[a.frame]! - frameLine[b.frame]!);
    for (const callee of callees) {
      callee.place = parent.length;
      parent.push(node.place);
      frame.push(callee.frame);
      walk(callee);
    }
  };
  walk(root);
  const stacks = [...new Set(leaves.map(({ place }) => place))];
  const ofMode = <T>(value: T) => ({ python: value, mixed: value, native: value });
  const all = Array.from({ length: functions }, (_, fn) => fn);
  return {
    title: "made up",
    facts: [],
    warnings: [],
    events: [{ name: "cpu-clock", isClock: true }],
    modes: ["python"],
    mode: "python",
    threads: [...new Set(samples.map(({ thread }) => thread))].sort().map((thread) => ({ pid: 1, tid: 1 + thread, name: `t${thread}`, process: "p" })),
    functionNames: all.map((fn) => `f${fn}`),
    modules: Array.from({ length: modules }, (_, module) => `m${module}`),
    files: Array.from({ length: modules }, (_, module) => ({ name: `m${module}.py`, path: `/m${module}.py`, text: null, note: null })),
    quality: [],
    functions: {
      count: functions,
      kind: new Int32Array(functions),
      module: Int32Array.from(all, (fn) => fn % modules),
      file: Int32Array.from(all, (fn) => fn % modules),
      line: new Int32Array(functions),
    },
    frames: { function: Int32Array.from(frameFunction), line: Int32Array.from(frameLine) },
    stacks: ofMode(Int32Array.from(stacks)),
    stackCount: stacks.length,
    mostNodes: parent.length,
    trees: ofMode({ parent: Int32Array.from(parent), frame: Int32Array.from(frame) }),
    samples: {
      count: samples.length,
      time: Float64Array.from(samples, ({ time }) => time),
      thread: Int32Array.from(samples, ({ thread }) => thread),
      stack: Int32Array.from(leaves, ({ place }) => stacks.indexOf(place)),
      weight: Float64Array.from(samples, ({ weight }) => weight),
      event: new Int32Array(samples.length),
    },
    duration: samples.at(-1)?.time ?? 0,
  };
}

/** Numbers from 0 to 1 that are the same ones each time. */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
