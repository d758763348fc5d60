/** Request headers that must not be given twice. */
import type { IncomingMessage } from 'node:http';

/**
 * Every value that was sent for a header. Node joins or drops repeated headers, which would hide that two
 * were sent; the raw list does not.
 * @param name lower case.
 */
export function headerValues(request: IncomingMessage, name: string): readonly string[] {
  const { rawHeaders } = request;
  return rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]!.toLowerCase() === name);
}
