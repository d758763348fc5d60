/** Bytes of a message, read as a JSON object or not at all. */

const UTF8 = new TextDecoder('utf-8', { fatal: true });

export type JsonObject = Record<string, unknown>;

/** The object, or what is wrong with the bytes. */
export function readObject(bytes: Uint8Array, maxBytes: number): JsonObject | string {
  if (bytes.length > maxBytes) return `the request is longer than ${maxBytes} bytes`;
  let value: unknown;
  try {
    value = JSON.parse(UTF8.decode(bytes));
  } catch {
    return 'the request is not JSON';
  }
  return isObject(value) ? value : 'the request is not a JSON object';
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
