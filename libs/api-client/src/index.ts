/** A typed client of the HTTP API, made from its OpenAPI document; for Node and for browsers. */
export { createClient, type Answer, type ApiClient, type ClientSettings } from './client.ts';
export { items, type Page } from './items.ts';
export { ApiProblem, type ApiProblemCode } from './problem.ts';
export type { components, operations, paths } from './schema.ts';
