import { useComputed, useSignal, useSignalEffect } from "@preact/signals";
import { useMemo, useRef } from "preact/hooks";
import { byChange, byKind, byModule } from "../draw/colours";
import { boxAt, layoutHeavy, layoutTime, Others, type Layout } from "../draw/layout";
import { depthAt, font, paint, rowHeight, rowTop, type Viewport } from "../draw/paint";
import { Strips } from "../draw/strips";
import { TextFitter } from "../draw/text";
import * as format from "../model/format";
import { pathOf } from "../model/store";
import { depthOf, Root } from "../model/tree";
import { busiestOf, samplesOfThread } from "../model/threads";
import { openMenu } from "./Menu";
import { actionsFor } from "./actions";
import { paletteOf, pointed, spoken, useStore } from "./context";
import { useSize } from "./useSize";

/** Where the keyboard or the pointer is. */
interface Spot {
  depth: number;
  box: number;
}

/** The flame graph: by weight, or as stacks followed each other in one thread. */
export function FlameView() {
  const store = useStore();
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const { width, height } = useSize(frame);
  const size = useSignal({ width, height });
  size.value = size.peek().width === width && size.peek().height === height ? size.peek() : { width, height };
  const top = useSignal(0);
  const spot = useSignal<Spot | null>(null);
  const palette = useMemo(() => paletteOf(store), [store]);
  const isTime = useComputed(() => store.part("order").value === "time");
  const thread = useComputed(() => busiestOf(store.profile, store.part("event").value, store.part("threads").value));

  const room = useComputed(() => size.value.width);
  const layout = useComputed<Layout>(() => {
    const tree = store.tree.value;
    const width = room.value;
    if (width === 0) {
      return { rows: [], weight: 0, isWhole: true };
    }

    if (!isTime.value) {
      return layoutHeavy(tree, store.weights.value, store.zoomedNode.value, width);
    }

    const [from, to] = store.part("range").value ?? [0, store.profile.duration];
    const samples = samplesOfThread(store.profile, thread.value, store.part("event").value);
    return layoutTime(tree, samples, from, Math.max(to, from + 1), width, 2 * (to - from) / width);
  });

  const colourOf = useComputed(() => {
    switch (store.part("colour").value) {
      case "kind":
        return byKind(store.names, palette.value);
      case "module":
        return byModule(store.names, palette.value);
      case "change":
        return byChange(store.weights.value, store.wholeWeights.value, palette.value);
    }
  });

  const isUpward = useComputed(() => store.part("direction").value === "flame");
  const fullHeight = useComputed(() => Math.max(layout.value.rows.length * rowHeight, size.value.height - 2));
  const viewport = (): Viewport => ({
    width: size.peek().width,
    height: size.peek().height,
    top: top.peek(),
    full: fullHeight.peek(),
    isUpward: isUpward.peek(),
  });

  const fitter = useRef<TextFitter | null>(null);
  const strips = useMemo(() => new Strips(), []);
  useSignalEffect(() => {
    if (store.part("view").value !== "flame") {
      return; // it will be drawn when it is looked at
    }

    const element = canvas.current!;
    const { width, height } = size.value;
    const ratio = devicePixelRatio;
    if (element.width !== Math.round(width * ratio) || element.height !== Math.round(height * ratio)) {
      element.width = Math.round(width * ratio);
      element.height = Math.round(height * ratio);
    }

    const context = element.getContext("2d", { alpha: false })!;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.font = font;
    fitter.current ??= new TextFitter(context);
    const tree = store.tree.value;
    const zoom = isTime.value ? Root : store.zoomedNode.value;
    paint(context, fitter.current, strips, {
      layout: layout.value,
      tree,
      names: store.names,
      palette: palette.value,
      colourOf: colourOf.value,
      matches: store.matches.value,
      zoomDepth: depthOf(tree, zoom),
      selected: store.part("selected").value ?? -1,
      pointed: spot.value,
    }, { width, height, top: top.value, full: fullHeight.value, isUpward: isUpward.value });
  });

  // other boxes are there now
  useSignalEffect(() => {
    if (store.part("view").value === "flame") {
      layout.value;
      spot.value = null;
      pointed.value = null;
    }
  });
  useSignalEffect(() => {
    if (isUpward.value) {
      frame.current!.scrollTop = fullHeight.value;
    }
  });

  const at = (event: MouseEvent): Spot | null => {
    const bounds = canvas.current!.getBoundingClientRect();
    const depth = depthAt(event.clientY - bounds.top, viewport());
    const box = boxAt(layout.peek().rows[depth], event.clientX - bounds.left);
    return box < 0 ? null : { depth, box };
  };
  const nodeAt = (where: Spot | null) => (where ? layout.peek().rows[where.depth]!.node[where.box]! : Others);
  const tell = (where: Spot | null) => {
    spot.value = where;
    const node = nodeAt(where);
    if (!where || node === Others) {
      pointed.value = null;
      return;
    }

    const weight = layout.peek().rows[where.depth]!.weight[where.box]!;
    pointed.value = isTime.peek()
      ? { fn: store.tree.peek().fn[node]!, weight, self: null }
      : { fn: store.tree.peek().fn[node]!, weight, self: store.weights.peek().self[node]! };
  };
  const zoomTo = (node: number) => {
    const tree = store.tree.peek();
    const selected = node > Root ? tree.fn[node]! : null;
    store.set(isTime.peek() ? { selected } : node > Root ? { zoom: pathOf(tree, node), selected } : { zoom: [] });
  };

  const step = (key: string): Spot | null => {
    const rows = layout.peek().rows;
    const from = spot.peek();
    if (!from) {
      return rows[0] ? { depth: 0, box: 0 } : null;
    }

    const deeper = isUpward.peek() ? "ArrowUp" : "ArrowDown";
    if (key === "ArrowLeft" || key === "ArrowRight") {
      const box = from.box + (key === "ArrowLeft" ? -1 : 1);
      return box >= 0 && box < rows[from.depth]!.x.length ? { depth: from.depth, box } : from;
    }

    const depth = from.depth + (key === deeper ? 1 : -1);
    const row = rows[from.depth]!;
    const middle = key === deeper ? row.x[from.box]! + 0.01 : row.x[from.box]! + row.width[from.box]! / 2;
    const box = boxAt(rows[depth], middle);
    return box < 0 ? from : { depth, box };
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }

    if (event.key.startsWith("Arrow")) {
      const next = step(event.key);
      tell(next);
      if (next) {
        const y = rowTop(next.depth, viewport());
        frame.current!.scrollTop += y < 0 ? y : y + rowHeight > size.peek().height ? y + rowHeight - size.peek().height : 0;
        const node = nodeAt(next);
        spoken.value = node === Others
          ? "others, too narrow to be drawn"
          : `${store.names.title(store.tree.peek().fn[node]!)}, ${format.share(pointed.peek()?.weight ?? 0, store.stackWeights.peek().total)}`;
      }
    } else if (event.key === "Enter" && nodeAt(spot.peek()) !== Others) {
      zoomTo(nodeAt(spot.peek()));
    } else if (event.key === "Escape") {
      store.set(isTime.peek() ? { range: null } : { zoom: [] });
    } else if ((event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey)) && nodeAt(spot.peek()) !== Others) {
      const { depth, box } = spot.peek()!;
      const bounds = canvas.current!.getBoundingClientRect();
      menu(nodeAt(spot.peek()), bounds.left + layout.peek().rows[depth]!.x[box]!, bounds.top + rowTop(depth, viewport()) + rowHeight);
    } else {
      return;
    }

    event.preventDefault();
    event.stopPropagation();
  };
  const menu = (node: number, x: number, y: number) => {
    const fn = store.tree.peek().fn[node]!;
    openMenu(store.names.title(fn), actionsFor(store, fn), x, y);
  };

  const total = store.stackWeights.value.total;
  return (
    <div class="flame" ref={frame} onScroll={(event) => (top.value = event.currentTarget.scrollTop)}>
      <div class="flame-full" style={{ height: `${fullHeight.value}px` }}>
        <canvas
          ref={canvas}
          tabIndex={0}
          role="application"
          aria-roledescription="flame graph"
          aria-label={`${layout.value.rows.length} levels of calls; arrow keys go from box to box, Enter zooms, Escape zooms out`}
          style={{ width: `${width}px`, height: `${height}px` }}
          onPointerMove={(event) => tell(at(event))}
          onPointerLeave={() => tell(null)}
          onClick={(event) => {
            const node = nodeAt(at(event));
            zoomTo(node === Others && at(event) ? store.zoomedNode.peek() : node);
          }}
          onDblClick={(event) => {
            const where = at(event);
            if (isTime.peek() && where) {
              const { x, width } = layout.peek().rows[where.depth]!;
              const [from, to] = store.chosen.range ?? [0, store.profile.duration];
              const perPixel = (to - from) / size.peek().width;
              store.set({ range: [from + x[where.box]! * perPixel, from + (x[where.box]! + width[where.box]!) * perPixel] });
            }
          }}
          onContextMenu={(event) => {
            const node = nodeAt(at(event));
            if (node !== Others) {
              event.preventDefault();
              menu(node, event.clientX, event.clientY);
            }
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      {total === 0 && <p class="empty">No samples in this selection.</p>}
    </div>
  );
}
