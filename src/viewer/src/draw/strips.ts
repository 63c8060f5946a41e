import type { Layout } from "./layout";

/** Boxes up to this wide, in pixels, have neither text nor a gap beside them. */
export const mostNarrow = 3;

/**
 * Narrow boxes of a layout whose boxes are whole pixels wide: thousands, which canvases take long for one by one. They are one picture,
 * a pixel high for each row of boxes.
 */
export class Strips {
  private readonly canvas = document.createElement("canvas");
  private readonly values = new Map<string, number>();

  /** Makes the picture of rows from one on to before another. */
  make(layout: Layout, first: number, end: number, width: number, colourOf: (node: number) => string): void {
    this.canvas.width = Math.max(1, Math.ceil(width));
    this.canvas.height = Math.max(1, end - first);
    const context = this.canvas.getContext("2d")!;
    const image = context.createImageData(this.canvas.width, this.canvas.height);
    const pixels = new Uint32Array(image.data.buffer);
    for (let depth = first; depth < end; depth++) {
      const row = layout.rows[depth];
      const start = (depth - first) * this.canvas.width;
      for (let i = 0; row && i < row.x.length; i++) {
        if (row.width[i]! <= mostNarrow) {
          const x = start + row.x[i]!;
          pixels.fill(this.valueOf(colourOf(row.node[i]!)), x, x + row.width[i]!);
        }
      }
    }

    context.putImageData(image, 0, 0);
  }

  /** Draws one of the rows, counted from the first one. */
  draw(context: CanvasRenderingContext2D, row: number, y: number, height: number): void {
    context.imageSmoothingEnabled = false;
    context.drawImage(this.canvas, 0, row, this.canvas.width, 1, 0, y, this.canvas.width, height);
  }

  /** A colour, `#rrggbb`, as pixels have it. */
  private valueOf(colour: string): number {
    let value = this.values.get(colour);
    if (value === undefined) {
      const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16)) as [number, number, number];
      new Uint8Array(pixel.buffer).set([red, green, blue, 255]);
      this.values.set(colour, (value = pixel[0]!));
    }

    return value;
  }
}

/** One pixel, byte by byte or, in the machine's order of bytes, as a number. */
const pixel = new Uint32Array(1);
