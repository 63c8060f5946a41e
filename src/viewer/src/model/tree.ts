import type { Mode, Profile } from "../data/profile";
import type { Buffers } from "./buffers";
import { Root, TreeBuilder, type Nodes } from "./treeBuilder";

export { Root } from "./treeBuilder";

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

/** Stands for the node of a stack that is not shown. */
export const Dropped = -1;

/** Stacks as a prefix tree of functions. */
export interface Tree extends Nodes {
  /** By stack of the profile: its node, `Root` without frames, `Dropped` where it is not shown. */
  nodeOfStack: Int32Array;
}

/** The functions of one mode's stacks: of frames, which differ by line, those of one function are one node. */
export function functionTree(profile: Profile, mode: Mode, buffers: Buffers): Tree {
  const { parent, frame } = profile.trees[mode];
  const { function: functionOf } = profile.frames;
  const count = parent.length;
  const builder = new TreeBuilder(buffers);
  const made = buffers.takeInts();

  // Nodes come in the order of a walk, and frames of one function that one frame called follow each other (see `StackTree`).
  const lastCallee = buffers.takeInts().fill(Root, 0, count + 1);
  const path: number[] = [];
  const timesOnPath = new Int32Array(profile.functions.count);
  for (let old = 0; old < count; old++) {
    const caller = parent[old]!;
    const fn = functionOf[frame[old]!]!;
    while (path.length > 0 && path[path.length - 1] !== caller) {
      timesOnPath[functionOf[frame[path.pop()!]!]!]!--;
    }

    const isOutermost = timesOnPath[fn]!++ === 0;
    path.push(old);
    const last = lastCallee[caller + 1]!;
    let node = last;
    if (last !== Root && builder.functionOf(last) === fn) {
      builder.merge(last);
    } else {
      node = builder.childOf(caller < 0 ? Root : made[caller]!, fn, isOutermost);
    }

    made[old] = node;
    lastCallee[caller + 1] = node;
  }

  const nodeOfStack = profile.stacks[mode].map((old) => (old < 0 ? Root : made[old]!));
  buffers.give(made, lastCallee);
  return { ...builder.finish(), nodeOfStack };
}

/** Makes another tree of a mode's functions. Takes time linear in the nodes. */
export function transformTree(profile: Profile, tree: Tree, transforms: Transforms, buffers: Buffers): Tree {
  const { functions, modules } = profile;
  const { focus, foldRecursion } = transforms;
  const hidden = flags(functions.count + modules.length, transforms.hide);
  const collapsed = flags(modules.length, transforms.collapse);
  const builder = new TreeBuilder(buffers);
  const made = buffers.takeInts();

  // How many of the focus' functions a stack has met; it is shown from where it meets the last one.
  const met = buffers.takeBytes();
  made[Root] = focus.length > 0 ? Dropped : Root;
  met[Root] = 0;
  if (focus.length > 0) {
    builder.merge(Root);
  }

  for (let old = 1; old < tree.count; old++) {
    const caller = tree.parent[old]!;
    let fn = tree.fn[old]!;
    const module = functions.count + functions.module[fn]!;
    let parent = made[caller]!;
    if (focus.length > 0) {
      const before = met[caller]!;
      const isNext = before < focus.length && (fn === focus[before] || module === focus[before]);
      met[old] = isNext ? before + 1 : before;
      if (met[old] !== focus.length) {
        made[old] = Dropped;
        continue;
      }

      parent = isNext ? Root : parent;
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
    const same = fn === module || tree.outermost[old] === 0 ? builder.nearest(parent, fn) : Root;
    if (same !== Root && (foldRecursion || (fn === module && same === parent))) {
      builder.merge(same);
      made[old] = same;
    } else {
      made[old] = builder.childOf(parent, fn, same === Root);
    }
  }

  const nodeOfStack = tree.nodeOfStack.map((old) => made[old]!);
  buffers.give(made, met);
  return { ...builder.finish(), nodeOfStack };
}

/** Takes a tree apart that nobody reads any more. */
export function discardTree(tree: Tree, buffers: Buffers): void {
  buffers.give(tree.parent, tree.fn, tree.depth, tree.outermost, tree.child, tree.sibling);
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
