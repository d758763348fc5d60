/** What specs of every room use. */
export { specification, type Refusal, type Then } from './given-when-then.ts';
