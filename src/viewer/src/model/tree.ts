import type { Mode, Profile } from "../data/profile";
import { TreeBuilder } from "./treeBuilder";

/** What is done to stacks before they are shown. Functions are indexes, also of modules that stand for all their functions. */
export interface Transforms {
  /** Only stacks that have these, in this order, and of them the part from the first of these on. */
  focus: readonly number[];

  /** Functions that are left out; what they called is called by their callers then. */
  hide: readonly number[];

  /** Modules whose functions are one frame wherever they call each other. */
  collapse: readonly number[];

  /** A function that is on the stack already goes on there. */
  foldRecursion: boolean;
}

export const noTransforms: Transforms = { focus: [], hide: [], collapse: [], foldRecursion: false };

/** Where a stack is in a tree, beside nodes. */
export const Root = -1;
export const Dropped = -2;

/** Stacks as a prefix tree of functions. A node's parent has a smaller index. */
export interface Tree {
  count: number;

  /** The caller's node, or `Root`. */
  parent: Int32Array;

  /** Index of a function; from `functions.count` on, of the module that stands for all its functions. */
  fn: Int32Array;

  /** 0 for what nothing calls. */
  depth: Int32Array;

  /** 1 if the function is not among its callers, so that what the node weighs counts for the function. */
  outermost: Uint8Array;

  /** By stack of the profile: its node, `Root` without frames, `Dropped` where it is not shown. */
  nodeOfStack: Int32Array;
}

/** The functions of one mode's stacks: of frames, which differ by line, those of one function are one node. */
export function functionTree(profile: Profile, mode: Mode): Tree {
  const { parent, frame } = profile.trees[mode];
  const count = parent.length;
  const builder = new TreeBuilder(count);
  const made = new Int32Array(count);

  // Nodes come in the order of a walk, and frames of one function that one frame called follow each other (see `StackTree`).
  const lastCallee = new Int32Array(count + 1);
  const path: number[] = [];
  const timesOnPath = new Int32Array(profile.functions.count);
  for (let old = 0; old < count; old++) {
    const caller = parent[old]!;
    const fn = profile.frames.function[frame[old]!]!;
    while (path.length > 0 && path.at(-1) !== caller) {
      timesOnPath[profile.frames.function[frame[path.pop()!]!]!]!--;
    }

    const isOutermost = timesOnPath[fn]!++ === 0;
    path.push(old);
    const last = lastCallee[caller + 1]!;
    let node = last;
    if (last !== 0 && builder.functionOf(last) === fn) {
      builder.merge(last);
    } else {
      node = builder.childOf(caller < 0 ? TreeBuilder.root : made[caller]!, fn, isOutermost);
    }

    made[old] = lastCallee[caller + 1] = node;
  }

  const ofMode = profile.stacks[mode];
  return { ...builder.finish(), nodeOfStack: ofMode.map((old) => (old < 0 ? Root : made[old]! - 1)) };
}

/** Makes another tree of a mode's functions. Takes time linear in the nodes. */
export function transformTree(profile: Profile, tree: Tree, transforms: Transforms): Tree {
  const { functions, modules } = profile;
  const { focus, foldRecursion } = transforms;
  const hidden = flags(functions.count + modules.length, transforms.hide);
  const collapsed = flags(modules.length, transforms.collapse);
  const builder = new TreeBuilder(tree.count);
  const made = new Int32Array(tree.count).fill(Dropped);

  // How many of the focus' functions a stack has met; it is shown from where it meets the last one.
  const met = new Uint8Array(tree.count);
  if (focus.length > 0) {
    builder.merge(TreeBuilder.root);
  }

  for (let old = 0; old < tree.count; old++) {
    const caller = tree.parent[old]!;
    let fn = tree.fn[old]!;
    const module = functions.count + functions.module[fn]!;
    let parent = caller < 0 ? TreeBuilder.root : made[caller]!;
    if (focus.length > 0) {
      const before = caller < 0 ? 0 : met[caller]!;
      const isNext = before < focus.length && (fn === focus[before] || module === focus[before]);
      met[old] = isNext ? before + 1 : before;
      if (met[old] !== focus.length) {
        continue;
      }

      parent = isNext ? TreeBuilder.root : parent;
    }

    if (collapsed[module - functions.count]) {
      fn = module;
      builder.merge(parent); // several of its callees may be of the module
    } else if (hidden[fn]) {
      builder.merge(parent);
      made[old] = parent;
      continue;
    }

    // callers are some of those in the other tree: what had none of its own there has none here
    const same = fn === module || tree.outermost[old] === 0 ? builder.nearest(parent, fn) : TreeBuilder.root;
    if (same !== TreeBuilder.root && (foldRecursion || (fn === module && same === parent))) {
      builder.merge(same);
      made[old] = same;
    } else {
      made[old] = builder.childOf(parent, fn, same === TreeBuilder.root);
    }
  }

  const nodeOfStack = tree.nodeOfStack.map((old) =>
    old >= 0 ? (made[old] === Dropped ? Dropped : made[old]! - 1) : focus.length > 0 ? Dropped : old);
  return { ...builder.finish(), nodeOfStack };
}

function flags(length: number, indexes: readonly number[]): Uint8Array {
  const result = new Uint8Array(length);
  for (const index of indexes) {
    result[index] = 1;
  }

  return result;
}

/** The children of every node, in the order of their indexes; those of `Root` are at index `count`. */
export interface Children {
  start: Int32Array;
  nodes: Int32Array;
}

const childrenOfTree = new WeakMap<Tree, Children>();

/** The children of a tree's nodes; made once. */
export function childrenOf(tree: Tree): Children {
  let children = childrenOfTree.get(tree);
  if (!children) {
    const { count, parent } = tree;
    const start = new Int32Array(count + 2);
    const slot = (node: number) => (node < 0 ? count : node);
    for (let node = 0; node < count; node++) {
      start[slot(parent[node]!) + 1]!++;
    }

    for (let i = 0; i <= count; i++) {
      start[i + 1]! += start[i]!;
    }

    const next = start.slice();
    const nodes = new Int32Array(count);
    for (let node = 0; node < count; node++) {
      nodes[next[slot(parent[node]!)]!++] = node;
    }

    children = { start, nodes };
    childrenOfTree.set(tree, children);
  }

  return children;
}

/** The nodes that a node called; of `Root` those that nothing called. */
export function childNodes(tree: Tree, node: number): Int32Array {
  const { start, nodes } = childrenOf(tree);
  const slot = node < 0 ? tree.count : node;
  return nodes.subarray(start[slot]!, start[slot + 1]!);
}
