/** Widths of characters, so that fitting text takes no call of the canvas for each of thousands of boxes. */
export class TextFitter {
  private readonly ascii = new Float32Array(128);
  private readonly wide: number;
  private readonly dots: number;

  constructor(context: CanvasRenderingContext2D) {
    for (let code = 32; code < 127; code++) {
      this.ascii[code] = context.measureText(String.fromCharCode(code)).width;
    }

    this.wide = context.measureText("漢").width;
    this.dots = context.measureText("…").width;
  }

  width(text: string): number {
    let width = 0;
    for (let i = 0; i < text.length; i++) {
      width += this.of(text.charCodeAt(i));
    }

    return width;
  }

  /** As much of a text as fits, with dots where it was cut; empty if that says nothing. */
  fit(text: string, room: number): string {
    let width = 0;
    let fits = 0; // characters that fit together with dots
    for (let i = 0; i < text.length; i++) {
      width += this.of(text.charCodeAt(i));
      if (width + this.dots <= room) {
        fits = i + 1;
      }

      if (width > room) {
        return fits > 1 ? `${text.slice(0, fits)}…` : "";
      }
    }

    return text;
  }

  private of(code: number): number {
    return code < 128 ? this.ascii[code]! : this.wide;
  }
}
