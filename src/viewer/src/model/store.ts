import { computed, effect, signal, type ReadonlySignal } from "@preact/signals";
import type { Mode, Profile } from "../data/profile";
import { Names } from "./names";
import { fromFragment, toFragment, type State } from "./state";
import { childrenOf, functionTree, noTransforms, transformTree, type Transforms, type Tree } from "./tree";
import { weighFunctions, weighMatches, weighStacks, weighTree } from "./weights";

/** How long an address waits for the next change before it is written, milliseconds: browsers refuse more than some a second. */
const addressDelay = 150;

/** Trees that are kept, since people go back and forth between modes. */
const mostTrees = 8;

/** What decides which nodes a tree has. */
const treeParts: readonly (keyof State)[] = ["event", "mode", "threads", "focus", "hide", "collapse", "foldRecursion"];

/**
 * The one model that all views show: what the reader chose, and what follows from it. Each part is made when a view first asks,
 * and again when what it depends on has changed.
 */
export class Store {
  readonly names: Names;
  private readonly state: ReturnType<typeof signal<State>>;
  private readonly trees = new Map<string, Tree>();

  constructor(readonly profile: Profile, fragment: string) {
    this.names = new Names(profile);
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

  /** What the selected samples weigh, by stack. */
  readonly stackWeights = computed(() => {
    const threads = this.part("threads").value;
    return weighStacks(this.profile, {
      event: this.part("event").value,
      range: this.part("range").value,
      threads: threads && new Set(threads),
    });
  });

  /** What all samples of the event weigh: what a selection is compared with. */
  readonly allWeights = computed(() =>
    weighStacks(this.profile, { event: this.part("event").value, range: null, threads: null }));

  /** The stacks as they are shown. */
  readonly tree = computed(() => {
    const transforms: Transforms = {
      focus: this.part("focus").value,
      hide: this.part("hide").value,
      collapse: this.part("collapse").value,
      foldRecursion: this.part("foldRecursion").value,
    };
    const mode = this.part("mode").value;
    const key = JSON.stringify(transforms);
    return key === JSON.stringify(noTransforms)
      ? this.plainTree(mode)
      : this.treeOf(mode, key, () => transformTree(this.profile, this.plainTree(mode), transforms));
  });

  /** The stacks of a mode, as nothing was done to them. */
  plainTree(mode: Mode): Tree {
    return this.treeOf(mode, "", () => functionTree(this.profile, mode));
  }

  private treeOf(mode: Mode, transforms: string, make: () => Tree): Tree {
    const key = `${mode} ${transforms}`;
    const tree = this.trees.get(key) ?? make();
    this.trees.delete(key); // the one that was asked for last is kept longest
    this.trees.set(key, tree);
    if (this.trees.size > mostTrees) {
      this.trees.delete(this.trees.keys().next().value!);
    }

    return tree;
  }

  readonly weights = computed(() => weighTree(this.tree.value, this.stackWeights.value));
  readonly wholeWeights = computed(() => weighTree(this.tree.value, this.allWeights.value));
  readonly functionWeights = computed(() => weighFunctions(this.profile, this.tree.value, this.weights.value));

  /** By function, whether the search finds it; null where nothing is searched for. */
  readonly matches = computed(() => this.names.match(this.part("search").value));

  /** What of the selected samples has a function on its stack that the search finds. */
  readonly matchedWeight = computed(() => {
    const matches = this.matches.value;
    return matches ? weighMatches(this.tree.value, this.weights.value, matches) : 0;
  });

  /** The node that the flame graph is zoomed to, as far as there is one; -1 for all. */
  readonly zoomedNode = computed(() => {
    const tree = this.tree.value;
    const path = this.part("zoom").value;
    let node = -1;
    for (let at = 0, depth = 0; depth < path.length && at < tree.count; at++) {
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
    const pieces = this.profile.modes.flatMap((mode) => [
      () => this.plainTree(mode),
      () => childrenOf(this.plainTree(mode)),
    ]);
    const next = () => {
      pieces.shift()?.();
      if (pieces.length > 0) {
        whenIdle(next);
      }
    };
    whenIdle(next);
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
  for (; node >= 0; node = tree.parent[node]!) {
    path.push(tree.fn[node]!);
  }

  return path.reverse();
}
