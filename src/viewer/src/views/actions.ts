import type { Store } from "../model/store";

/** Something that can be done with a function, in menus and below the views. */
export interface Action {
  label: string;

  /** The key that does it to the selected function. */
  key: string;

  /** More words on it. */
  title: string;
  run(): void;
}

const without = <T>(list: readonly T[], item: T) => list.filter((one) => one !== item);
const toggled = <T>(list: readonly T[], item: T) => (list.includes(item) ? without(list, item) : [...list, item]);

/** What can be done with a function. */
export function actionsFor(store: Store, fn: number): Action[] {
  const { names } = store;
  const chosen = store.chosen;
  const module = names.moduleIndex(fn);
  const actions: Action[] = [
    {
      label: "Focus",
      key: "f",
      title: "Show only stacks with it, from it on",
      run: () => store.set({ focus: [...without(chosen.focus, fn), fn], selected: fn }),
    },
    {
      label: "Hide",
      key: "h",
      title: "Leave it out; what it called is called by its callers then",
      run: () => store.set({ hide: toggled(chosen.hide, fn) }),
    },
    {
      label: chosen.collapse.includes(module) ? "Expand module" : "Collapse module",
      key: "c",
      title: `One box for functions of ${names.module(fn)} that call each other`,
      run: () => store.set({ collapse: toggled(chosen.collapse, module) }),
    },
    {
      label: "Callers",
      key: "b",
      title: "Show who called it",
      run: () => store.set({ view: "callers", callersOf: fn, selected: fn }),
    },
    {
      label: "Search",
      key: "n",
      title: "Mark it wherever it is",
      run: () => store.set({ search: names.name(fn), selected: fn }),
    },
  ];
  if (names.file(fn) >= 0) {
    actions.push({
      label: "Source",
      key: "s",
      title: "Show its source, with what each line costs",
      run: () => store.set({
        view: "source", selected: fn, file: names.file(fn), line: store.profile.functions.line[fn]! || null,
      }),
    });
  }

  return actions;
}
