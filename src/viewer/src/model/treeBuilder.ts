/** The node that all others are below, in a builder's own numbering; nodes begin at 1. */
const root = 0;

/**
 * Makes a prefix tree of functions node by node, callers first. Most nodes come from one node of another tree and so need no
 * search for a twin: only the children of a node that several were merged to are looked up, in a table that has no others.
 */
export class TreeBuilder {
  private count = 1;
  private readonly parent: Int32Array;
  private readonly fn: Int32Array;
  private readonly depth: Int32Array;

  private readonly outermost: Uint8Array;

  /** The node's children, the one that came last first. */
  private readonly child: Int32Array;
  private readonly sibling: Int32Array;

  /** 1 for nodes that several were merged to, whose children are in the table. */
  private readonly merged: Uint8Array;
  private table = new Int32Array(1 << 10);
  private tabled = 0;

  constructor(mostNodes: number) {
    const size = mostNodes + 1;
    this.parent = new Int32Array(size);
    this.fn = new Int32Array(size);
    this.depth = new Int32Array(size);
    this.outermost = new Uint8Array(size);
    this.child = new Int32Array(size);
    this.sibling = new Int32Array(size);
    this.merged = new Uint8Array(size);
    this.fn[root] = -1;
    this.depth[root] = -1;
  }

  static readonly root = root;

  functionOf(node: number): number {
    return this.fn[node]!;
  }

  /**
   * The child of a node for a function, made if there is none; `isOutermost` says whether the function is not among its callers.
   * Where it was there, one more node is merged to it.
   */
  childOf(parent: number, fn: number, isOutermost: boolean): number {
    if (this.merged[parent] === 0) {
      return this.create(parent, fn, isOutermost);
    }

    const mask = this.table.length - 1;
    for (let at = hash(parent, fn) & mask; this.table[at] !== 0; at = (at + 1) & mask) {
      const node = this.table[at]!;
      if (this.parent[node] === parent && this.fn[node] === fn) {
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
      for (let child = this.child[node]!; child !== 0; child = this.sibling[child]!) {
        this.enter(child);
      }
    }
  }

  /** The node itself or the nearest of its callers that is a function's; the root if none is. */
  nearest(node: number, fn: number): number {
    while (node !== root && this.fn[node] !== fn) {
      node = this.parent[node]!;
    }

    return node;
  }

  /** The tree's nodes, from 0 on; what nothing calls has the parent -1. */
  finish() {
    const { count } = this;
    const parent = this.parent.slice(1, count);
    for (let node = 0; node < parent.length; node++) {
      parent[node]!--;
    }

    return {
      count: count - 1,
      parent,
      fn: this.fn.slice(1, count),
      depth: this.depth.slice(1, count),
      outermost: this.outermost.slice(1, count),
    };
  }

  private create(parent: number, fn: number, isOutermost: boolean): number {
    const node = this.count++;
    this.parent[node] = parent;
    this.fn[node] = fn;
    this.depth[node] = this.depth[parent]! + 1;
    this.outermost[node] = isOutermost ? 1 : 0;
    this.sibling[node] = this.child[parent]!;
    this.child[parent] = node;
    return node;
  }

  private enter(node: number): void {
    if (2 * ++this.tabled > this.table.length) {
      const old = this.table;
      this.table = new Int32Array(old.length * 4);
      old.forEach((one) => one !== 0 && this.place(one));
    }

    this.place(node);
  }

  private place(node: number): void {
    const mask = this.table.length - 1;
    let at = hash(this.parent[node]!, this.fn[node]!) & mask;
    while (this.table[at] !== 0) {
      at = (at + 1) & mask;
    }

    this.table[at] = node;
  }
}

function hash(parent: number, fn: number): number {
  const mixed = Math.imul(parent, 0x9e3779b1) ^ Math.imul(fn + 1, 0x85ebca6b);
  return mixed ^ (mixed >>> 15);
}
