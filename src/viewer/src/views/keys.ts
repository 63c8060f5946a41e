import { views } from "../model/state";
import type { Store } from "../model/store";
import { actionsFor } from "./actions";
import { isHelpOpen } from "./Help";

const after = <T>(list: readonly T[], item: T): T => list[(list.indexOf(item) + 1) % list.length]!;

/** Keys that do the same wherever the reader is, fields and dialogs aside. Returns what ends that. */
export function listenForKeys(store: Store): () => void {
  const onKeyDown = (event: KeyboardEvent) => {
    const target = event.target as Element;
    if (event.ctrlKey || event.metaKey || event.altKey || target.closest("input:not([type=checkbox]), select, dialog")) {
      return;
    }

    const run = keyActions(store)[event.key];
    if (run) {
      run();
      event.preventDefault();
      return;
    }

    const view = views[Number(event.key) - 1];
    const selected = store.chosen.selected;
    const action = selected === null ? undefined : actionsFor(store, selected).find(({ key }) => key === event.key);
    if (view) {
      store.set({ view });
    } else if (action) {
      action.run();
    } else {
      return;
    }

    event.preventDefault();
  };
  addEventListener("keydown", onKeyDown);
  return () => removeEventListener("keydown", onKeyDown);
}

function keyActions(store: Store): Record<string, () => void> {
  const chosen = store.chosen;
  return {
    "/": () => document.getElementById("search")?.focus(),
    "?": () => (isHelpOpen.value = true),
    m: () => store.set({ mode: after(store.profile.modes, chosen.mode) }),
    r: () => store.set({ foldRecursion: !chosen.foldRecursion }),
    o: () => store.set({ order: after(["heavy", "time"] as const, chosen.order) }),
    i: () => store.set({ direction: after(["icicle", "flame"] as const, chosen.direction) }),
    k: () => store.set({ colour: after(["kind", "module", "change"] as const, chosen.colour) }),
    t: () => store.set({ theme: after(["auto", "light", "dark"] as const, chosen.theme) }),
    Backspace: () => {
      const key = (["collapse", "hide", "focus"] as const).find((one) => chosen[one].length > 0);
      if (key) {
        store.set({ [key]: chosen[key].slice(0, -1) });
      }
    },
  };
}
