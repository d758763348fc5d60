/**
 * A script is one atomic step that reads the server's identity together with what it reads or writes (G4). A
 * check beforehand would not do: a demoted primary goes on answering with another's data.
 *
 * KEYS[1] is the control hash. It routes the script; every other name shares its hash tag.
 */
import { createHash } from 'node:crypto';
import { CONTROL, PREFIX } from './namespace.ts';

export interface Script {
  name: string;
  text: string;
  sha1: string;
}

/** What EVALSHA is sent with: the one key that routes it. */
export const ROUTING_KEY = CONTROL;

/** Begins every script. */
export const IDENTITY = `
local prefix = '${PREFIX}'
local replication = redis.call('INFO', 'replication')
local role = string.match(replication, 'role:(%w+)')
local identity = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
  .. ':' .. string.match(replication, 'master_replid:(%w+)')
`;

export function script(name: string, text: string): Script {
  return { name, text, sha1: createHash('sha1').update(text).digest('hex') };
}
