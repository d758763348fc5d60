/** The OpenAPI document as a fuzzer sees it: operations, what they take, and whether an answer is as promised. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

export interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  format?: string;
  pattern?: string;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  example?: unknown;
  examples?: unknown[];
  oneOf?: Schema[];
  anyOf?: Schema[];
  allOf?: Schema[];
}
export interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required?: boolean;
  schema?: Schema;
}
interface Response {
  content?: Record<string, { schema?: Schema }>;
}
export interface Operation {
  /** `POST /api/v1/organizations`. */
  name: string;
  method: string;
  path: string;
  parameters: Parameter[];
  body: Schema | undefined;
  responses: Record<string, Response>;
}

type Raw = {
  parameters?: Parameter[];
  requestBody?: { content?: Record<string, { schema?: Schema }> };
  responses?: Record<string, Response>;
};

export class ApiDocument {
  readonly operations: Operation[] = [];
  readonly #ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  readonly #validators = new Map<string, ValidateFunction>();

  constructor(private readonly document: { paths: Record<string, Record<string, Raw>> }) {
    this.#ajv.addSchema({ ...document, $id: 'api' });
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const [method, raw] of Object.entries(methods)) {
        if (!['get', 'post', 'put', 'patch', 'delete', 'options'].includes(method)) continue;
        this.operations.push({
          name: `${method.toUpperCase()} ${path}`,
          method: method.toUpperCase(),
          path,
          parameters: raw.parameters ?? [],
          body: Object.values(raw.requestBody?.content ?? {})[0]?.schema,
          responses: raw.responses ?? {},
        });
      }
    }
  }

  /** The schema that a reference leads to. */
  resolve(schema: Schema): Schema {
    if (schema.$ref === undefined) return schema;
    const steps = schema.$ref.slice(2).split('/');
    return this.resolve(
      steps.reduce<unknown>((at, step) => (at as Record<string, unknown>)[step], this.document) as Schema,
    );
  }

  /** What is wrong with an answer; `undefined` when it is one that the document promises. */
  fault(operation: Operation, status: number, contentType: string, text: string): string | undefined {
    if (status >= 500) return `answered ${status} ${text.slice(0, 300)}`;
    const key = operation.responses[status] ? String(status) : 'default';
    const response = operation.responses[key];
    if (!response) return `answered ${status}, which the document does not name`;
    if (key === 'default' && status < 400) return `answered ${status}, which the document does not name`;
    const contents = Object.entries(response.content ?? {});
    if (contents.length === 0) return text === '' ? undefined : `answered a body with ${status}`;
    const content = contents.find(([type]) => contentType.startsWith(type));
    if (!content) return `answered ${contentType || 'no content type'} with ${status}`;
    if (!content[1].schema) return undefined;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return `answered no JSON with ${status}`;
    }
    const pointer = ['paths', operation.path, operation.method.toLowerCase(), 'responses', key, 'content'];
    const validate = this.#validator([...pointer, content[0], 'schema']);
    if (validate(value)) return undefined;
    const why = validate.errors?.map((one) => `${one.instancePath || '/'} ${one.message}`).slice(0, 3);
    return `answered what does not fit the schema of ${status}: ${why?.join('; ')}`;
  }

  #validator(steps: string[]): ValidateFunction {
    const pointer = `api#/${steps.map((step) => encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`;
    let validator = this.#validators.get(pointer);
    if (!validator) {
      validator = this.#ajv.compile({ $ref: pointer });
      this.#validators.set(pointer, validator);
    }
    return validator;
  }
}
