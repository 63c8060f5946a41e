import type { Tree } from "./tree";
import type { TreeWeights } from "./weights";

/**
 * One row of the inverted tree: a function, and the nodes by which it was reached from the row above it, with what came that
 * way. Rows below are made when they are asked for.
 */
export interface CallerNode {
  fn: number;
  weight: number;
  nodes: number[];
  weights: number[];
}

/** Functions by the time of their own, each with all of its callers below. */
export function invertedRoots(tree: Tree, weights: TreeWeights): CallerNode[] {
  return group(tree, range(tree.count), weights.self, (node) => weights.self[node]!);
}

/** The callers of one function, by its time with all that it called; recursion counts where the function was called first. */
export function callersOfFunction(tree: Tree, weights: TreeWeights, fn: number): CallerNode[] {
  const nodes = range(tree.count).filter((node) => tree.fn[node] === fn && tree.outermost[node] === 1);
  return group(tree, nodes, null, (node) => weights.total[node]!);
}

/** The callers of a row, heaviest first. */
export function callersOf(tree: Tree, row: CallerNode): CallerNode[] {
  const parents: number[] = [];
  const weights: number[] = [];
  row.nodes.forEach((node, i) => {
    if (tree.parent[node]! >= 0) {
      parents.push(tree.parent[node]!);
      weights.push(row.weights[i]!);
    }
  });
  return group(tree, parents, null, (_, i) => weights[i]!);
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

function group(
  tree: Tree, nodes: number[], filter: Float64Array | null, weightOf: (node: number, index: number) => number,
): CallerNode[] {
  const byFunction = new Map<number, CallerNode>();
  nodes.forEach((node, i) => {
    if (filter && filter[node] === 0) {
      return;
    }

    const weight = weightOf(node, i);
    if (weight === 0) {
      return;
    }

    const fn = tree.fn[node]!;
    let row = byFunction.get(fn);
    if (!row) {
      byFunction.set(fn, (row = { fn, weight: 0, nodes: [], weights: [] }));
    }

    row.weight += weight;
    row.nodes.push(node);
    row.weights.push(weight);
  });
  return [...byFunction.values()].sort((a, b) => b.weight - a.weight);
}
