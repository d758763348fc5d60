/** Base64 in its one spelling (RFC 4648, section 4): Node's decoder skips what it does not know. */

export function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}
