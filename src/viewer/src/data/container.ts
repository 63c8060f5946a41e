/**
 * The bytes that a page carries: gzip of a header and columns of integers. The writer is `ViewerData` in Viperf.Core; both are
 * built together, so there is one version of it.
 *
 *     u32    length of the header in bytes, little-endian
 *     ...    the header, JSON in UTF-8; its `columns` tell names, numbers of values, and where they start behind it
 *     ...    the columns: LEB128 of zigzag(value - value before); equal ones are there once
 */
export interface Container<Header> {
  header: Header;

  /** Number of values of a column. */
  count(name: string): number;

  /** A column of values that fit 32 bits. */
  ints(name: string): Int32Array;

  /** A column of values from 0 to below a limit, in as little memory as that takes. */
  indexes(name: string, limit: number): Indexes;

  /** A column of values up to 2^52: what is stored may be twice a difference. */
  numbers(name: string): Float64Array;
}

export type Indexes = Uint8Array | Uint16Array | Int32Array;

interface ColumnHeader {
  name: string;
  count: number;
  start: number;
}

/** Reads what pieces of base64 text hold. */
export async function readContainer<Header extends { columns: ColumnHeader[] }>(pieces: string[]): Promise<Container<Header>> {
  const gzip = new DecompressionStream("gzip");
  const writer = gzip.writable.getWriter();
  const write = async () => {
    for (const piece of pieces) {
      await writer.write(bytesOf(piece));
    }

    await writer.close();
  };
  const [bytes] = await Promise.all([bytesIn(gzip.readable), write()]);
  const headerLength = new DataView(bytes.buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + headerLength))) as Header;
  const places = new Map<string, { start: number; count: number }>();
  for (const { name, start, count } of header.columns) {
    places.set(name, { start: 4 + headerLength + start, count });
  }

  const placeOf = (name: string) => {
    const place = places.get(name);
    if (!place) {
      throw new Error(`the profile has no column ${name}`);
    }

    return place;
  };
  const read = <T extends Indexes | Float64Array>(name: string, make: (count: number) => T): T => {
    const place = placeOf(name);
    const values = make(place.count);
    decode(bytes, place.start, values);
    return values;
  };
  return {
    header,
    count: (name) => placeOf(name).count,
    ints: (name) => read(name, (count) => new Int32Array(count)),
    indexes: (name, limit) => read<Indexes>(name, (count) =>
      limit <= 1 << 8 ? new Uint8Array(count) : limit <= 1 << 16 ? new Uint16Array(count) : new Int32Array(count)),
    numbers: (name) => read(name, (count) => new Float64Array(count)),
  };
}

async function bytesIn(stream: ReadableStream<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let length = 0;
  const reader = stream.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    parts.push(next.value);
    length += next.value.length;
  }

  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }

  return bytes;
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

function decode(bytes: Uint8Array, start: number, values: Indexes | Float64Array): void {
  const { length } = values;
  let at = start;
  let value = 0;
  for (let i = 0; i < length; i++) {
    let byte = bytes[at++]!;
    if (byte < 0x80) {
      value += (byte >>> 1) ^ -(byte & 1); // by far the most
    } else {
      let zigzag = byte & 0x7f;
      let scale = 0x80;
      do {
        byte = bytes[at++]!;
        zigzag += (byte & 0x7f) * scale;
        scale *= 0x80;
      } while (byte >= 0x80);
      value += zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
    }

    values[i] = value;
  }
}
