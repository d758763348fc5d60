/**
 * Structured logs: one JSON object a line on standard output. What may be logged is an allow-list, in
 * the type and again at run time; text is searched for tokens as a second net.
 */
import type { LoggerService } from '@nestjs/common';
import { pino, type DestinationStream, type Logger as Pino } from 'pino';

/** Every field that a log line may carry. Opaque ids and numbers; never a body, a header or a name. */
export interface LogFields {
  requestId?: string | undefined;
  commandId?: string | undefined;
  command?: string | undefined;
  orgId?: string | undefined;
  keyId?: string | undefined;
  userId?: string | undefined;
  webhookId?: string | undefined;
  actorType?: string | undefined;
  actorId?: string | undefined;
  method?: string | undefined;
  route?: string | undefined;
  status?: number | undefined;
  code?: string | undefined;
  durationMs?: number | undefined;
  stream?: string | undefined;
  eventType?: string | undefined;
  revision?: string | undefined;
  position?: string | undefined;
  count?: number | undefined;
  generation?: string | undefined;
  session?: string | undefined;
  role?: string | undefined;
  state?: string | undefined;
  reason?: string | undefined;
  address?: string | undefined;
  port?: number | undefined;
  signal?: string | undefined;
  context?: string | undefined;
  repeated?: boolean | undefined;
  /** Shown as class, message, code and stack; never with its other fields, which may hold a request. */
  err?: unknown;
}

// Prettier would put each name on a line of its own.
// prettier-ignore
const ALLOWED: ReadonlySet<string> = new Set<keyof LogFields>([
  'requestId', 'commandId', 'command', 'orgId', 'keyId', 'userId', 'webhookId', 'actorType', 'actorId', 'method',
  'route', 'status', 'code', 'durationMs', 'stream', 'eventType', 'revision', 'position', 'count',
  'generation', 'session', 'role', 'state', 'reason', 'address', 'port', 'signal', 'context',
  'repeated', 'err',
]);

const TOKEN = /\b([a-z][a-z0-9]{1,15}_(?:sk|pk|st|rt|dc|it)_)[0-9A-Za-z_]+/g;
/** Of webhooks; base64. */
const WEBHOOK_SECRET = /\bwhsec_[0-9A-Za-z+/=]+/g;
const URL_CREDENTIALS = /(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi;
const MAX_TEXT_LENGTH = 4_000;

/** The text with tokens and the credentials of URLs blanked, cut to a bounded length. */
export function redactText(text: string): string {
  return text
    .slice(0, MAX_TEXT_LENGTH)
    .replace(TOKEN, '$1[redacted]')
    .replace(WEBHOOK_SECRET, 'whsec_[redacted]')
    .replace(URL_CREDENTIALS, '$1[redacted]@');
}

function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { message: redactText(String(error)) };
  const code = (error as { code?: unknown }).code;
  return {
    type: error.name,
    message: redactText(error.message),
    ...((typeof code === 'string' || typeof code === 'number') && { code }),
    ...(error.stack && { stack: redactText(error.stack) }),
    ...(error.cause !== undefined && { cause: describeError(error.cause) }),
  };
}

function allowed(fields: Record<string, unknown>): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (!ALLOWED.has(name)) continue;
    kept[name] =
      name === 'err' ? describeError(value) : typeof value === 'string' ? redactText(value) : value;
  }
  return kept;
}

/** The log of one service. Also Nest's own logger, so that the framework's lines have the same shape. */
export class Log implements LoggerService {
  private readonly pino: Pino;

  constructor(service: string, level = 'info', destination?: DestinationStream) {
    this.pino = pino(
      {
        level,
        base: { service, pid: process.pid },
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }), log: allowed },
        serializers: { err: (value: unknown) => value },
      },
      destination ?? pino.destination({ dest: 1, sync: true }),
    );
  }

  info(message: string, fields: LogFields = {}): void {
    this.pino.info(fields, redactText(message));
  }

  warn(message: unknown, fields?: LogFields | string): void {
    this.write('warn', message, fields);
  }

  error(message: unknown, fields?: LogFields | string, context?: unknown): void {
    this.write('error', message, fields, context);
  }

  debug(message: unknown, fields?: LogFields | string): void {
    this.write('debug', message, fields);
  }

  verbose(message: unknown, context?: string): void {
    this.write('trace', message, context);
  }

  fatal(message: unknown, fields?: LogFields | string): void {
    this.write('fatal', message, fields);
  }

  /** Nest's own chatter is for debugging. */
  log(message: unknown, context?: string): void {
    this.write('debug', message, context);
  }

  private write(
    level: 'fatal' | 'error' | 'warn' | 'debug' | 'trace',
    message: unknown,
    fields?: LogFields | string,
    context?: unknown,
  ): void {
    const named =
      typeof fields === 'string' ? { context: typeof context === 'string' ? context : fields } : fields;
    if (message instanceof Error) this.pino[level]({ ...named, err: message }, redactText(message.message));
    else this.pino[level](named ?? {}, redactText(typeof message === 'string' ? message : String(message)));
  }
}
