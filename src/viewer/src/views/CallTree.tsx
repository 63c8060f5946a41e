import { useComputed } from "@preact/signals";
import { useCallback, useMemo } from "preact/hooks";
import { callersOf, callersOfFunction, invertedRoots, type CallerNode } from "../model/callers";
import { childNodes, Root } from "../model/tree";
import { useStore } from "./context";
import { TreeTable, type TreeNode } from "./TreeTable";

interface CalledNode extends TreeNode {
  node: number;
}

/** Who called whom, from the outermost functions on. */
export function CallTree() {
  const store = useStore();
  const tree = store.tree.value;
  const weights = store.weights.value;
  const rowsBelow = useCallback((node: number): CalledNode[] =>
    childNodes(tree, node)
      .filter((child) => weights.total[child]! > 0)
      .sort((a, b) => weights.total[b]! - weights.total[a]! || a - b)
      .map((child) => ({
        id: String(child),
        node: child,
        fn: tree.fn[child]!,
        weight: weights.total[child]!,
        self: weights.self[child]!,
        hasChildren: childNodes(tree, child).some((below) => weights.total[below]! > 0),
      })), [tree, weights]);
  const roots = useMemo(() => rowsBelow(Root), [rowsBelow]);
  const below = useCallback((row: TreeNode) => rowsBelow((row as CalledNode).node), [rowsBelow]);
  return <TreeTable label="Call tree" roots={roots} childrenOf={below} hasSelf />;
}

interface InvertedNode extends TreeNode {
  callers: CallerNode;
}

/** Who called a function, or with none selected all functions by their own time. */
export function Callers() {
  const store = useStore();
  const tree = store.tree.value;
  const weights = store.weights.value;
  const of = useComputed(() => store.part("callersOf").value).value;
  const rowsOf = useCallback((callers: CallerNode[], path: string): InvertedNode[] =>
    callers.map((row) => ({
      id: `${path}/${row.fn}`,
      fn: row.fn,
      weight: row.weight,
      self: null,
      hasChildren: row.nodes.some((node) => tree.parent[node] !== Root),
      callers: row,
    })), [tree]);
  const roots = useMemo(
    () => rowsOf(of === null ? invertedRoots(tree, weights) : callersOfFunction(tree, weights, of), ""), [tree, weights, of]);
  const below = useCallback((row: TreeNode) => {
    const { callers, id } = row as InvertedNode;
    return rowsOf(callersOf(tree, callers), id);
  }, [rowsOf]);
  return (
    <div class="callers">
      <p class="view-note">
        {of === null
          ? "Functions by their own time; below each who called it."
          : (
            <>
              Who called <b>{store.names.title(of)}</b>, with all that it called.{" "}
              <button type="button" onClick={() => store.set({ callersOf: null })}>All functions</button>
            </>
          )}
      </p>
      <TreeTable label="Callers" roots={roots} childrenOf={below} hasSelf={false} />
    </div>
  );
}
