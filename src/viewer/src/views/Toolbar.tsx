import type { Mode } from "../data/profile";
import { kindColour, kindNames } from "../draw/colours";
import * as format from "../model/format";
import type { State } from "../model/state";
import { busiestOf } from "../model/threads";
import { paletteOf, useStore } from "./context";

const modeNames: Record<Mode, [label: string, title: string]> = {
  python: ["Python", "Python functions alone; other code counts for the one that called it"],
  mixed: ["Mixed", "Python, and native code that does what the program asked for; without the interpreter's plumbing"],
  native: ["Native", "Everything, as the processor saw it"],
};

/** What is shown of stacks, and what of that is searched for. */
export function Toolbar() {
  const store = useStore();
  const { profile } = store;
  const query = store.part("search").value;
  const total = store.stackWeights.value.total;
  const isWrong = query.trim() !== "" && store.matches.value === null;
  return (
    <div class="toolbar" role="toolbar" aria-label="What is shown">
      {profile.events.length > 1 && (
        <label>
          Event{" "}
          <select
            value={String(store.part("event").value)}
            onChange={(event) => store.set({ event: Number(event.currentTarget.value) })}
          >
            {profile.events.map(({ name }, index) => <option key={name} value={String(index)}>{name}</option>)}
          </select>
        </label>
      )}
      {profile.modes.length > 1 && (
        <Choice
          label="Stacks"
          value={store.part("mode").value}
          choices={profile.modes.map((mode) => [mode, ...modeNames[mode]])}
          onChange={(mode) => store.set({ mode })}
        />
      )}
      <div class="search">
        <input
          id="search"
          type="search"
          placeholder="Search  /"
          aria-label="Search functions, files and modules; an expression between slashes"
          aria-invalid={isWrong}
          value={query}
          spellcheck={false}
          onInput={(event) => store.set({ search: event.currentTarget.value })}
          onKeyDown={(event) => {
            if (event.key === "Escape") {
              store.set({ search: "" });
              event.currentTarget.blur();
              event.stopPropagation();
            }
          }}
        />
        <output>
          {isWrong ? "no expression" : query.trim() !== "" ? `${format.share(store.matchedWeight.value, total)} matched` : ""}
        </output>
      </div>
      <label title="A function that is on the stack already goes on there (r)">
        <input
          type="checkbox"
          checked={store.part("foldRecursion").value}
          onChange={(event) => store.set({ foldRecursion: event.currentTarget.checked })}
        />
        Fold recursion
      </label>
      <Chips />
    </div>
  );
}

/** What was done to stacks, one by one to be taken back. */
function Chips() {
  const store = useStore();
  const { names, profile } = store;
  const chips: [key: string, label: string, changes: Partial<State>][] = [];
  const add = (key: "focus" | "hide", label: string) => {
    for (const fn of store.part(key).value) {
      chips.push([`${key}${fn}`, `${label} ${names.name(fn)}`, { [key]: store.part(key).value.filter((one) => one !== fn) }]);
    }
  };
  add("focus", "focus");
  add("hide", "hidden");
  for (const module of store.part("collapse").value) {
    chips.push([
      `collapse${module}`, `collapsed ${profile.modules[module]!}`,
      { collapse: store.part("collapse").value.filter((one) => one !== module)},
    ]);
  }

  const threads = store.part("threads").value;
  if (threads) {
    const [first] = threads.map((index) => profile.threads[index]!);
    const text = threads.length === 1 ? `thread ${first!.name} ${first!.tid}` : `${threads.length} threads`;
    chips.push(["threads", text, { threads: null }]);
  }

  return (
    <>
      {chips.map(([key, label, changes]) => (
        <button key={key} type="button" class="chip" title={`Take back: ${label}`} onClick={() => store.set(changes)}>
          <bdi>{label}</bdi> <span aria-hidden="true">✕</span>
        </button>
      ))}
    </>
  );
}

/** How the flame graph is drawn. */
export function FlameOptions() {
  const store = useStore();
  const palette = paletteOf(store).value;
  const colour = store.part("colour").value;
  const hasRange = store.part("range").value !== null || store.part("threads").value !== null;
  return (
    <div class="flame-options">
      <Choice
        label="Order"
        value={store.part("order").value}
        choices={[
          ["heavy", "Heaviest first", "Equal stacks together, the heaviest to the left"],
          ["time", "By time", "One thread's stacks as they followed each other"],
        ]}
        onChange={(order) => store.set({ order })}
      />
      <Choice
        label="Direction"
        value={store.part("direction").value}
        choices={[["icicle", "Icicle", "Callers on top"], ["flame", "Flame", "Callers below"]]}
        onChange={(direction) => store.set({ direction })}
      />
      <Choice
        label="Colour"
        value={colour}
        choices={[
          ["kind", "Kind", "Python, native, kernel"],
          ["module", "Module", "By the file or library"],
          ["change", "Change", "Red where the selection has more of it than the whole recording, blue where less"],
        ]}
        onChange={(value) => store.set({ colour: value })}
      />
      {store.part("order").value === "time" && <ThreadOfChart />}
      <span class="legend-line">
        {colour === "kind" && store.kinds.value.map((kind) => (
          <span key={kind}><span class="swatch" style={{ background: kindColour(kind, palette) }} />{kindNames[kind]}</span>
        ))}
        {colour === "change" && !hasRange && <span>Select a range of time or a thread: it is compared with the whole recording.</span>}
        {colour === "change" && hasRange && <span>red: more than in the whole recording; blue: less</span>}
      </span>
    </div>
  );
}

/** The one thread that is shown by time. */
function ThreadOfChart() {
  const store = useStore();
  const { threads } = store.profile;
  const shown = busiestOf(store.profile, store.part("event").value, store.part("threads").value);
  return (
    <label title="One thread's stacks are shown by time; a double click selects the time of a box">
      Thread{" "}
      <select value={String(shown)} onChange={(event) => store.set({ threads: [Number(event.currentTarget.value)] })}>
        {threads.map(({ name, tid }, index) => <option key={tid} value={String(index)}>{`${name} ${tid}`}</option>)}
      </select>
    </label>
  );
}

/** A few choices of which one is taken. */
function Choice<T extends string>(props: {
  label: string; value: T; choices: [value: T, label: string, title: string][]; onChange(value: T): void;
}) {
  return (
    <span class="choice" role="radiogroup" aria-label={props.label}>
      {props.choices.map(([value, label, title]) => (
        <button
          key={value}
          type="button"
          role="radio"
          aria-checked={props.value === value}
          title={title}
          onClick={() => props.onChange(value)}
        >
          {label}
        </button>
      ))}
    </span>
  );
}
