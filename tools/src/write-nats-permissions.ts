/** `npm run nats:permissions`: writes deploy/nats and the list in docs/nats.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NATS_ACCOUNTS, type NatsAccount } from '@mcpstack/contracts';
import { usersConfig, usersFile, withUsers } from './nats-permissions.ts';

const root = join(import.meta.dirname, '..', '..');
for (const account of Object.keys(NATS_ACCOUNTS) as NatsAccount[])
  writeFileSync(join(root, 'deploy', 'nats', usersFile(account)), usersConfig(account));
const page = join(root, 'docs', 'nats.md');
writeFileSync(page, withUsers(readFileSync(page, 'utf8')));
