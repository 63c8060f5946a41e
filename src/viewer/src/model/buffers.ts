/**
 * Arrays that are used again. They have a place for each node of the largest tree: megabytes, whose memory costs more when it is met
 * for the first time than what is done with it.
 */
export class Buffers {
  private readonly ints: Int32Array[] = [];
  private readonly bytes: Uint8Array[] = [];
  private readonly numbers: Float64Array[] = [];

  constructor(private readonly length: number) {}

  /** Numbers of 32 bits, whatever they are. */
  takeInts(): Int32Array {
    return this.ints.pop() ?? new Int32Array(this.length);
  }

  /** Bytes, whatever they are. */
  takeBytes(): Uint8Array {
    return this.bytes.pop() ?? new Uint8Array(this.length);
  }

  /** Numbers, whatever they are. */
  takeNumbers(): Float64Array {
    return this.numbers.pop() ?? new Float64Array(this.length);
  }

  /** Has so many arrays of each kind lie ready, their memory met. */
  warm(ints: number, bytes: number, numbers: number): void {
    const fill = <T extends Int32Array | Uint8Array | Float64Array>(list: T[], count: number, make: () => T) => {
      while (list.length < count) {
        list.push(make().fill(1) as T); // zeros might be nobody's memory still
      }
    };
    fill(this.ints, ints, () => new Int32Array(this.length));
    fill(this.bytes, bytes, () => new Uint8Array(this.length));
    fill(this.numbers, numbers, () => new Float64Array(this.length));
  }

  /** Takes arrays back that nobody reads any more. */
  give(...arrays: (Int32Array | Uint8Array | Float64Array)[]): void {
    for (const array of arrays) {
      if (array instanceof Int32Array) {
        this.ints.push(array);
      } else if (array instanceof Float64Array) {
        this.numbers.push(array);
      } else {
        this.bytes.push(array);
      }
    }
  }
}
