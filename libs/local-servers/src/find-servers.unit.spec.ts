import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureServers } from './ensure-servers.ts';
import { findProgram, isAtLeast } from './find-servers.ts';

describe('finding the servers', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'mcpstack-find-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const fake = (program: string, says: string) => {
    const path = join(folder, program);
    writeFileSync(path, `#!/bin/sh\necho '${says}'\n`);
    chmodSync(path, 0o755);
  };
  const only = () => ({ MCPSTACK_SERVER_PATH: folder, MCPSTACK_NO_INSTALL: '1', PATH: process.env.PATH });

  it('reads the version of each program', async () => {
    fake('nats-server', 'nats-server: v2.11.3');
    fake('redis-server', 'Redis server v=8.0.1 sha=00000000:0 malloc=libc bits=64');
    const found = await ensureServers({ env: only() });
    expect(found.nats).toMatchObject({ type: 'program', version: '2.11.3' });
    expect(found.redis).toMatchObject({ type: 'program', version: '8.0.1' });
  });

  it('refuses a NATS server that is too old, with the version found and the one needed', async () => {
    fake('nats-server', 'nats-server: v2.8.4');
    const failure = ensureServers({ kinds: ['nats'], env: only() });
    await expect(failure).rejects.toMatchObject({ code: 'server-too-old' });
    await expect(failure).rejects.toThrow(/version 2\.8\.4.*2\.9\.0 or newer/);
  });

  it('prefers a newer program further down the path to an older one before it', async () => {
    fake('nats-server', 'nats-server: v2.8.4');
    const env = { MCPSTACK_SERVER_PATH: `${folder}:${process.env.PATH}:/usr/sbin` };
    expect(await findProgram('nats', { env })).toMatchObject({ type: 'program', kind: 'nats' });
  });

  it('says what to install when a server is missing and nothing may be installed', async () => {
    fake('nats-server', 'nats-server: v2.11.3');
    const failure = ensureServers({ env: only() });
    await expect(failure).rejects.toMatchObject({ code: 'server-missing' });
    await expect(failure).rejects.toThrow(/redis-server 7\.0\.0 or newer not found: install/);
    await expect(failure).rejects.not.toThrow(/nats-server/);
  });

  it('compares versions number by number', () => {
    expect(isAtLeast('2.10.0', '2.9.0')).toBe(true);
    expect(isAtLeast('2.9.0', '2.9.0')).toBe(true);
    expect(isAtLeast('2.8.99', '2.9.0')).toBe(false);
    expect(isAtLeast('10.0', '9.9.9')).toBe(true);
  });
});
