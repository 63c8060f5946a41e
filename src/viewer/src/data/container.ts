/**
 * The bytes that a page carries: gzip of a header and columns of integers. The writer is `ViewerData` in Viperf.Core; both are
 * built together, so there is one version of it.
 *
 *     u32    length of the header in bytes, little-endian
 *     ...    the header, JSON in UTF-8; its `columns` tell names, numbers of values and lengths in bytes
 *     ...    the columns, one after the other: LEB128 of zigzag(value - value before)
 */
export interface Container<Header> {
  header: Header;

  /** A column of values that fit 32 bits. */
  ints(name: string): Int32Array;

  /** A column of values up to 2^53. */
  numbers(name: string): Float64Array;
}

interface ColumnHeader {
  name: string;
  count: number;
  bytes: number;
}

/** Reads what base64 text holds. */
export async function readContainer<Header extends { columns: ColumnHeader[] }>(base64: string): Promise<Container<Header>> {
  const packed = new Blob([bytesOf(base64)]).stream().pipeThrough(new DecompressionStream("gzip"));
  const bytes = new Uint8Array(await new Response(packed).arrayBuffer());
  const headerLength = new DataView(bytes.buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + headerLength))) as Header;
  const places = new Map<string, { start: number; count: number }>();
  let start = 4 + headerLength;
  for (const column of header.columns) {
    places.set(column.name, { start, count: column.count });
    start += column.bytes;
  }

  const read = <T extends Int32Array | Float64Array>(name: string, make: (count: number) => T): T => {
    const place = places.get(name);
    if (!place) {
      throw new Error(`the profile has no column ${name}`);
    }

    const values = make(place.count);
    decode(bytes, place.start, values);
    return values;
  };
  return {
    header,
    ints: (name) => read(name, (count) => new Int32Array(count)),
    numbers: (name) => read(name, (count) => new Float64Array(count)),
  };
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  // the newer way is several times as fast
  const native = Uint8Array as unknown as { fromBase64?: (text: string) => Uint8Array<ArrayBuffer> };
  if (native.fromBase64) {
    return native.fromBase64(base64);
  }

  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    bytes[i] = text.charCodeAt(i);
  }

  return bytes;
}

function decode(bytes: Uint8Array, start: number, values: Int32Array | Float64Array): void {
  let at = start;
  let value = 0;
  for (let i = 0; i < values.length; i++) {
    let byte = bytes[at++]!;
    let zigzag = byte & 0x7f;
    let scale = 0x80;
    while (byte >= 0x80) {
      byte = bytes[at++]!;
      zigzag += (byte & 0x7f) * scale;
      scale *= 0x80;
    }

    value += zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
    values[i] = value;
  }
}
