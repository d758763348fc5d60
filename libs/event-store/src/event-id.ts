/** Event ids derive from the command, so that a retry writes the same ones. */
import { uuidFrom } from '@mcpstack/contracts';

/** The id of the command's `index`-th event: a UUID (version 8, RFC 9562) over SHA-256. */
export function eventId(commandId: string, index: number): string {
  return uuidFrom(`event:${commandId}:${index}`);
}
