import type { Profile } from "../data/profile";
import type { Buffers } from "./buffers";
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

/** Adds the selected samples up by stack, in an array that is no longer needed if there is one. */
export function weighStacks(profile: Profile, selection: SampleSelection, unused?: Float64Array): StackWeights {
  const { stack, thread, weight, event } = profile.samples;
  const stacks = unused?.fill(0) ?? new Float64Array(profile.stackCount);
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

/** What a tree's nodes weigh; arrays may be longer than the tree. */
export interface TreeWeights {
  /** By node: of stacks that end there. */
  self: Float64Array;

  /** By node: of all stacks that go through it; of the root, of all that are in the tree. */
  total: Float64Array;
}

export function weighTree(tree: Tree, weights: StackWeights, buffers: Buffers): TreeWeights {
  const { count, parent, nodeOfStack } = tree;
  const { stacks } = weights;
  const self = buffers.takeNumbers().fill(0, 0, count);
  for (let stack = 0; stack < stacks.length; stack++) {
    const node = nodeOfStack[stack]!;
    if (node !== Dropped) {
      self[node]! += stacks[stack]!;
    }
  }

  const total = buffers.takeNumbers();
  total.set(self.subarray(0, count));
  for (let node = count - 1; node > Root; node--) {
    total[parent[node]!]! += total[node]!;
  }

  return { self, total };
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
  for (let node = 1; node < tree.count; node++) {
    const fn = tree.fn[node]!;
    self[fn]! += weights.self[node]!;
    if (tree.outermost[node] === 1) {
      total[fn]! += weights.total[node]!;
    }
  }

  return { self, total };
}

/** What one function weighs; recursion counts once. */
export function weighFunction(tree: Tree, weights: TreeWeights, fn: number): { self: number; total: number } {
  let self = 0;
  let total = 0;
  for (let node = 1; node < tree.count; node++) {
    if (tree.fn[node] === fn) {
      self += weights.self[node]!;
      total += tree.outermost[node] === 1 ? weights.total[node]! : 0;
    }
  }

  return { self, total };
}

/** What of a tree's stacks has a function on it that is searched for. */
export function weighMatches(tree: Tree, weights: TreeWeights, matches: Uint8Array, buffers: Buffers): number {
  const { count, parent, fn } = tree;
  const hit = buffers.takeBytes();
  hit[Root] = 0;
  let sum = 0;
  for (let node = 1; node < count; node++) {
    const isHit = matches[fn[node]!]! | hit[parent[node]!]!;
    hit[node] = isHit;
    if (isHit !== 0) {
      sum += weights.self[node]!;
    }
  }

  buffers.give(hit);
  return sum;
}
