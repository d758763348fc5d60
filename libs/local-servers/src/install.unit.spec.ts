import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureServers } from './ensure-servers.ts';

/** On a PATH of our own: stand-ins for apt-get, sudo and docker that note what they were asked. */
describe('installing the servers', () => {
  let bin: string;
  beforeEach(() => {
    bin = mkdtempSync(join(tmpdir(), 'mcpstack-install-'));
    script('sudo', '[ "$1" = -n ] && shift; exec "$@"');
  });
  afterEach(() => rmSync(bin, { recursive: true }));

  function script(name: string, body: string): void {
    writeFileSync(join(bin, name), `#!/bin/sh\necho "${name} $*" >> ${bin}/asked\n${body}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  const env = () => ({ PATH: `${bin}:/bin:/usr/bin`, MCPSTACK_SERVER_PATH: bin });
  const asked = (program: string) =>
    readFileSync(join(bin, 'asked'), 'utf8')
      .split('\n')
      .filter((line) => line.startsWith(program));
  /** Puts a nats-server there, as the package would. */
  const installs = () =>
    `printf '#!/bin/sh\\necho nats-server: v2.9.10\\n' > ${bin}/nats-server; chmod +x ${bin}/nats-server`;
  const ensureNats = (more: object = {}) => ensureServers({ kinds: ['nats'], env: { ...env(), ...more } });

  it('uses apt-get where it may, and fetches the package lists if the first try fails', async () => {
    script(
      'apt-get',
      `case "$1" in
        --version) exit 0 ;;
        update) touch ${bin}/lists ;;
        install) [ -e ${bin}/lists ] || exit 100; ${installs()} ;;
      esac`,
    );
    const said: string[] = [];
    const found = await ensureServers({ kinds: ['nats'], env: env(), onProgress: (text) => said.push(text) });
    expect(found.nats).toMatchObject({ type: 'program', version: '2.9.10' });
    expect(asked('apt-get').slice(1)).toEqual([
      'apt-get install -o DPkg::Lock::Timeout=120 --yes --no-install-recommends nats-server',
      'apt-get update',
      'apt-get install -o DPkg::Lock::Timeout=120 --yes --no-install-recommends nats-server',
    ]);
    expect(said).toEqual(['installing nats-server with apt-get']);
  });

  it('says so when apt-get cannot install', async () => {
    script('apt-get', '[ "$1" = --version ]');
    await expect(ensureNats()).rejects.toMatchObject({ code: 'install-failed' });
  });

  it('asks nobody when it may not install', async () => {
    script('apt-get', installs());
    script('docker', 'exit 0');
    await expect(ensureNats({ MCPSTACK_NO_INSTALL: '1' })).rejects.toMatchObject({ code: 'server-missing' });
    expect(() => asked('')).toThrow(/ENOENT/);
  });

  it('takes a Docker image where there is no apt-get but an engine answers', async () => {
    script('apt-get', 'exit 1');
    script('docker', 'echo 28.2.2');
    expect((await ensureNats()).nats).toEqual({ type: 'image', kind: 'nats', image: 'nats:2.12-alpine' });
  });

  it('finds no image where no engine answers', async () => {
    script('apt-get', 'exit 1');
    script('docker', 'exit 1');
    await expect(ensureNats()).rejects.toMatchObject({ code: 'server-missing' });
  });
});
