import { depthOf, Root, type Tree } from "../model/tree";
import type { TreeWeights } from "../model/weights";

/** A node that stands for boxes too narrow to be drawn one by one. */
export const Others = -1;

/** The boxes of one depth, by their left edges; pixels. */
export interface Row {
  x: number[];
  width: number[];

  /** Node of the tree, or `Others`. */
  node: number[];

  /** What boxes weigh. */
  weight: number[];
}

/** What is to be drawn: rows from the outermost frames on. */
export interface Layout {
  rows: Row[];

  /** What the whole width weighs. */
  weight: number;

  /** True if boxes begin and end at whole pixels. */
  isWhole: boolean;
}

/** Boxes narrower than this are drawn as one with their neighbours; pixels. */
const leastWidth = 0.7;

/**
 * The flame graph: callees side by side within their caller, the heaviest first, each as wide as its share. What is zoomed to is
 * as wide as all, and so are its callers. Takes time by what is wide enough to be seen, not by the tree.
 */
export function layoutHeavy(tree: Tree, weights: TreeWeights, zoom: number, width: number): Layout {
  const rows: Row[] = [];
  const rowAt = (depth: number) => (rows[depth] ??= { x: [], width: [], node: [], weight: [] });
  const weight = weights.total[zoom]!;
  const scale = weight > 0 ? width / weight : 0;
  const zoomDepth = depthOf(tree, zoom);
  for (let node = zoom, depth = zoomDepth; node !== Root; node = tree.parent[node]!, depth--) {
    add(rowAt(depth), 0, width, node, weights.total[node]!);
  }

  const open: [node: number, depth: number, x: number][] = weight > 0 ? [[zoom, zoomDepth, 0]] : [];
  for (let entry; (entry = open.pop()); ) {
    const [node, depth, left] = entry;
    let x = left;
    let others = 0;
    const shown: number[] = [];
    for (let child = tree.child[node]!; child !== Root; child = tree.sibling[child]!) {
      const total = weights.total[child]!;
      if (total * scale >= leastWidth) {
        shown.push(child);
      } else {
        others += total;
      }
    }

    shown.sort((a, b) => weights.total[b]! - weights.total[a]! || a - b);
    const row = shown.length > 0 || others > 0 ? rowAt(depth + 1) : null;
    for (const child of shown) {
      const childWidth = weights.total[child]! * scale;
      add(row!, x, childWidth, child, weights.total[child]!);
      open.push([child, depth + 1, x]);
      x += childWidth;
    }

    if (others * scale >= leastWidth) {
      add(row!, x, others * scale, Others, others);
    }
  }

  rows.forEach(sort);
  return { rows, weight, isWhole: false };
}

function add(row: Row, x: number, width: number, node: number, weight: number): void {
  row.x.push(x);
  row.width.push(width);
  row.node.push(node);
  row.weight.push(weight);
}

/** Boxes come parent by parent, and parents in no order. */
function sort(row: Row): void {
  const order = row.x.map((_, i) => i).sort((a, b) => row.x[a]! - row.x[b]!);
  for (const key of ["x", "width", "node", "weight"] as const) {
    row[key] = order.map((i) => row[key][i]!);
  }
}

/** One thread's samples in the order of time. */
export interface ThreadSamples {
  /** When each was taken, ascending; nanoseconds. */
  time: Float64Array;

  /** The time that each stands for, which ended when it was taken; 0 where weights are no time. */
  span: Float64Array;

  /** Index of the stack. */
  stack: Int32Array;
}

/**
 * Stacks as they followed each other: what stayed on the stack from one sample to the next is one box. Each pixel shows the
 * sample of its middle, so that it takes time by the width and not by the samples.
 */
export function layoutTime(
  tree: Tree, samples: ThreadSamples, from: number, to: number, width: number, rest: number,
): Layout {
  const rows: Row[] = [];
  const open: number[] = []; // by depth, the node of the box that is open
  const path: number[] = [];
  const perPixel = (to - from) / width;
  let sample = 0;
  for (let x = 0; x < width; x++) {
    const middle = from + (x + 0.5) * perPixel;
    sample = advance(samples.time, sample, middle);
    path.length = 0;
    // what ended just before may stand here too: clocks of CPU time tick more or less evenly
    if (sample < samples.time.length && samples.time[sample]! - Math.max(samples.span[sample]! * 1.5, rest) <= middle) {
      for (let node = tree.nodeOfStack[samples.stack[sample]!]!; node > Root; node = tree.parent[node]!) {
        path.push(node);
      }

      path.reverse();
    }

    for (let depth = 0; depth < Math.max(path.length, open.length); depth++) {
      const node = path[depth] ?? Root;
      if (node !== Root && open[depth] === node) {
        const row = rows[depth]!;
        row.width[row.width.length - 1]!++;
        row.weight[row.weight.length - 1]! += perPixel;
      } else if (node !== Root) {
        add((rows[depth] ??= { x: [], width: [], node: [], weight: [] }), x, 1, node, perPixel);
      }

      open[depth] = node;
    }

    open.length = path.length;
  }

  return { rows, weight: to - from, isWhole: true };
}

/** Index of the first sample that was taken at a time or later, not before a given one. */
function advance(time: Float64Array, from: number, at: number): number {
  let low = from;
  let step = 1;
  while (low + step < time.length && time[low + step]! < at) {
    low += step;
    step *= 2;
  }

  let high = Math.min(low + step, time.length);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (time[middle]! < at) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }

  return low;
}

/** Index of the box of a row at a place, or -1. */
export function boxAt(row: Row | undefined, x: number): number {
  if (!row) {
    return -1;
  }

  let low = 0;
  let high = row.x.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (row.x[middle]! <= x) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }

  // boxes narrower than a pixel are drawn a pixel wide
  return low > 0 && x < row.x[low - 1]! + Math.max(row.width[low - 1]!, 1) ? low - 1 : -1;
}
