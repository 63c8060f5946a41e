import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

export const isHelpOpen = signal(false);

const keys: [string, string][] = [
  ["1 … 7", "Flame graph, call tree, callers, functions, source, stacks, about"],
  ["/", "Search; Escape ends it"],
  ["m", "Python, mixed or native stacks"],
  ["arrows, Enter, Escape", "In the flame graph: from box to box, zoom, zoom out"],
  ["arrows, Enter, *", "In tables and trees: move, open, open the heaviest way"],
  ["f, h, c", "Focus on the selected function, hide it, collapse its module"],
  ["b, s, n", "Its callers, its source, search for it"],
  ["r", "Fold recursion"],
  ["Backspace", "Take the last of focus, hide and collapse back"],
  ["o, i, k", "Flame graph: order, direction, colours"],
  ["arrows, Shift+arrows", "On the time line: move the selection, change its end"],
  ["t", "Light, dark or the system's colours"],
  ["?", "This list"],
];

/** The keys. */
export function Help() {
  const dialog = useRef<HTMLDialogElement>(null);
  const isOpen = isHelpOpen.value;
  useEffect(() => {
    isOpen ? dialog.current!.showModal() : dialog.current!.close();
  }, [isOpen]);
  return (
    <dialog ref={dialog} aria-label="Keys" onClose={() => (isHelpOpen.value = false)}>
      <h2>Keys</h2>
      <dl>
        {keys.map(([key, what]) => (
          <div key={what}><dt><kbd>{key}</kbd></dt><dd>{what}</dd></div>
        ))}
      </dl>
      <form method="dialog"><button type="submit">Close</button></form>
    </dialog>
  );
}
