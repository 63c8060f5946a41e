import type { Buffers } from "./buffers";

/** The node that all others are below. */
export const Root = 0;

/** Stands for the node of a stack that is not shown. */
export const Dropped = -1;

/** Stands for the function of nodes that are left out. */
export const Hidden = -1;

/** Ends lists of nodes. */
const None = -1;

/** The nodes of a prefix tree, by node; arrays may be longer than the tree. A node's parent has a smaller index. */
export interface Nodes {
  /** Nodes and the root; the root is the first one. */
  count: number;

  /** The caller's node; the root's is itself. */
  parent: Int32Array;

  /** Index of a function, -1 of the root; from `functions.count` on, of the module that stands for all its functions. */
  fn: Int32Array;

  /** 1 if the function is not among its callers, so that what the node weighs counts for the function. */
  outermost: Uint8Array;

  /** One of the nodes that it called, `Root` for none. */
  child: Int32Array;

  /** Another node that its caller called, `Root` for no more. */
  sibling: Int32Array;
}

/** Nodes in the order in which one walks the tree: behind each come all below it. */
export interface WalkedNodes extends Nodes {
  /** By node: the first one behind it that is not below it. */
  end: Int32Array;
}

/** A tree's arrays, with the root in them. */
export function onlyRoot(buffers: Buffers): Nodes {
  const nodes = {
    count: 1,
    parent: buffers.takeInts(),
    fn: buffers.takeInts(),
    outermost: buffers.takeBytes(),
    child: buffers.takeInts(),
    sibling: buffers.takeInts(),
  };
  nodes.parent[Root] = Root;
  nodes.fn[Root] = -1;
  nodes.outermost[Root] = 0;
  nodes.child[Root] = Root;
  nodes.sibling[Root] = Root;
  return nodes;
}

/** What is done to a tree. */
export interface Rules {
  /** By function: the one that it is shown as, itself or the module that stands for it; `Hidden` for none. */
  shownAs: Int32Array;

  /** How many functions and modules there are. */
  functions: number;

  /** A function that is on the stack already goes on there. */
  foldRecursion: boolean;

  /** Nodes that the tree consists of, with all below them; null for all of it. Of these none is below another. */
  starts: readonly number[] | null;

  /** Nodes that cannot be taken over as they are. */
  marks: Marks;
}

/** Some nodes of a tree. */
export interface Marks {
  /** The nodes, ascending; the array may be longer. */
  list: Int32Array;
  count: number;

  /** By node: how many of them are not behind it. */
  upTo: Int32Array;
}

/**
 * Makes another tree of a tree's nodes: those of one function below one node become one. Most nodes come from one node alone and need
 * no look at what else is there: they are taken over as the old tree is walked, and where nothing is done to all that is below one,
 * that is copied. What is not so simple is put off: old nodes wait at the new one that they, or their callees, come below.
 */
export class TreeMerger {
  /** By node of the old tree: the new one, or `Dropped`. Who makes the tree gives it back. */
  readonly made: Int32Array;
  private readonly nodes: Nodes;

  /** By new node: old ones whose callees come below it, a list that goes on at `nextCaller` of each, and its last one. */
  private readonly firstCaller: Int32Array;
  private readonly lastCaller: Int32Array;
  private readonly nextCaller: Int32Array;

  /** By new node: old ones that come below it themselves, a list that goes on at `nextCallee` of each. */
  private readonly firstCallee: Int32Array;
  private readonly nextCallee: Int32Array;

  /** New nodes that have such lists. */
  private readonly open: Int32Array;
  private openCount = 0;

  /** By function: its node below the one that is being filled, if that is the node's parent. */
  private readonly childOf: Int32Array;

  constructor(private readonly old: WalkedNodes, private readonly rules: Rules, private readonly buffers: Buffers) {
    this.made = buffers.takeInts();
    this.nodes = onlyRoot(buffers);
    this.firstCaller = buffers.takeInts().fill(None, 0, old.count);
    this.lastCaller = buffers.takeInts();
    this.nextCaller = buffers.takeInts();
    this.firstCallee = buffers.takeInts().fill(None, 0, old.count);
    this.nextCallee = buffers.takeInts();
    this.open = buffers.takeInts();
    this.childOf = new Int32Array(rules.functions);
  }

  /** Makes it. */
  run(): Nodes {
    const { nodes, made, rules } = this;
    if (rules.starts) {
      made.fill(Dropped, 0, this.old.count);
      for (const start of rules.starts) {
        this.place(start, Root);
      }
    } else {
      made[Root] = Root;
      this.takeOver(Root, Root);
    }

    while (this.openCount > 0) {
      this.fill(this.open[--this.openCount]!);
    }

    this.buffers.give(this.firstCaller, this.lastCaller, this.nextCaller, this.firstCallee, this.nextCallee, this.open);
    return nodes;
  }

  /** Puts what waits at a new node below it. */
  private fill(node: number): void {
    const { firstCaller, nextCaller, firstCallee, nextCallee, childOf } = this;
    const { child, sibling, fn } = this.nodes;
    const { child: oldChild, sibling: oldSibling } = this.old;
    for (let there = child[node]!; there !== Root; there = sibling[there]!) {
      childOf[fn[there]!] = there;
    }

    for (let old = firstCallee[node]!; old !== None; old = nextCallee[old]!) {
      this.place(old, node);
    }

    // this list may grow meanwhile
    for (let old = firstCaller[node]!; old !== None; old = nextCaller[old]!) {
      for (let callee = oldChild[old]!; callee !== Root; callee = oldSibling[callee]!) {
        this.place(callee, node);
      }
    }

    firstCallee[node] = None;
    firstCaller[node] = None;
  }

  /** Finds or makes the node of an old one below one that is being filled. */
  private place(old: number, caller: number): void {
    const { made, childOf, rules } = this;
    const oldFn = this.old.fn[old]!;
    const fn = rules.shownAs[oldFn]!;
    if (fn === Hidden) {
      made[old] = caller;
      this.putOffCallees(old, caller);
      return;
    }

    // its callers are some of those in the old tree: what had none of its own there has none here
    const isModule = fn !== oldFn;
    const same = isModule || this.old.outermost[old] === 0 ? this.nearest(caller, fn) : Root;
    if (same !== Root && (rules.foldRecursion || (isModule && same === caller))) {
      made[old] = same;
      this.putOffCallees(old, same);
      return;
    }

    const there = childOf[fn]!;
    if (there !== Root && this.nodes.parent[there] === caller) {
      made[old] = there;
      this.putOffCallees(old, there);
    } else {
      const node = this.create(fn, caller, same === Root);
      childOf[fn] = node;
      made[old] = node;
      this.takeOver(old, node);
    }
  }

  /** Has an old node's callees wait at a new one. */
  private putOffCallees(old: number, node: number): void {
    if (this.old.child[old] === Root) {
      return;
    }

    this.nextCaller[old] = None;
    if (this.firstCaller[node] !== None) {
      this.nextCaller[this.lastCaller[node]!] = old;
    } else {
      this.firstCaller[node] = old;
      this.setOpen(node, this.firstCallee);
    }

    this.lastCaller[node] = old;
  }

  /** Has an old node wait at a new one. */
  private putOff(old: number, node: number): void {
    this.nextCallee[old] = this.firstCallee[node]!;
    if (this.firstCallee[node] === None) {
      this.setOpen(node, this.firstCaller);
    }

    this.firstCallee[node] = old;
  }

  private setOpen(node: number, otherList: Int32Array): void {
    if (otherList[node] === None) {
      this.open[this.openCount++] = node;
    }
  }

  /** Walks what is below an old node, for a new one that nothing is below yet. */
  private takeOver(old: number, node: number): void {
    const { made } = this;
    const { list, count, upTo } = this.rules.marks;
    const { parent, fn, outermost, end } = this.old;
    const stop = end[old]!;
    let marked = upTo[old]! < count ? list[upTo[old]!]! : stop;
    if (marked >= stop) {
      this.copy(old, node);
      return;
    }

    for (let from = old + 1; from < stop; ) {
      const caller = made[parent[from]!]!;
      const behind = end[from]!;
      if (from === marked) {
        this.putOff(from, caller);
        const next = upTo[behind - 1]!;
        marked = next < count ? list[next]! : stop;
        from = behind;
        continue;
      }

      const to = this.create(fn[from]!, caller, outermost[from] === 1);
      made[from] = to;
      if (behind > marked) {
        from++;
      } else {
        this.copy(from, to);
        from = behind;
      }
    }
  }

  private create(fn: number, parent: number, isOutermost: boolean): number {
    const { nodes } = this;
    const node = nodes.count++;
    nodes.parent[node] = parent;
    nodes.fn[node] = fn;
    nodes.outermost[node] = isOutermost ? 1 : 0;
    nodes.child[node] = Root;
    nodes.sibling[node] = nodes.child[parent]!;
    nodes.child[parent] = node;
    return node;
  }

  /** The node itself or the nearest of its callers that is a function's; the root if none is. */
  private nearest(node: number, fn: number): number {
    const { parent, fn: fnOf } = this.nodes;
    while (node !== Root && fnOf[node] !== fn) {
      node = parent[node]!;
    }

    return node;
  }

  /** Copies all that is below an old node to below a new one that nothing is below yet. */
  private copy(old: number, node: number): void {
    const { made, nodes } = this;
    const { parent, fn, outermost, child, sibling } = this.old;
    const { parent: newParent, fn: newFn, outermost: newOutermost, child: newChild, sibling: newSibling } = nodes;
    const end = this.old.end[old]!;
    const shift = nodes.count - old - 1;
    if (end === old + 1) {
      return;
    }

    for (let from = old + 1; from < end; from++) {
      const to = from + shift;
      made[from] = to;
      newParent[to] = parent[from]! + shift;
      newFn[to] = fn[from]!;
      newOutermost[to] = outermost[from]!;
      newChild[to] = child[from] === Root ? Root : child[from]! + shift;
      newSibling[to] = sibling[from] === Root ? Root : sibling[from]! + shift;
    }

    for (let callee = child[old]!; callee !== Root; callee = sibling[callee]!) {
      newParent[callee + shift] = node;
    }

    newChild[node] = child[old]! + shift;
    nodes.count += end - old - 1;
  }
}

/** Puts nodes in the order in which one walks the tree; `made` becomes their places in it. Takes the old arrays back. */
export function walked(nodes: Nodes, made: Int32Array, oldCount: number, buffers: Buffers): WalkedNodes {
  const { count, parent, fn, outermost } = nodes;
  const size = buffers.takeInts().fill(1, 0, count);
  for (let node = count - 1; node > Root; node--) {
    size[parent[node]!]! += size[node]!;
  }

  // where the next of a node's children goes
  const free = buffers.takeInts();
  const place = buffers.takeInts();
  const result: WalkedNodes = { ...onlyRoot(buffers), count, end: buffers.takeInts() };
  for (let node = Root; node < count; node++) {
    const caller = parent[node]!;
    const at = node === Root ? Root : free[caller]!;
    const end = at + size[node]!;
    place[node] = at;
    free[node] = at + 1;
    free[caller] = node === Root ? 1 : end;
    result.parent[at] = place[caller]!;
    result.fn[at] = fn[node]!;
    result.outermost[at] = outermost[node]!;
    result.end[at] = end;
    result.child[at] = size[node] === 1 ? Root : at + 1;
    result.sibling[at] = node === Root || end === result.end[place[caller]!] ? Root : end;
  }

  for (let old = 0; old < oldCount; old++) {
    made[old] = place[made[old]!]!;
  }

  buffers.give(size, free, place, parent, fn, outermost, nodes.child, nodes.sibling);
  return result;
}
