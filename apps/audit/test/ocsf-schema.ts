/**
 * What OCSF 1.7.0 requires of the three classes that are exported, as a JSON schema: the required attributes of the base
 * event and of each class, the numbers that its enumerations allow, and the "at least one of" of the objects in them.
 * Attributes that the schema does not know are refused where the export could add one by mistake.
 */
const atLeastOne = (...names: string[]) => ({ anyOf: names.map((name) => ({ required: [name] })) });
const text = { type: 'string', minLength: 1 };
const millis = { type: 'integer', minimum: 0 };
const object = (properties: object, ...required: string[]) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});

const USER = {
  ...object({ uid: text, name: text, type: text, type_id: { enum: [0, 1, 2, 3, 4, 99] } }),
  ...atLeastOne('account', 'name', 'uid'),
};
const SERVICE = { ...object({ name: text, uid: text }), ...atLeastOne('name', 'uid') };
const ENDPOINT = {
  ...object({ name: text, ip: text, hostname: text, svc_name: text, uid: text }),
  ...atLeastOne(
    'ip',
    'uid',
    'name',
    'hostname',
    'svc_name',
    'instance_uid',
    'interface_uid',
    'interface_name',
    'domain',
  ),
};
const ACTOR = {
  ...object({ user: USER }),
  ...atLeastOne('process', 'user', 'invoked_by', 'session', 'app_name', 'app_uid'),
};
const METADATA = object(
  {
    version: { const: '1.7.0' },
    product: { ...object({ vendor_name: text, name: text }), ...atLeastOne('name', 'uid') },
    uid: text,
    original_event_uid: text,
    event_code: text,
    original_time: text,
    correlation_uid: text,
    log_name: text,
    tenant_uid: text,
  },
  'product',
  'version',
);
const BASE = {
  category_name: text,
  class_name: text,
  activity_name: text,
  type_name: text,
  severity_id: { enum: [0, 1, 2, 3, 4, 5, 6, 99] },
  severity: text,
  status_id: { enum: [0, 1, 2, 99] },
  status: text,
  time: millis,
  message: text,
  metadata: METADATA,
  unmapped: { type: 'object' },
};
const REQUIRED = ['activity_id', 'category_uid', 'class_uid', 'metadata', 'severity_id', 'time', 'type_uid'];

/** One class: its numbers tell each other, as type_uid = class_uid × 100 + activity_id. */
function ofClass(uid: number, activities: readonly number[], properties: object, ...required: string[]) {
  return {
    ...object({}, ...REQUIRED, ...required),
    properties: {
      ...BASE,
      ...properties,
      class_uid: { const: uid },
      category_uid: { const: Math.floor(uid / 1_000) },
      activity_id: { enum: activities },
      type_uid: { enum: activities.map((activity) => uid * 100 + activity) },
    },
  };
}

export const OCSF_SCHEMA = {
  oneOf: [
    ofClass(
      3001,
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 99],
      {
        actor: ACTOR,
        src_endpoint: ENDPOINT,
        user: USER,
        policies: {
          type: 'array',
          items: { ...object({ name: text, uid: text }), ...atLeastOne('name', 'uid') },
        },
      },
      'user',
    ),
    {
      ...ofClass(
        3002,
        [0, 1, 2, 3, 4, 5, 6, 7, 99],
        {
          actor: ACTOR,
          user: USER,
          service: SERVICE,
          count: { type: 'integer', minimum: 1 },
          start_time: millis,
          end_time: millis,
        },
        'user',
      ),
      ...atLeastOne('service', 'dst_endpoint'),
    },
    ofClass(
      6003,
      [0, 1, 2, 3, 4, 99],
      {
        actor: ACTOR,
        api: object(
          { operation: text, service: SERVICE, request: object({ uid: text }, 'uid') },
          'operation',
        ),
        src_endpoint: ENDPOINT,
        resources: { type: 'array', items: object({ uid: text, name: text, type: text }) },
      },
      'actor',
      'api',
      'src_endpoint',
    ),
  ],
};
