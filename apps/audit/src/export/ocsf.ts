/**
 * OCSF, one JSON object a line: API Activity, Account Change and Authentication, as ocsf-table.ts says. What OCSF has no
 * place for stands under `unmapped`, the place in the log as well.
 */
import { type Actor } from '@mcpstack/contracts';
import { decimal, logName, parsed, type Format } from './format.ts';
import {
  ACTIVITIES,
  CLASSES,
  MAPPINGS,
  OCSF_VERSION,
  OTHER,
  SEVERITIES,
  type Mapping,
} from './ocsf-table.ts';
import { type ToldEvent } from './told-event.ts';

const PRODUCT = { vendor_name: 'MCPStack', name: 'MCPStack Keys' };
/** Who checks keys. */
const AUTHORIZER = { name: 'MCPStack Keys authorizer' };
/** Required, and not known: the log keeps no addresses of whoever changes something. */
const SOURCE = { name: 'unknown' };
const SUCCESS = { status_id: 1, status: 'Success' };

const USER_TYPES = { user: 'User', key: 'Service', system: 'System' } as const;
const USER_TYPE_IDS = { User: 1, System: 3, Service: 4 } as const;

export function ocsf(logId: string): Format {
  const log = logName(logId);
  return {
    head: '',
    line: (event) => `${JSON.stringify(ocsfEvent(event, log))}\n`,
    positionOf(line) {
      const unmapped = parsed(line)?.['unmapped'] as { position?: unknown } | undefined;
      return decimal(unmapped?.position);
    },
    logOf(line) {
      const metadata = parsed(line)?.['metadata'] as { log_name?: unknown } | undefined;
      return typeof metadata?.log_name === 'string' ? metadata.log_name : undefined;
    },
  };
}

/** Every log holds only what was done: refused requests write no event. */
function ocsfEvent(event: ToldEvent, log: string): object {
  const mapping = MAPPINGS[event.type];
  const { class_uid, class_name, category_uid, category_name } = CLASSES[mapping.class];
  const { activity_id, activity_name } = activityOf(mapping);
  const severity = isReportedLeak(event) ? 'High' : (mapping.severity ?? 'Informational');
  return {
    category_uid,
    category_name,
    class_uid,
    class_name,
    activity_id,
    activity_name,
    type_uid: class_uid * 100 + activity_id,
    type_name: `${class_name}: ${activity_name}`,
    severity_id: SEVERITIES[severity],
    severity,
    ...SUCCESS,
    time: Date.parse(event.at),
    message: event.what(),
    metadata: metadataOf(event, log),
    actor: { user: userOf(event.actor) },
    ...detailsOf(event, mapping.class),
    unmapped: {
      position: event.position,
      subject: event.subject,
      data: event.data,
    },
  };
}

function activityOf({ class: name, activity }: Mapping): { activity_id: number; activity_name: string } {
  const known = (ACTIVITIES[name] as Readonly<Record<string, number>>)[activity];
  if (known !== undefined) return { activity_id: known, activity_name: activity };
  return { activity_id: OTHER, activity_name: activity.replace(/^Other: /, '') };
}

function metadataOf({ id, type, at, requestId, organizationId }: ToldEvent, log: string): object {
  return {
    version: OCSF_VERSION,
    product: PRODUCT,
    // One OCSF event for each of the log's: both have one id.
    uid: id,
    original_event_uid: id,
    event_code: type,
    original_time: at,
    correlation_uid: requestId,
    log_name: log,
    ...(organizationId !== undefined && { tenant_uid: organizationId }),
  };
}

function userOf({ type, id }: Actor, more: object = {}): object {
  const name = USER_TYPES[type];
  return { uid: id, type_id: USER_TYPE_IDS[name], type: name, ...more };
}

/** What each class wants beside what all have. */
function detailsOf(event: ToldEvent, name: Mapping['class']): object {
  const { subject } = event;
  const data = event.data as Partial<Record<string, unknown>>;
  const named = typeof data['name'] === 'string' && subject.kind !== 'profile' ? { name: data['name'] } : {};
  switch (name) {
    case 'account': {
      const policies = policiesOf(data);
      return { src_endpoint: SOURCE, user: accountOf(event, named), ...(policies && { policies }) };
    }
    case 'authentication':
      return {
        user: userOf({ type: 'key', id: subject.id }),
        service: AUTHORIZER,
        count: data['count'],
        start_time: Date.parse(String(data['from'])),
        end_time: Date.parse(String(data['to'])),
      };
    case 'api':
      return {
        api: { operation: event.type, service: { name: PRODUCT.name }, request: { uid: event.requestId } },
        src_endpoint: SOURCE,
        resources: [{ uid: subject.id, type: subject.kind, ...named }],
      };
    default:
      return name satisfies never;
  }
}

/** Whom it happened to. An invitation is about whoever accepted it. */
function accountOf({ subject, data }: ToldEvent, named: object): object {
  const { userId } = data as { userId?: string };
  if (subject.kind === 'key') return userOf({ type: 'key', id: subject.id }, named);
  return userOf({ type: 'user', id: userId ?? subject.id });
}

/** A role, or an origin that a web page may have. */
function policiesOf({ role, origin }: Partial<Record<string, unknown>>): object[] | undefined {
  const name = role ?? origin;
  return typeof name === 'string' ? [{ name }] : undefined;
}

function isReportedLeak({ type, data }: ToldEvent): boolean {
  return type === 'KeyRevoked' && (data as { reason?: string }).reason === 'reported-leak';
}
