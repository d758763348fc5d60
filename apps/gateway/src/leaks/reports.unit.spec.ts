import { makeToken, newId, type IdentifiedKey } from '@mcpstack/contracts';
import type { Identify } from './identify.ts';
import { LeakReports } from './reports.ts';
import type { SystemCommands } from './system-commands.ts';

const KEY: IdentifiedKey = {
  keyId: newId('key'),
  organizationId: newId('organization'),
  kind: 'service',
  state: 'active',
};

/** Every token is that of a key in force, whose revocation takes until `release`. */
function reports(): { reports: LeakReports; release: () => void } {
  let release!: () => void;
  const held = new Promise<void>((resolve) => (release = resolve));
  const identify = { keysOf: (digests: readonly string[]) => Promise.resolve(digests.map(() => KEY)) };
  const commands = { send: () => held };
  return {
    reports: new LeakReports(
      identify as unknown as Identify,
      commands as unknown as SystemCommands,
      'mcpstack',
    ),
    release,
  };
}

describe('reports that are worked on', () => {
  it('by anybody, as many as there may be, do not keep out what GitHub found', async () => {
    const { reports: busy, release } = reports();
    const report = (source: 'holder' | 'github') => busy.report([makeToken('service')], source, 'r1');
    const underWay = Array.from({ length: 8 }, () => report('holder'));
    // Control: another one of the same source is refused.
    await expect(report('holder')).rejects.toMatchObject({ code: 'too-many-requests' });
    const found = report('github');
    release();
    expect(await found).toEqual([KEY]);
    expect(await Promise.all(underWay)).toHaveLength(8);
    expect(await report('holder')).toEqual([KEY]);
  });
});
