import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { actionsFor } from "./actions";
import { pointed, useStore } from "./context";
import { openMenu } from "./Menu";
import { VirtualRows } from "./VirtualRows";
import { FunctionName, Share } from "./parts";

/** A row of a tree that is opened step by step. */
export interface TreeNode {
  /** Tells it from its siblings' children too: the way to it. */
  id: string;
  fn: number;
  weight: number;

  /** Null where the tree has no such thing. */
  self: number | null;
  hasChildren: boolean;
}

interface Props {
  label: string;
  roots: TreeNode[];
  childrenOf(node: TreeNode): TreeNode[];
  hasSelf: boolean;
}

interface Row {
  node: TreeNode;
  depth: number;
  parent: number;
}

const rowHeight = 22;
const indentation = 14;

/** Ways are opened on to where they part: as long as a row has one heavy child. */
const heavyShare = 0.85;
const mostSteps = 200;

/** The rows to open so that a row shows where its weight parts, or if all the way is asked for, where the heaviest way ends. */
function wayFrom(node: TreeNode, childrenOf: (node: TreeNode) => TreeNode[], isAll: boolean): Set<string> {
  const way = new Set<string>();
  for (let at = node; at.hasChildren && way.size < mostSteps; ) {
    way.add(at.id);
    const heaviest = childrenOf(at)[0];
    if (!heaviest || (!isAll && heaviest.weight < heavyShare * at.weight)) {
      break;
    }

    at = heaviest;
  }

  return way;
}

/** A tree of functions as a table; rows are made when they are opened. */
export function TreeTable({ label, roots, childrenOf, hasSelf }: Props) {
  const store = useStore();
  const expanded = store.part("expanded").value;
  const open = useMemo<ReadonlySet<string>>(
    () => (expanded ? new Set(expanded) : roots[0] ? wayFrom(roots[0], childrenOf, false) : new Set()), [expanded, roots, childrenOf]);
  const current = useSignal(0);
  const total = store.stackWeights.value.total;
  const matches = store.matches.value;
  const rows = useMemo(() => {
    const list: Row[] = [];
    const add = (nodes: TreeNode[], depth: number, parent: number) => {
      for (const node of nodes) {
        list.push({ node, depth, parent });
        if (open.has(node.id)) {
          add(childrenOf(node), depth + 1, list.length - 1);
        }
      }
    };
    add(roots, 0, -1);
    return list;
  }, [roots, childrenOf, open]);

  const expand = (node: TreeNode, isAll: boolean) => {
    store.set({ expanded: [...new Set([...open, ...wayFrom(node, childrenOf, isAll)])] });
  };
  const collapse = (node: TreeNode) => {
    store.set({ expanded: [...open].filter((id) => id !== node.id) });
  };
  const toggle = (node: TreeNode) => (open.has(node.id) ? collapse(node) : expand(node, false));
  const move = (index: number) => {
    current.value = index;
    const row = rows[index];
    if (row) {
      pointed.value = { fn: row.node.fn, weight: row.node.weight, self: row.node.self };
      store.set({ selected: row.node.fn });
    }
  };
  const onKey = (event: KeyboardEvent) => {
    const row = rows[current.value];
    if (!row) {
      return false;
    }

    const isOpen = open.has(row.node.id);
    if (event.key === "ArrowRight") {
      isOpen ? move(Math.min(current.value + 1, rows.length - 1)) : expand(row.node, false);
    } else if (event.key === "ArrowLeft") {
      isOpen ? collapse(row.node) : row.parent >= 0 && move(row.parent);
    } else if (event.key === "Enter" || event.key === " ") {
      toggle(row.node);
    } else if (event.key === "*") {
      expand(row.node, true);
    } else {
      return false;
    }

    return true;
  };
  return (
    <VirtualRows
      class={`table tree ${hasSelf ? "" : "no-self"}`}
      count={rows.length}
      rowHeight={rowHeight}
      label={label}
      role="treegrid"
      current={current.value}
      onMove={move}
      onKey={onKey}
      head={
        <>
          <span role="columnheader" class="number">Total</span>
          {hasSelf && <span role="columnheader" class="number">Self</span>}
          <span role="columnheader" class="name">Function</span>
        </>
      }
      rowProps={(index) => {
        const { node, depth } = rows[index]!;
        return {
          "aria-level": depth + 1,
          ...(node.hasChildren ? { "aria-expanded": open.has(node.id) } : {}),
          class: matches && !matches[node.fn] ? "faded" : "",
          onDblClick: () => toggle(node),
          onContextMenu: (event: MouseEvent) => {
            event.preventDefault();
            openMenu(store.names.title(node.fn), actionsFor(store, node.fn), event.clientX, event.clientY);
          },
        };
      }}
      row={(index) => {
        const { node, depth } = rows[index]!;
        return (
          <>
            <Share weight={node.weight} total={total} isClock={store.isClock} />
            {hasSelf && <Share weight={node.self ?? 0} total={total} isClock={store.isClock} />}
            <span role="gridcell" class="name">
              <span class="indent" style={{ width: `min(${depth * indentation}px, 45%)` }} />
              {node.hasChildren ? (
                <button type="button" class="twist" tabIndex={-1} aria-hidden="true" onClick={() => toggle(node)}>
                  {open.has(node.id) ? "▾" : "▸"}
                </button>
              ) : <span class="twist" />}
              <FunctionName fn={node.fn} />
            </span>
          </>
        );
      }}
    />
  );
}
