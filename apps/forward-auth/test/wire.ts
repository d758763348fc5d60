/** Protocol buffers by hand, so that numbers are held to what Envoy sends and reads, and not to our own file. */
export type Field = readonly [number: number, value: string | number | Uint8Array | readonly Field[]];

/** A message of fields: text, bytes, nested messages, and whole numbers. */
export function encode(fields: readonly Field[]): Buffer {
  return Buffer.concat(
    fields.flatMap(([number, value]) => {
      if (typeof value === 'number') return [varint(number << 3), varint(value)];
      const bytes = Array.isArray(value) ? encode(value as Field[]) : Buffer.from(value as string);
      return [varint((number << 3) | 2), varint(bytes.length), bytes];
    }),
  );
}

/** Every value of field `path` (numbers from the outside in), as bytes or as a number. */
export function decode(message: Uint8Array, [number, ...inner]: readonly number[]): (Buffer | number)[] {
  const bytes = Buffer.from(message);
  const found: (Buffer | number)[] = [];
  let at = 0;
  const next = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++]!;
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = next();
    const length = (tag & 7) === 2 ? next() : undefined;
    const value = length === undefined ? next() : bytes.subarray(at, (at += length));
    if (tag >> 3 === number) found.push(value);
  }
  if (inner.length === 0) return found;
  return found.flatMap((value) => (typeof value === 'number' ? [] : decode(value, inner)));
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest >>>= 7) bytes.push((rest & 127) | 128);
  return Buffer.from([...bytes, rest]);
}
