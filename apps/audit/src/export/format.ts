/** A format of exports: one line for each event, and of every line the place in the log that it is of. */
import { type ToldEvent } from './told-event.ts';

export interface Format {
  /** Stands before all lines; with its end. */
  head: string;
  /** With its end; no other line break in it. */
  line(event: ToldEvent): string;
  /** Undefined when the line is none of this format. */
  positionOf(line: string): bigint | undefined;
  /** The log that a line is of, where a line tells it. */
  logOf(line: string): string | undefined;
}

/** A URN for the log: its id is a UUID, and another log has another. */
export function logName(logId: string): string {
  return `urn:mcpstack:log:${logId}`;
}

/** The member of a JSON object, if the text is one. */
export function parsed(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

export function decimal(value: unknown): bigint | undefined {
  return typeof value === 'string' && /^\d{1,19}$/.test(value) ? BigInt(value) : undefined;
}
