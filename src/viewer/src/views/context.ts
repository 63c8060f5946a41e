import { computed, signal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { dark, light } from "../draw/colours";
import type { Store } from "../model/store";

export const StoreContext = createContext<Store>(undefined as never);
export const useStore = () => useContext(StoreContext);

/** What is pointed at, which the line below the views tells of; gone with the pointer, and so no part of the page's address. */
export interface Pointed {
  fn: number;

  /** Of the box or row; null where that is the function's own. */
  weight: number | null;
  self: number | null;
}

export const pointed = signal<Pointed | null>(null);

/** What is said to readers that hear the page. */
export const spoken = signal("");

const prefersDark = matchMedia("(prefers-color-scheme: dark)");
const systemIsDark = signal(prefersDark.matches);
prefersDark.addEventListener("change", () => (systemIsDark.value = prefersDark.matches));

/** Colours of what is drawn, by the chosen theme. */
export const paletteOf = (store: Store) =>
  computed(() => {
    const theme = store.part("theme").value;
    return theme === "dark" || (theme === "auto" && systemIsDark.value) ? dark : light;
  });
