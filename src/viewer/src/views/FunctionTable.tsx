import { useMemo } from "preact/hooks";
import { kindNames } from "../draw/colours";
import type { Column } from "../model/state";
import { actionsFor } from "./actions";
import { pointed, useStore } from "./context";
import { openMenu } from "./Menu";
import { FunctionName, Share } from "./parts";
import { VirtualRows } from "./VirtualRows";

/** Every function with its own time and that of all it called; of what the search finds only. */
export function FunctionTable() {
  const store = useStore();
  const { names } = store;
  const column = store.part("sort").value;
  const isUp = store.part("isSortedUp").value;
  const weights = store.functionWeights.value;
  const matches = store.matches.value;
  const total = store.stackWeights.value.total;
  const rows = useMemo(() => {
    const list: number[] = [];
    for (let fn = 0; fn < names.count; fn++) {
      if (weights.total[fn]! > 0 && (!matches || matches[fn])) {
        list.push(fn);
      }
    }

    const heavier = (a: number, b: number) => weights.self[b]! - weights.self[a]! || weights.total[b]! - weights.total[a]! || a - b;
    const order: Record<Column, (a: number, b: number) => number> = {
      self: heavier,
      total: (a, b) => weights.total[b]! - weights.total[a]! || heavier(a, b),
      name: (a, b) => (names.name(a) < names.name(b) ? -1 : names.name(a) > names.name(b) ? 1 : heavier(a, b)),
      kind: (a, b) => names.kind(a) - names.kind(b) || heavier(a, b),
    };
    list.sort(order[column]);
    return isUp ? list.reverse() : list;
  }, [weights, matches, column, isUp]);
  const selected = store.part("selected").value;
  const current = useMemo(() => (selected === null ? -1 : rows.indexOf(selected)), [rows, selected]);
  const head = (one: Column, label: string, className: string) => (
    <span
      role="columnheader"
      class={className}
      aria-sort={column === one ? (isUp ? "ascending" : "descending") : "none"}
    >
      <button
        type="button"
        onClick={() => store.set({ sort: one, isSortedUp: column === one && !isUp })}
      >
        {label}
        {column === one && <span aria-hidden="true">{isUp ? " ▴" : " ▾"}</span>}
      </button>
    </span>
  );
  const act = (fn: number, key: string) => actionsFor(store, fn).find((action) => action.key === key)?.run();
  return (
    <VirtualRows
      class="table functions"
      count={rows.length}
      rowHeight={22}
      label={`${rows.length} functions`}
      role="grid"
      current={current}
      onMove={(index) => {
        const fn = rows[index]!;
        pointed.value = null;
        store.set({ selected: fn });
      }}
      onKey={(event) => {
        if (event.key === "Enter" && current >= 0) {
          act(rows[current]!, "s");
          return true;
        }

        return false;
      }}
      head={
        <>
          {head("self", "Self", "number")}
          {head("total", "Total", "number")}
          {head("name", "Function", "name")}
          {head("kind", "Kind", "kind")}
        </>
      }
      rowProps={(index) => ({
        onDblClick: () => act(rows[index]!, "s"),
        onContextMenu: (event: MouseEvent) => {
          event.preventDefault();
          openMenu(names.title(rows[index]!), actionsFor(store, rows[index]!), event.clientX, event.clientY);
        },
      })}
      row={(index) => {
        const fn = rows[index]!;
        return (
          <>
            <Share weight={weights.self[fn]!} total={total} isClock={store.isClock} />
            <Share weight={weights.total[fn]!} total={total} isClock={store.isClock} />
            <span role="gridcell" class="name"><FunctionName fn={fn} /></span>
            <span role="gridcell" class="kind">{names.isModule(fn) ? "module" : kindNames[names.kind(fn)]}</span>
          </>
        );
      }}
    />
  );
}
