import type { Buffers } from "./buffers";

/** The node that all others are below. */
export const Root = 0;

/** The nodes of a prefix tree, by node; arrays may be longer than the tree. A node's parent has a smaller index. */
export interface Nodes {
  /** Nodes and the root; the root is the first one. */
  count: number;

  /** The caller's node; the root's is itself. */
  parent: Int32Array;

  /** Index of a function, -1 of the root; from `functions.count` on, of the module that stands for all its functions. */
  fn: Int32Array;

  /** Callers; -1 of the root. */
  depth: Int32Array;

  /** 1 if the function is not among its callers, so that what the node weighs counts for the function. */
  outermost: Uint8Array;

  /** One of the nodes that it called, `Root` for none. */
  child: Int32Array;

  /** Another node that its caller called, `Root` for no more. */
  sibling: Int32Array;
}

/**
 * Makes a prefix tree of functions node by node, callers first. Most nodes come from one node of another tree and so need no
 * search for a twin: only the children of a node that several were merged to are looked up, in a table that has no others.
 */
export class TreeBuilder {
  private readonly nodes: Nodes;

  /** 1 for nodes that several were merged to, whose children are in the table. */
  private readonly merged: Uint8Array;
  private table = new Int32Array(1 << 10);
  private tabled = 0;

  constructor(private readonly buffers: Buffers) {
    this.nodes = {
      count: 1,
      parent: buffers.takeInts(),
      fn: buffers.takeInts(),
      depth: buffers.takeInts(),
      outermost: buffers.takeBytes(),
      child: buffers.takeInts(),
      sibling: buffers.takeInts(),
    };
    this.merged = buffers.takeBytes();
    this.nodes.parent[Root] = Root;
    this.nodes.fn[Root] = -1;
    this.nodes.depth[Root] = -1;
    this.nodes.outermost[Root] = 0;
    this.nodes.child[Root] = Root;
    this.nodes.sibling[Root] = Root;
    this.merged[Root] = 0;
  }

  functionOf(node: number): number {
    return this.nodes.fn[node]!;
  }

  /**
   * The child of a node for a function, made if there is none; `isOutermost` says whether the function is not among its callers.
   * Where it was there, one more node is merged to it.
   */
  childOf(parent: number, fn: number, isOutermost: boolean): number {
    if (this.merged[parent] === 0) {
      return this.create(parent, fn, isOutermost);
    }

    const { table, nodes } = this;
    const mask = table.length - 1;
    for (let at = hash(parent, fn) & mask; table[at] !== Root; at = (at + 1) & mask) {
      const node = table[at]!;
      if (nodes.parent[node] === parent && nodes.fn[node] === fn) {
        this.merge(node);
        return node;
      }
    }

    const node = this.create(parent, fn, isOutermost);
    this.enter(node);
    return node;
  }

  /** Says that more than one node is shown as this one, or that several of its callees may be one: they are looked up from now on. */
  merge(node: number): void {
    if (this.merged[node] === 0) {
      this.merged[node] = 1;
      for (let child = this.nodes.child[node]!; child !== Root; child = this.nodes.sibling[child]!) {
        this.enter(child);
      }
    }
  }

  /** The node itself or the nearest of its callers that is a function's; the root if none is. */
  nearest(node: number, fn: number): number {
    const { parent, fn: fnOf } = this.nodes;
    while (node !== Root && fnOf[node] !== fn) {
      node = parent[node]!;
    }

    return node;
  }

  /** The tree; nothing is added to it any more. */
  finish(): Nodes {
    this.buffers.give(this.merged);
    return this.nodes;
  }

  private create(parent: number, fn: number, isOutermost: boolean): number {
    const { nodes } = this;
    const node = nodes.count++;
    nodes.parent[node] = parent;
    nodes.fn[node] = fn;
    nodes.depth[node] = nodes.depth[parent]! + 1;
    nodes.outermost[node] = isOutermost ? 1 : 0;
    nodes.child[node] = Root;
    nodes.sibling[node] = nodes.child[parent]!;
    nodes.child[parent] = node;
    this.merged[node] = 0;
    return node;
  }

  private enter(node: number): void {
    if (2 * ++this.tabled > this.table.length) {
      const old = this.table;
      this.table = new Int32Array(old.length * 4);
      for (const one of old) {
        if (one !== Root) {
          this.place(one);
        }
      }
    }

    this.place(node);
  }

  private place(node: number): void {
    const mask = this.table.length - 1;
    let at = hash(this.nodes.parent[node]!, this.nodes.fn[node]!) & mask;
    while (this.table[at] !== Root) {
      at = (at + 1) & mask;
    }

    this.table[at] = node;
  }
}

function hash(parent: number, fn: number): number {
  const mixed = Math.imul(parent, 0x9e3779b1) ^ Math.imul(fn + 1, 0x85ebca6b);
  return mixed ^ (mixed >>> 15);
}
