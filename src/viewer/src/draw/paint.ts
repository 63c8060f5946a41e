import type { Names } from "../model/names";
import type { Tree } from "../model/tree";
import type { ColourOf, Palette } from "./colours";
import { Others, type Layout } from "./layout";
import { mostNarrow, type Strips } from "./strips";
import type { TextFitter } from "./text";

/** Height of a box with the gap to the next, pixels. */
export const rowHeight = 20;
const gap = 1;
const padding = 4;

/** Narrower boxes have no text; pixels. */
const leastTextWidth = 22;

export const font = "12px system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif";

export interface Scene {
  layout: Layout;
  tree: Tree;
  names: Names;
  palette: Palette;
  colourOf: ColourOf;

  /** By function, what the search finds. */
  matches: Uint8Array | null;

  /** Callers of what is zoomed to: rows before this one are dimmed. */
  zoomDepth: number;

  /** Function whose boxes are outlined, or -1. */
  selected: number;

  /** Row and index of the box that is pointed at. */
  pointed: { depth: number; box: number } | null;
}

/** Where rows are: from the top down, or from the bottom up. */
export interface Viewport {
  width: number;
  height: number;

  /** Pixels of the rows' whole height that lie above. */
  top: number;

  /** The rows' whole height; at least that of the viewport. */
  full: number;
  isUpward: boolean;
}

/** Top edge of a row within the viewport, pixels. */
export function rowTop(depth: number, view: Viewport): number {
  return (view.isUpward ? view.full - (depth + 1) * rowHeight : depth * rowHeight) - view.top;
}

/** The row at a height of the viewport; may be none of the layout's. */
export function depthAt(y: number, view: Viewport): number {
  return Math.floor((view.isUpward ? view.full - (y + view.top) : y + view.top) / rowHeight);
}

/** Draws the rows that are in sight. */
export function paint(context: CanvasRenderingContext2D, fitter: TextFitter, strips: Strips, scene: Scene, view: Viewport): void {
  const { layout, tree, names, palette, matches } = scene;
  const colourOf = (node: number) => {
    const fn = tree.fn[node]!;
    return !matches ? scene.colourOf(fn, node) : matches[fn] ? palette.match : palette.faded;
  };
  context.fillStyle = palette.background;
  context.fillRect(0, 0, view.width, view.height);
  context.font = font;
  context.textBaseline = "middle";
  const depths = [depthAt(0, view), depthAt(view.height, view)].sort((a, b) => a - b);
  const first = Math.max(0, depths[0]!);
  const end = Math.min(depths[1]! + 1, layout.rows.length);
  if (layout.isWhole) {
    strips.make(layout, first, end, view.width, colourOf);
  }

  for (let depth = first; depth < end; depth++) {
    const row = layout.rows[depth];
    if (!row) {
      continue;
    }

    const y = rowTop(depth, view);
    context.globalAlpha = depth < scene.zoomDepth ? 0.55 : 1;
    if (layout.isWhole) {
      strips.draw(context, depth - first, y, rowHeight - gap);
    }

    for (let i = 0; i < row.x.length; i++) {
      const x = row.x[i]!;
      const width = row.width[i]!;
      const node = row.node[i]!;
      const isNarrow = width <= mostNarrow;
      const drawn = Math.max(width - (isNarrow ? 0 : gap), 0.5);
      if (node === Others) {
        context.fillStyle = palette.faded;
        context.fillRect(x, y, drawn, rowHeight - gap);
        continue;
      }

      const fn = tree.fn[node]!;
      if (!isNarrow || !layout.isWhole) {
        context.fillStyle = colourOf(node);
        context.fillRect(x, y, drawn, rowHeight - gap);
      }

      if (width >= leastTextWidth) {
        const text = fitter.fit(names.name(fn), width - 2 * padding);
        if (text !== "") {
          context.fillStyle = palette.text;
          context.fillText(text, x + padding, y + rowHeight / 2);
          const rest = width - 2 * padding - fitter.width(text) - 8;
          const place = rest > 60 ? fitter.fit(names.place(fn), rest) : "";
          if (place !== "") {
            context.fillStyle = palette.dimText;
            context.fillText(place, x + padding + fitter.width(text) + 8, y + rowHeight / 2);
          }
        }
      }

      if (fn === scene.selected && width >= 2) {
        outline(context, palette.accent, x, y, drawn, 2);
      }
    }
  }

  context.globalAlpha = 1;
  const pointed = scene.pointed && layout.rows[scene.pointed.depth];
  if (pointed && scene.pointed!.box < pointed.x.length) {
    const { depth, box } = scene.pointed!;
    outline(context, palette.outline, pointed.x[box]!, rowTop(depth, view), Math.max(pointed.width[box]! - gap, 1), 1.5);
  }
}

function outline(context: CanvasRenderingContext2D, colour: string, x: number, y: number, width: number, line: number): void {
  context.strokeStyle = colour;
  context.lineWidth = line;
  context.strokeRect(x + line / 2, y + line / 2, Math.max(width - line, 0.5), rowHeight - gap - line);
}
