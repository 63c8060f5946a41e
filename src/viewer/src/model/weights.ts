import type { Profile } from "../data/profile";
import { Dropped, Root, type Tree } from "./tree";

/** Which samples count. */
export interface SampleSelection {
  event: number;

  /** Nanoseconds since the first sample, both ends included; null for all. */
  range: readonly [number, number] | null;

  /** Indexes of threads; null for all. */
  threads: ReadonlySet<number> | null;
}

/** What stacks weigh. */
export interface StackWeights {
  /** By stack of the profile. */
  stacks: Float64Array;
  total: number;
  samples: number;
}

/** Indexes of the first sample of a range and of the one behind it. */
export function samplesIn(profile: Profile, range: readonly [number, number] | null): [number, number] {
  const { time, count } = profile.samples;
  return range ? [lowerBound(time, range[0]), lowerBound(time, range[1] + 1)] : [0, count];
}

/** Index of the first value that is not below the asked one. */
export function lowerBound(values: ArrayLike<number>, value: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle]! < value) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }

  return low;
}

/** Adds the selected samples up by stack. */
export function weighStacks(profile: Profile, selection: SampleSelection): StackWeights {
  const { stack, thread, weight, event } = profile.samples;
  const stacks = new Float64Array(profile.stacks[profile.modes[0]!].length);
  const threads = selection.threads;
  const wanted = new Uint8Array(profile.threads.length).fill(threads ? 0 : 1);
  threads?.forEach((index) => (wanted[index] = 1));
  const [first, end] = samplesIn(profile, selection.range);
  let total = 0;
  let samples = 0;
  for (let i = first; i < end; i++) {
    if (wanted[thread[i]!] === 1 && event[i] === selection.event) {
      const w = weight[i]!;
      stacks[stack[i]!]! += w;
      total += w;
      samples++;
    }
  }

  return { stacks, total, samples };
}

/** What a tree's nodes weigh. */
export interface TreeWeights {
  /** By node: of stacks that end there. */
  self: Float64Array;

  /** By node: of all stacks that go through it. */
  total: Float64Array;

  /** Of all stacks that are in the tree, those without frames too. */
  sum: number;
}

export function weighTree(tree: Tree, weights: StackWeights): TreeWeights {
  const self = new Float64Array(tree.count);
  let sum = 0;
  for (let stack = 0; stack < weights.stacks.length; stack++) {
    const node = tree.nodeOfStack[stack]!;
    const weight = weights.stacks[stack]!;
    if (weight !== 0 && node !== Dropped) {
      sum += weight;
      if (node !== Root) {
        self[node]! += weight;
      }
    }
  }

  const total = self.slice();
  for (let node = tree.count - 1; node >= 0; node--) {
    const parent = tree.parent[node]!;
    if (parent >= 0) {
      total[parent]! += total[node]!;
    }
  }

  return { self, total, sum };
}

/** What functions weigh; recursion counts once. Modules that stand for their functions come behind the functions. */
export interface FunctionWeights {
  self: Float64Array;
  total: Float64Array;
}

export function weighFunctions(profile: Profile, tree: Tree, weights: TreeWeights): FunctionWeights {
  const count = profile.functions.count + profile.modules.length;
  const self = new Float64Array(count);
  const total = new Float64Array(count);
  for (let node = 0; node < tree.count; node++) {
    const fn = tree.fn[node]!;
    self[fn]! += weights.self[node]!;
    if (tree.outermost[node] === 1) {
      total[fn]! += weights.total[node]!;
    }
  }

  return { self, total };
}

/** By function, whether it is searched for; and by node, whether it or a caller is. */
export function weighMatches(tree: Tree, weights: TreeWeights, matches: Uint8Array): number {
  const hit = new Uint8Array(tree.count);
  let sum = 0;
  for (let node = 0; node < tree.count; node++) {
    const parent = tree.parent[node]!;
    if (matches[tree.fn[node]!] === 1 || (parent >= 0 && hit[parent] === 1)) {
      hit[node] = 1;
      sum += weights.self[node]!;
    }
  }

  return sum;
}
