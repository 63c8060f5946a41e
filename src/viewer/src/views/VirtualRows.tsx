import type { ComponentChildren, HTMLAttributes } from "preact";
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { useSize } from "./useSize";

/** Browsers draw no element that is much taller; pixels. */
const tallest = 8_000_000;

/** Rows that are made beyond those in sight. */
const margin = 6;

interface Props {
  count: number;

  /** Height of each row, pixels. */
  rowHeight: number;
  label: string;
  role: "grid" | "treegrid" | "listbox";

  /** The row that keys move from; -1 for none. */
  current: number;
  onMove(index: number): void;

  /** Takes keys that do not move; true if it did something. */
  onKey?(event: KeyboardEvent): boolean;
  head?: ComponentChildren;
  row(index: number): ComponentChildren;
  rowProps?(index: number): HTMLAttributes<HTMLDivElement>;
  class?: string;
  style?: Record<string, string>;
}

/** A list of any length: only the rows in sight are there. One stop for the tabulator, with keys to move by. */
export function VirtualRows(props: Props) {
  const { count, rowHeight } = props;
  const box = useRef<HTMLDivElement>(null);
  const { height } = useSize(box);
  const [top, setTop] = useState(0);
  const id = useId();
  const full = Math.min(count * rowHeight, tallest);
  // of lists that are too tall the scroll bar moves by more than it shows
  const scale = full > height ? Math.max(0, count * rowHeight - height) / Math.max(1, full - height) : 1;
  const first = Math.max(0, Math.floor((top * scale) / rowHeight) - margin);
  const end = Math.min(count, Math.ceil((top * scale + height) / rowHeight) + margin);

  const show = (index: number) => {
    const element = box.current!;
    const y = (index * rowHeight) / scale;
    const headHeight = element.querySelector<HTMLElement>(".head")?.offsetHeight ?? 0;
    if (y < element.scrollTop) {
      element.scrollTop = y;
    } else if (y + rowHeight > element.scrollTop + height - headHeight) {
      element.scrollTop = y + rowHeight - height + headHeight;
    }
  };
  useLayoutEffect(() => {
    if (props.current >= 0) {
      show(props.current);
    }
  }, [props.current, height]);
  useEffect(() => {
    box.current!.scrollTop = Math.min(box.current!.scrollTop, Math.max(0, full - height));
  }, [count]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }

    const page = Math.max(1, Math.floor(height / rowHeight) - 1);
    const steps: Record<string, number> = {
      ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity,
    };
    const step = steps[event.key];
    if (step !== undefined && count > 0) {
      const from = props.current < 0 ? (step > 0 ? -1 : 0) : props.current;
      props.onMove(Math.max(0, Math.min(count - 1, from + step)));
    } else if (!props.onKey?.(event)) {
      return;
    }

    event.preventDefault();
    event.stopPropagation(); // elsewhere the key does something else
  };

  const rows: ComponentChildren[] = [];
  for (let index = first; index < end; index++) {
    const given = props.rowProps?.(index);
    rows.push(
      <div
        key={index}
        id={`${id}-${index}`}
        role={props.role === "listbox" ? "option" : "row"}
        aria-rowindex={props.role === "listbox" ? undefined : index + 2}
        aria-selected={index === props.current}
        {...given}
        class={`row ${index === props.current ? "current" : ""} ${given?.class ?? ""}`}
        style={{ top: `${index * rowHeight - top * scale + top}px`, height: `${rowHeight}px` }}
        onClick={(event) => {
          props.onMove(index);
          given?.onClick?.(event);
        }}
      >
        {props.row(index)}
      </div>,
    );
  }

  return (
    <div
      ref={box}
      class={`rows ${props.class ?? ""}`}
      {...(props.style ? { style: props.style } : {})}
      role={props.role}
      aria-label={props.label}
      aria-rowcount={props.role === "listbox" ? undefined : count + 1}
      aria-activedescendant={props.current >= first && props.current < end ? `${id}-${props.current}` : undefined}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onScroll={(event) => setTop(event.currentTarget.scrollTop)}
    >
      {props.head && <div class="head" role="row" aria-rowindex={1}>{props.head}</div>}
      <div class="canvas" role="rowgroup" style={{ height: `${full}px` }}>{rows}</div>
    </div>
  );
}
