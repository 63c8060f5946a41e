import { Root, type Tree } from "./tree";
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
  const rows = new Rows();
  for (let node = 1; node < tree.count; node++) {
    if (weights.self[node]! > 0) {
      rows.add(tree.fn[node]!, node, weights.self[node]!);
    }
  }

  return rows.sorted();
}

/** One function by its time with all that it called, its callers below; recursion counts where the function was called first. */
export function callersOfFunction(tree: Tree, weights: TreeWeights, fn: number): CallerNode[] {
  const rows = new Rows();
  for (let node = 1; node < tree.count; node++) {
    if (tree.fn[node] === fn && tree.outermost[node] === 1 && weights.total[node]! > 0) {
      rows.add(fn, node, weights.total[node]!);
    }
  }

  return rows.sorted();
}

/** The callers of a row, heaviest first. */
export function callersOf(tree: Tree, row: CallerNode): CallerNode[] {
  const rows = new Rows();
  row.nodes.forEach((node, i) => {
    const caller = tree.parent[node]!;
    if (caller !== Root) {
      rows.add(tree.fn[caller]!, caller, row.weights[i]!);
    }
  });
  return rows.sorted();
}

/** Rows of the inverted tree, by function. */
class Rows {
  private readonly byFunction = new Map<number, CallerNode>();

  add(fn: number, node: number, weight: number): void {
    let row = this.byFunction.get(fn);
    if (!row) {
      this.byFunction.set(fn, (row = { fn, weight: 0, nodes: [], weights: [] }));
    }

    row.weight += weight;
    row.nodes.push(node);
    row.weights.push(weight);
  }

  sorted(): CallerNode[] {
    return [...this.byFunction.values()].sort((a, b) => b.weight - a.weight);
  }
}
