/**
 * CloudEvents 1.0 in the JSON format, one a line. `source` names the log and `id` the event in it, so that both
 * together tell a receiver what it has already; `sequence` (the extension of that name) is the place in the log, with
 * as many digits as any has, so that it sorts as text.
 */
import { decimal, logName, parsed, type Format } from './format.ts';

const TYPE_PREFIX = 'com.mcpstack.keys.';
/** Positions are below 2^53. */
const SEQUENCE_DIGITS = 16;

export function cloudEvents(logId: string): Format {
  const source = logName(logId);
  return {
    head: '',
    line({ id, type, at, actor, organizationId, subject, requestId, position, data }) {
      const event = {
        specversion: '1.0',
        id,
        source,
        type: TYPE_PREFIX + type,
        subject: subject.id,
        time: at,
        datacontenttype: 'application/json',
        sequence: position.padStart(SEQUENCE_DIGITS, '0'),
        // The same as the API's event, without what stands above.
        data: { actor, organizationId, subject, requestId, position, data },
      };
      return `${JSON.stringify(event)}\n`;
    },
    positionOf: (line) => decimal(parsed(line)?.['sequence']),
    logOf(line) {
      const told = parsed(line)?.['source'];
      return typeof told === 'string' ? told : undefined;
    },
  };
}
