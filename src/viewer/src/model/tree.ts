import type { Mode, Profile } from "../data/profile";
import type { Buffers } from "./buffers";
import { Hidden, onlyRoot, Root, TreeMerger, walked, type Marks, type Nodes, type WalkedNodes } from "./treeMerger";

export { Dropped, Root } from "./treeMerger";

/** What is done to stacks before they are shown. Functions are indexes, also of modules that stand for all their functions. */
export interface Transforms {
  /** Only stacks that have these, in this order, and of them the part from the last of these on. */
  focus: readonly number[];

  /** Functions that are left out; what they called is called by their callers then. */
  hide: readonly number[];

  /** Modules whose functions are one frame wherever they call each other. */
  collapse: readonly number[];

  /** A function that is on the stack already goes on there. */
  foldRecursion: boolean;
}

export const noTransforms: Transforms = { focus: [], hide: [], collapse: [], foldRecursion: false };

/** Stacks as a prefix tree of functions. */
export interface Tree extends Nodes {
  /** By stack of the profile: its node, `Root` without frames, `Dropped` where it is not shown. */
  nodeOfStack: Int32Array;
}

/** The stacks of a mode as they are. */
export interface WholeTree extends Tree, WalkedNodes {}

/** The functions of one mode's stacks: of frames, which differ by line, those of one function are one node. */
export function functionTree(profile: Profile, mode: Mode, buffers: Buffers): WholeTree {
  const { nodes, marks } = frameTree(profile, mode, buffers);
  let tree = nodes;
  let made: Int32Array | null = null;
  if (marks.count > 0) {
    const functions = profile.functions.count;
    const shownAs = Int32Array.from({ length: functions }, (_, fn) => fn);
    const merger = new TreeMerger(nodes, { shownAs, functions, foldRecursion: false, starts: null, marks }, buffers);
    made = merger.made;
    tree = walked(merger.run(), made, nodes.count, buffers);
    discardTree(nodes, buffers);
    buffers.give(nodes.end);
  }

  buffers.give(marks.list, marks.upTo);
  const nodeOfStack = profile.stacks[mode].slice();
  for (let stack = 0; stack < nodeOfStack.length; stack++) {
    const node = nodeOfStack[stack]! + 1;
    nodeOfStack[stack] = made ? made[node]! : node;
  }

  if (made) {
    buffers.give(made);
  }

  return { ...tree, nodeOfStack };
}

/**
 * The frames of one mode's stacks, as functions. Marks those that have the function of the callee before them: these follow each other
 * (see `StackTree`).
 */
function frameTree(profile: Profile, mode: Mode, buffers: Buffers): { nodes: WalkedNodes; marks: Marks } {
  const { parent, frame } = profile.trees[mode];
  const { function: functionOf } = profile.frames;
  const count = parent.length + 1;
  const nodes: WalkedNodes = { ...onlyRoot(buffers), count, end: buffers.takeInts() };
  const lastCallee = buffers.takeInts();
  lastCallee[Root] = Root;
  const path: number[] = [Root];
  const timesOnPath = new Int32Array(profile.functions.count);
  const marks: Marks = { list: buffers.takeInts(), count: 0, upTo: buffers.takeInts() };
  marks.upTo[Root] = 0;
  const leave = (end: number) => {
    const node = path.pop()!;
    nodes.end[node] = end;
    timesOnPath[nodes.fn[node]!]!--;
  };
  for (let node = 1; node < count; node++) {
    const caller = parent[node - 1]! + 1;
    const fn = functionOf[frame[node - 1]!]!;
    while (path[path.length - 1] !== caller) {
      leave(node);
    }

    path.push(node);
    nodes.parent[node] = caller;
    nodes.fn[node] = fn;
    nodes.outermost[node] = timesOnPath[fn]!++ === 0 ? 1 : 0;
    nodes.child[node] = Root;
    nodes.sibling[node] = Root;
    lastCallee[node] = Root;
    const before = lastCallee[caller]!;
    lastCallee[caller] = node;
    if (before === Root) {
      nodes.child[caller] = node;
    } else {
      nodes.sibling[before] = node;
      if (nodes.fn[before] === fn) {
        marks.list[marks.count++] = node;
      }
    }

    marks.upTo[node] = marks.count;
  }

  while (path.length > 1) {
    leave(count);
  }

  nodes.end[Root] = count;
  buffers.give(lastCallee);
  return { nodes, marks };
}

/** Makes another tree of a mode's functions. Takes time linear in the nodes. */
export function transformTree(profile: Profile, tree: WholeTree, transforms: Transforms, buffers: Buffers): Tree {
  const { functions, modules } = profile;
  const { focus, foldRecursion } = transforms;
  const shownAs = Int32Array.from({ length: functions.count }, (_, fn) => fn);
  for (const fn of transforms.hide) {
    shownAs[fn] = Hidden;
  }

  const collapsed = flags(modules.length, transforms.collapse);
  for (let fn = 0; fn < functions.count; fn++) {
    const module = functions.module[fn]!;
    shownAs[fn] = collapsed[module] ? functions.count + module : shownAs[fn]!;
  }

  // What is recursive may fold, or be so no more where callers are cut.
  const isTouched = Uint8Array.from(shownAs, (shown, fn) => (shown === fn ? 0 : 1));
  const callersMatter = foldRecursion || focus.length > 0;
  const list = buffers.takeInts();
  const upTo = buffers.takeInts();
  upTo[Root] = 0;
  let count = 0;
  for (let node = 1; node < tree.count; node++) {
    if (isTouched[tree.fn[node]!] === 1 || (callersMatter && tree.outermost[node] === 0)) {
      list[count++] = node;
    }

    upTo[node] = count;
  }

  const starts = focus.length > 0 ? startsOf(profile, tree, focus, buffers) : null;
  const merger = new TreeMerger(
    tree, { shownAs, functions: functions.count + modules.length, foldRecursion, starts, marks: { list, count, upTo } }, buffers);
  const nodes = merger.run();
  const nodeOfStack = tree.nodeOfStack.slice();
  for (let stack = 0; stack < nodeOfStack.length; stack++) {
    nodeOfStack[stack] = merger.made[nodeOfStack[stack]!]!;
  }

  buffers.give(list, upTo, merger.made);
  return { ...nodes, nodeOfStack };
}

/** Nodes whose stacks have met all functions of a focus, in its order, and not before them. */
function startsOf(profile: Profile, tree: WholeTree, focus: readonly number[], buffers: Buffers): number[] {
  const { functions } = profile;
  const starts: number[] = [];
  const met = buffers.takeBytes();
  met[Root] = 0;
  for (let node = 1; node < tree.count; ) {
    const before = met[tree.parent[node]!]!;
    const fn = tree.fn[node]!;
    const next = focus[before]!;
    met[node] = fn === next || functions.count + functions.module[fn]! === next ? before + 1 : before;
    if (met[node] === focus.length) {
      starts.push(node);
      node = tree.end[node]!;
    } else {
      node++;
    }
  }

  buffers.give(met);
  return starts;
}

/** Takes the arrays of a tree back that nobody reads any more. */
export function discardTree(tree: Nodes, buffers: Buffers): void {
  buffers.give(tree.parent, tree.fn, tree.outermost, tree.child, tree.sibling);
}

function flags(length: number, indexes: readonly number[]): Uint8Array {
  const result = new Uint8Array(length);
  for (const index of indexes) {
    result[index] = 1;
  }

  return result;
}

/** The nodes that a node called, in no order. */
export function childNodes(tree: Tree, node: number): number[] {
  const nodes: number[] = [];
  for (let child = tree.child[node]!; child !== Root; child = tree.sibling[child]!) {
    nodes.push(child);
  }

  return nodes;
}

/** How many nodes called a node; -1 for the root. */
export function depthOf(tree: Tree, node: number): number {
  let depth = -1;
  for (; node !== Root; node = tree.parent[node]!) {
    depth++;
  }

  return depth;
}
