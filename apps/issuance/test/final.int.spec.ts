/**
 * G3: whatever takes something away answers when that is final, and not before. One table of all commands that the
 * contracts mark with R; a command that is marked there and missing here fails the spec.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { CommandContracts, CommandName } from '@mcpstack/contracts';
import { Log } from '@mcpstack/service-kit';
import { Confirmation } from '../src/confirmation.ts';
import { Decisions } from '../src/decisions.ts';
import { RevokeKeyHandler } from '../src/key/handlers.ts';
import type { RevokeKeyCommand } from '../src/key/commands.ts';
import { expectFinal } from './checks.ts';
import { Harness } from './harness.ts';
import { ofNewKey, RESTRICTING } from './restricting.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterAll(() => harness.stop());
beforeEach(() => {
  harness.confirm = () => ({ confirmed: true });
});

describe('a restricting command (G3)', () => {
  it.each(Object.entries(RESTRICTING))(
    '%s: recorded, not yet final, while nothing confirms it; the retry writes nothing more and is final',
    async (name, make) => {
      const { input, changes } = await make(harness);
      const before = await harness.head();
      await expectFinal(
        harness,
        name as CommandName,
        input as unknown as CommandContracts[CommandName]['input'],
        changes,
      );
      expect(await harness.head()).toBeGreaterThan(before);
    },
  );

  it('stands in this table, if the contracts mark it', () => {
    const file = new URL('../../../libs/contracts/src/commands.ts', import.meta.url);
    const text = readFileSync(fileURLToPath(file), 'utf8');
    const marked = [...text.matchAll(/\/\*\* (?:S[,;] )?R\b[^*]*\*\/\s+(\w+):/g)].map(([, name]) => name);
    expect(marked.length).toBeGreaterThan(10);
    expect(Object.keys(RESTRICTING).sort()).toEqual(marked.sort());
  });

  it('control: without the wait it would be answered at once', async () => {
    class Hasty extends Confirmation {
      override final(): Promise<void> {
        return Promise.resolve();
      }
    }
    harness.confirm = () => ({ confirmed: false });
    const hasty = new Hasty(harness.nats, { deltaMs: 1, finalTimeoutMs: 500 }, new Log('spec', 'silent'));
    const { input } = await ofNewKey(harness, { kind: 'service' });
    const asked = harness.envelope(input) as unknown as RevokeKeyCommand;
    const handler = new RevokeKeyHandler(new Decisions(harness.store), hasty);
    expect(await handler.execute(asked)).toHaveProperty('position');
  });
});
