import type { Mode, Profile } from "../data/profile";
import type { Buffers } from "./buffers";
import type { StackWeights } from "./weights";

/** What one line of source weighs. */
export interface LineWeight {
  self: number;
  total: number;
}

/** A place that called a line's function while the line ran. */
export interface LineCaller {
  fn: number;

  /** 0 where it is not known. */
  line: number;
  weight: number;
}

/** What the lines of one file weigh in a mode; stacks are taken as the mode has them, without any transforms. */
export function weighLines(profile: Profile, mode: Mode, weights: StackWeights, file: number, buffers: Buffers): Map<number, LineWeight> {
  const { parent, frame } = profile.trees[mode];
  const lineOf = linesOfFile(profile, file);
  const { self, total } = nodeWeights(profile, mode, weights, buffers);
  const lines = new Map<number, LineWeight>();
  for (let node = 0; node < parent.length; node++) {
    const line = lineOf[frame[node]!]!;
    if (line < 0 || total[node] === 0) {
      continue;
    }

    let weight = lines.get(line);
    if (!weight) {
      lines.set(line, (weight = { self: 0, total: 0 }));
    }

    weight.self += self[node]!;
    if (!hasAncestor(parent, node, (caller) => lineOf[frame[caller]!] === line)) {
      weight.total += total[node]!;
    }
  }

  return lines;
}

/** Who called the function around a line, heaviest first. */
export function callersOfLine(profile: Profile, mode: Mode, weights: StackWeights, file: number, line: number, buffers: Buffers): LineCaller[] {
  const { parent, frame } = profile.trees[mode];
  const lineOf = linesOfFile(profile, file);
  const { total } = nodeWeights(profile, mode, weights, buffers);
  const byFrame = new Map<number, number>();
  for (let node = 0; node < parent.length; node++) {
    if (lineOf[frame[node]!] !== line || total[node] === 0) {
      continue;
    }

    const caller = parent[node]! < 0 ? -1 : frame[parent[node]!]!;
    const isCounted = hasAncestor(
      parent, node, (other) => lineOf[frame[other]!] === line && (parent[other]! < 0 ? -1 : frame[parent[other]!]!) === caller);
    if (!isCounted) {
      byFrame.set(caller, (byFrame.get(caller) ?? 0) + total[node]!);
    }
  }

  return [...byFrame]
    .filter(([caller]) => caller >= 0)
    .map(([caller, weight]) => ({ fn: profile.frames.function[caller]!, line: profile.frames.line[caller]!, weight }))
    .sort((a, b) => b.weight - a.weight);
}

/** By frame: the line, if it lies in the file; else -1. */
function linesOfFile(profile: Profile, file: number): Int32Array {
  const { function: fn, line } = profile.frames;
  const lines = new Int32Array(fn.length).fill(-1);
  for (let i = 0; i < fn.length; i++) {
    if (profile.functions.file[fn[i]!] === file) {
      lines[i] = line[i]!;
    }
  }

  return lines;
}

/** Of the page's one profile. */
let last: { weights: StackWeights; mode: Mode; self: Float64Array; total: Float64Array } | null = null;

/** What the nodes of a mode's own tree weigh; the last answer is kept. Arrays may be longer than the tree. */
function nodeWeights(profile: Profile, mode: Mode, weights: StackWeights, buffers: Buffers) {
  if (last?.weights === weights && last.mode === mode) {
    return last;
  }

  const { parent } = profile.trees[mode];
  const nodes = profile.stacks[mode];
  const count = parent.length;
  const self = (last?.self ?? buffers.takeNumbers()).fill(0, 0, count);
  const total = last?.total ?? buffers.takeNumbers();
  for (let stack = 0; stack < nodes.length; stack++) {
    if (nodes[stack]! >= 0) {
      self[nodes[stack]!]! += weights.stacks[stack]!;
    }
  }

  total.set(self.subarray(0, count));
  for (let node = count - 1; node >= 0; node--) {
    if (parent[node]! >= 0) {
      total[parent[node]!]! += total[node]!;
    }
  }

  return (last = { weights, mode, self, total });
}

function hasAncestor(parent: Int32Array, node: number, is: (caller: number) => boolean): boolean {
  for (let caller = parent[node]!; caller >= 0; caller = parent[caller]!) {
    if (is(caller)) {
      return true;
    }
  }

  return false;
}
