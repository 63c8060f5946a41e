interface ArrayType<T> {
  BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBuffer, start: number, length: number): T;
}

/** Bytes of a cache line, and of as many lines as a processor tells apart by the lower half of an address. */
const line = 64;
const page = 4096;

/**
 * Arrays that are used again. They have a place for each node of the largest tree: megabytes, whose memory costs more when it is met
 * for the first time than what is done with it. Each begins at another line of a page: equal places of many arrays, which are read
 * and written together, would else push each other out of the processor's cache.
 */
export class Buffers {
  private readonly ints: Int32Array[] = [];
  private readonly bytes: Uint8Array[] = [];
  private readonly numbers: Float64Array[] = [];
  private made = 0;

  constructor(private readonly length: number) {}

  /** Numbers of 32 bits, whatever they are. */
  takeInts(): Int32Array {
    return this.ints.pop() ?? this.make(Int32Array);
  }

  /** Bytes, whatever they are. */
  takeBytes(): Uint8Array {
    return this.bytes.pop() ?? this.make(Uint8Array);
  }

  /** Numbers, whatever they are. */
  takeNumbers(): Float64Array {
    return this.numbers.pop() ?? this.make(Float64Array);
  }

  /** Has so many arrays of each kind lie ready, their memory met. */
  warm(ints: number, bytes: number, numbers: number): void {
    const fill = <T extends Int32Array | Uint8Array | Float64Array>(list: T[], count: number, type: ArrayType<T>) => {
      while (list.length < count) {
        list.push(this.make(type).fill(1) as T); // zeros might be nobody's memory still
      }
    };
    fill(this.ints, ints, Int32Array);
    fill(this.bytes, bytes, Uint8Array);
    fill(this.numbers, numbers, Float64Array);
  }

  private make<T>(type: ArrayType<T>): T {
    const start = (line * this.made++) % page;
    return new type(new ArrayBuffer(start + this.length * type.BYTES_PER_ELEMENT), start, this.length);
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
