import { computed, effect, signal, type ReadonlySignal } from "@preact/signals";
import { Kind, type Mode, type Profile } from "../data/profile";
import { Names } from "./names";
import { fromFragment, toFragment, type State } from "./state";
import { busiestOf, samplesOfThread } from "./threads";
import { Buffers } from "./buffers";
import { discardTree, functionTree, noTransforms, Root, transformTree, type Transforms, type Tree, type WholeTree } from "./tree";
import { weighFunctions, weighMatches, weighStacks, weighTree, type StackWeights, type TreeWeights } from "./weights";

/** How long an address waits for the next change before it is written, milliseconds: browsers refuse more than some a second. */
const addressDelay = 150;

/** Trees that are kept beside those of the modes, since people go back and forth. */
const mostTrees = 5;

/** What decides which nodes a tree has. */
const treeParts: readonly (keyof State)[] = ["event", "mode", "threads", "focus", "hide", "collapse", "foldRecursion"];

/**
 * The one model that all views show: what the reader chose, and what follows from it. Each part is made when a view first asks,
 * and again when what it depends on has changed.
 */
export class Store {
  readonly names: Names;
  private readonly state: ReturnType<typeof signal<State>>;
  private readonly wholeTrees = new Map<Mode, WholeTree>();
  private readonly trees = new Map<string, Tree>();
  readonly buffers: Buffers;

  constructor(readonly profile: Profile, fragment: string) {
    this.names = new Names(profile);
    this.buffers = new Buffers(profile.mostNodes + 1);
    this.state = signal(fromFragment(fragment, profile, this.names));
  }

  /** What the reader chose. */
  get chosen(): State {
    return this.state.value!;
  }

  /** One part of what the reader chose; who reads it is told of changes of this part alone. */
  part<Key extends keyof State>(key: Key): ReadonlySignal<State[Key]> {
    return (this.parts[key] ??= computed(() => this.chosen[key]) as never) as ReadonlySignal<State[Key]>;
  }

  private readonly parts: { [Key in keyof State]?: ReadonlySignal<State[Key]> } = {};

  /** Changes what is chosen. With other stacks, what a box or row of them was means nothing any more. */
  set(changes: Partial<State>): void {
    const isOtherTree = treeParts.some((part) => part in changes);
    this.state.value = {
      ...this.state.peek()!,
      ...(isOtherTree ? { zoom: [], expanded: null } : "view" in changes || "callersOf" in changes ? { expanded: null } : {}),
      ...changes,
    };
  }

  /** What the selected samples weigh, by stack. Whoever reads it later than the next change reads that one's. */
  readonly stackWeights = computed(() => {
    const threads = this.part("threads").value;
    const range = this.part("range").value;
    if (!threads && !range) {
      return this.allWeights.value;
    }

    this.selectedWeights = weighStacks(this.profile, {
      event: this.part("event").value,
      range,
      threads: threads && new Set(threads),
    }, this.selectedWeights?.stacks);
    return this.selectedWeights;
  });

  private selectedWeights: StackWeights | null = null;

  /** What all samples of the event weigh: what a selection is compared with. */
  readonly allWeights = computed(() =>
    weighStacks(this.profile, { event: this.part("event").value, range: null, threads: null }));

  /** The stacks as they are shown. */
  readonly tree = computed(() => this.treeOf(this.part("mode").value, {
    focus: this.part("focus").value,
    hide: this.part("hide").value,
    collapse: this.part("collapse").value,
    foldRecursion: this.part("foldRecursion").value,
  }));

  private treeOf(mode: Mode, transforms: Transforms): Tree {
    const whole = this.wholeTree(mode);
    const chosen = JSON.stringify(transforms);
    if (chosen === JSON.stringify(noTransforms)) {
      return whole;
    }

    const key = `${mode} ${chosen}`;
    const tree = this.trees.get(key) ?? transformTree(this.profile, whole, transforms, this.buffers);
    this.trees.delete(key); // the one that was asked for last is kept longest
    this.trees.set(key, tree);
    const [oldest] = this.trees.keys();
    if (this.trees.size > mostTrees) {
      discardTree(this.trees.get(oldest!)!, this.buffers);
      this.trees.delete(oldest!);
    }

    return tree;
  }

  private wholeTree(mode: Mode): WholeTree {
    let tree = this.wholeTrees.get(mode);
    if (!tree) {
      this.wholeTrees.set(mode, (tree = functionTree(this.profile, mode, this.buffers)));
    }

    return tree;
  }

  /** What the nodes of `tree` weigh of the selection. Whoever reads it later than the next change reads that one's. */
  readonly weights = this.weigh(() => this.stackWeights.value);

  /** What they weigh of all samples. */
  readonly wholeWeights = this.weigh(() => this.allWeights.value);

  private weigh(weightsOf: () => StackWeights): ReadonlySignal<TreeWeights> {
    let last: TreeWeights | null = null;
    return computed(() => {
      if (last) {
        this.buffers.give(last.self, last.total);
      }

      return (last = weighTree(this.tree.value, weightsOf(), this.buffers));
    });
  }

  /** Kinds of code that the mode's stacks have, whatever of them is selected; modules that stand for their functions are native. */
  readonly kinds = computed(() => {
    const { fn, count } = this.wholeTree(this.part("mode").value);
    const has = new Uint8Array(this.profile.functions.count);
    for (let node = 1; node < count; node++) {
      has[fn[node]!] = 1;
    }

    const kinds = new Set(this.part("collapse").value.length > 0 ? [Kind.Native] : []);
    has.forEach((isThere, one) => isThere === 1 && kinds.add(this.names.kind(one)));
    return [...kinds].sort((a, b) => a - b);
  });

  readonly functionWeights = computed(() => weighFunctions(this.profile, this.tree.value, this.weights.value));

  /** By function, whether the search finds it; null where nothing is searched for. */
  readonly matches = computed(() => this.names.match(this.part("search").value));

  /** What of the selected samples has a function on its stack that the search finds. */
  readonly matchedWeight = computed(() => {
    const matches = this.matches.value;
    return matches ? weighMatches(this.tree.value, this.weights.value, matches, this.buffers) : 0;
  });

  /** The node that the flame graph is zoomed to, as far as there is one; the root for all. */
  readonly zoomedNode = computed(() => {
    const tree = this.tree.value;
    const path = this.part("zoom").value;
    let node = Root as number;
    for (let at = 1, depth = 0; depth < path.length && at < tree.count; at++) {
      if (tree.parent[at] === node && tree.fn[at] === path[depth]) {
        node = at;
        depth++;
      }
    }

    return node;
  });

  /** True if weights of the event are nanoseconds. */
  get isClock(): boolean {
    return this.profile.events[this.part("event").value]!.isClock;
  }

  /** Makes what other modes will need, a piece each time that nothing else is to be done, so that they answer at once. */
  prepare(): void {
    const pieces = [
      ...this.profile.modes.map((mode) => () => void this.wholeTree(mode)),
      () => void samplesOfThread(this.profile, busiestOf(this.profile, this.chosen.event, null), this.chosen.event),
      () => void this.treeOf(this.chosen.mode, { ...noTransforms, foldRecursion: true }),
      // what another tree takes, and weights
      () => this.buffers.warm(14, 2, 4),
      // browsers compile what has run for a while
      ...this.profile.modules.slice(0, 3).map((_, module) => () => this.rehearse({ ...noTransforms, hide: [0], collapse: [module] })),
      () => this.rehearse({ ...noTransforms, focus: [0] }),
      () => void this.names.match("a"),
    ];
    const next = () => {
      pieces.shift()?.();
      if (pieces.length > 0) {
        whenIdle(next);
      }
    };
    whenIdle(next);
  }

  private rehearse(transforms: Transforms): void {
    discardTree(transformTree(this.profile, this.wholeTree(this.chosen.mode), transforms, this.buffers), this.buffers);
  }

  /** Keeps the page's address and the choice the same; returns what ends that. */
  followAddress(): () => void {
    let timer = 0;
    let written = location.hash.slice(1);
    let view = this.chosen.view;
    const stop = effect(() => {
      const state = this.chosen;
      clearTimeout(timer);
      timer = window.setTimeout(() => {
        const fragment = toFragment(state, this.profile, this.names);
        if (fragment !== written) {
          // another view is a step back; the rest would be too many
          history[view === state.view ? "replaceState" : "pushState"](null, "", `#${fragment}`);
          written = fragment;
          view = state.view;
        }
      }, addressDelay);
    });
    const read = () => {
      written = location.hash.slice(1);
      this.state.value = fromFragment(written, this.profile, this.names);
      view = this.chosen.view;
    };
    addEventListener("hashchange", read);
    addEventListener("popstate", read);
    return () => {
      stop();
      removeEventListener("hashchange", read);
      removeEventListener("popstate", read);
    };
  }
}

/** Safari has no word for it. */
const whenIdle = (run: () => void) => ("requestIdleCallback" in window ? requestIdleCallback(run) : setTimeout(run, 50));

/** Functions from the outermost one to a node. */
export function pathOf(tree: Tree, node: number): number[] {
  const path: number[] = [];
  for (; node > Root; node = tree.parent[node]!) {
    path.push(tree.fn[node]!);
  }

  return path.reverse();
}
