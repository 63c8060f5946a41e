import type { Mode, Profile } from "../data/profile";

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

  /** By stack of the profile: its node, `Root` without frames, `Dropped` where it is not shown. */
  nodeOfStack: Int32Array;
}

/** Makes the tree of functions that one mode of a profile shows. Takes time linear in the mode's stacks. */
export function buildTree(profile: Profile, mode: Mode, transforms: Transforms): Tree {
  const source = profile.trees[mode];
  const functions = profile.functions;
  const count = source.parent.length;
  const table = new NodeTable(count);
  const hidden = flags(functions.count + profile.modules.length, transforms.hide);
  const collapsed = flags(profile.modules.length, transforms.collapse);
  const { focus, foldRecursion } = transforms;
  const made = new Int32Array(count);

  // How many of the focus' functions a stack has met; of all that counts only once it has met the last one.
  const stage = focus.length > 0 ? new Uint8Array(count) : null;
  for (let old = 0; old < count; old++) {
    const caller = source.parent[old]!;
    let node = caller < 0 ? Root : made[caller]!;
    let fn = profile.frames.function[source.frame[old]!]!;
    if (stage) {
      const met = caller < 0 ? 0 : stage[caller]!;
      if (met < focus.length && fn !== focus[met] && functions.count + functions.module[fn]! !== focus[met]) {
        stage[old] = met;
        made[old] = Dropped;
        continue;
      }

      stage[old] = Math.min(met + 1, focus.length);
      if (met < focus.length) {
        node = Root;
        if (met + 1 < focus.length) {
          made[old] = Dropped;
          continue;
        }
      }
    }

    if (collapsed[functions.module[fn]!]) {
      fn = functions.count + functions.module[fn]!;
    } else if (hidden[fn]) {
      made[old] = node;
      continue;
    }

    const goesOn = fn >= functions.count && node >= 0 && table.fn[node] === fn ? node : foldRecursion ? ancestorOf(table, node, fn) : Root;
    made[old] = goesOn === Root ? table.intern(node, fn) : goesOn;
  }

  const ofMode = profile.stacks[mode];
  const nodeOfStack = new Int32Array(ofMode.length);
  for (let stack = 0; stack < ofMode.length; stack++) {
    const old = ofMode[stack]!;
    nodeOfStack[stack] = old >= 0 ? made[old]! : stage ? Dropped : Root;
  }

  return { ...table.finish(), nodeOfStack };
}

function flags(length: number, indexes: readonly number[]): Uint8Array {
  const result = new Uint8Array(length);
  for (const index of indexes) {
    result[index] = 1;
  }

  return result;
}

function ancestorOf(table: NodeTable, node: number, fn: number): number {
  while (node !== Root && table.fn[node] !== fn) {
    node = table.parent[node]!;
  }

  return node;
}

/** Nodes by parent and function; a hash table of plain integers, since there are hundreds of thousands. */
class NodeTable {
  readonly parent: Int32Array;
  readonly fn: Int32Array;
  private readonly depth: Int32Array;

  /** A node's index and one; 0 for a free place. */
  private readonly slots: Int32Array;
  private count = 0;

  constructor(mostNodes: number) {
    this.parent = new Int32Array(mostNodes);
    this.fn = new Int32Array(mostNodes);
    this.depth = new Int32Array(mostNodes);
    this.slots = new Int32Array(1 << (32 - Math.clz32(Math.max(mostNodes, 1) * 2)));
  }

  intern(parent: number, fn: number): number {
    const mask = this.slots.length - 1;
    let hash = Math.imul(parent + 1, 0x9e3779b1) ^ Math.imul(fn + 1, 0x85ebca6b);
    hash ^= hash >>> 15;
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const taken = this.slots[at]!;
      if (taken === 0) {
        this.slots[at] = this.count + 1;
        this.parent[this.count] = parent;
        this.fn[this.count] = fn;
        this.depth[this.count] = parent < 0 ? 0 : this.depth[parent]! + 1;
        return this.count++;
      }

      if (this.parent[taken - 1] === parent && this.fn[taken - 1] === fn) {
        return taken - 1;
      }
    }
  }

  finish() {
    const { count } = this;
    return {
      count,
      parent: this.parent.slice(0, count),
      fn: this.fn.slice(0, count),
      depth: this.depth.slice(0, count),
    };
  }
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

const outermostOfTree = new WeakMap<Tree, Uint8Array>();

/** By node: 1 if its function is not among its callers, so that what it weighs counts for the function. Made once. */
export function outermostOf(tree: Tree): Uint8Array {
  let outermost = outermostOfTree.get(tree);
  if (!outermost) {
    outermost = new Uint8Array(tree.count);
    const { start, nodes } = childrenOf(tree);
    let most = 0;
    for (let node = 0; node < tree.count; node++) {
      most = Math.max(most, tree.fn[node]!);
    }

    const open = new Int32Array(most + 1);
    const next = start.slice();
    for (let node = Root as number; ; ) {
      const slot = node < 0 ? tree.count : node;
      if (next[slot]! < start[slot + 1]!) {
        node = nodes[next[slot]!++]!;
        outermost[node] = open[tree.fn[node]!]!++ === 0 ? 1 : 0;
      } else if (node < 0) {
        break;
      } else {
        open[tree.fn[node]!]!--;
        node = tree.parent[node]!;
      }
    }

    outermostOfTree.set(tree, outermost);
  }

  return outermost;
}
