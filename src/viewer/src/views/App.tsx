import { useSignalEffect } from "@preact/signals";
import { useEffect } from "preact/hooks";
import * as format from "../model/format";
import type { View } from "../model/state";
import { views } from "../model/state";
import type { Store } from "../model/store";
import { AboutView } from "./AboutView";
import { CallTree, Callers } from "./CallTree";
import { pointed, spoken, StoreContext, useStore } from "./context";
import { Details } from "./Details";
import { FlameView } from "./FlameView";
import { FunctionTable } from "./FunctionTable";
import { Help, isHelpOpen } from "./Help";
import { listenForKeys } from "./keys";
import { Menu } from "./Menu";
import { SourceView } from "./SourceView";
import { StacksView } from "./StacksView";
import { TimeLine } from "./TimeLine";
import { FlameOptions, Toolbar } from "./Toolbar";

const titles: Record<View, string> = {
  flame: "Flame graph",
  tree: "Call tree",
  callers: "Callers",
  functions: "Functions",
  source: "Source",
  stacks: "Stacks",
  about: "About",
};

const contents: Record<Exclude<View, "flame">, () => preact.JSX.Element> = {
  tree: CallTree,
  callers: Callers,
  functions: FunctionTable,
  source: SourceView,
  stacks: StacksView,
  about: AboutView,
};

/** The whole page. */
export function App({ store }: { store: Store }) {
  useEffect(() => store.followAddress(), [store]);
  useEffect(() => listenForKeys(store), [store]);
  useSignalEffect(() => {
    const theme = store.part("theme").value;
    document.documentElement.dataset["theme"] = theme;
  });
  return (
    <StoreContext.Provider value={store}>
      <Header />
      <TimeLine />
      <main>
        <Toolbar />
        <Tabs />
        <Panel />
      </main>
      <Details />
      <Menu />
      <Help />
      <div class="spoken" role="status" aria-live="polite">{spoken}</div>
    </StoreContext.Provider>
  );
}

function Header() {
  const store = useStore();
  const { total, samples } = store.stackWeights.value;
  const event = store.profile.events[store.part("event").value]!;
  const theme = store.part("theme").value;
  return (
    <header>
      <h1 title={store.profile.title}><bdi>{store.profile.title}</bdi></h1>
      <p>
        <b>{format.weight(total, event.isClock)}</b> {event.isClock ? "of" : ""} {event.name}, {format.count(samples)} samples
      </p>
      <span class="spacer" />
      <button
        type="button"
        title="Colours: the system's, light, dark (t)"
        aria-label={`Colours: ${theme}`}
        onClick={() => store.set({ theme: theme === "auto" ? "light" : theme === "light" ? "dark" : "auto" })}
      >
        {theme === "auto" ? "◐" : theme === "light" ? "☀" : "☾"}
      </button>
      <button type="button" title="Keys (?)" aria-label="Keys" onClick={() => (isHelpOpen.value = true)}>?</button>
    </header>
  );
}

function Tabs() {
  const store = useStore();
  const view = store.part("view").value;
  return (
    <div class="tabs" role="tablist" aria-label="Views">
      {views.map((one, index) => (
        <button
          key={one}
          type="button"
          role="tab"
          id={`tab-${one}`}
          aria-selected={view === one}
          aria-controls="panel"
          tabIndex={view === one ? 0 : -1}
          title={`${titles[one]} (${index + 1})`}
          onClick={() => store.set({ view: one })}
          onKeyDown={(event) => {
            const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? views.length - 1 : 0;
            if (step > 0) {
              const next = views[(index + step) % views.length]!;
              store.set({ view: next });
              document.getElementById(`tab-${next}`)?.focus();
              event.preventDefault();
            }
          }}
        >
          {titles[one]}
        </button>
      ))}
    </div>
  );
}

function Panel() {
  const store = useStore();
  const view = store.part("view").value;
  const Content = view === "flame" ? null : contents[view];
  useEffect(() => void (pointed.value = null), [view]);
  return (
    <div id="panel" role="tabpanel" aria-labelledby={`tab-${view}`} class={`panel panel-${view}`}>
      {/* it stays as it is drawn, and is there at once */}
      <div class="flame-panel" hidden={view !== "flame"}>
        <FlameOptions />
        <FlameView />
      </div>
      {Content && <Content />}
    </div>
  );
}
