import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { aProgram, commandPaths } from '../test/run-cli.ts';
import { referenceOf } from './reference.ts';

const PAGE = join(import.meta.dirname, '..', '..', '..', 'docs', 'cli.md');
const page = readFileSync(PAGE, 'utf8');

describe('docs/cli.md', () => {
  it('is what the commands say; else run: npm run docs:cli', () => {
    expect(page).toBe(referenceOf(aProgram()));
  });

  it('has every command with an example', () => {
    for (const path of commandPaths()) {
      const [, section = ''] = page.split(new RegExp(`^#+ mcpstack ${path}$`, 'm'));
      expect([path, section.split(/^#/m)[0]]).toEqual([path, expect.stringContaining('For example:')]);
    }
  });

  it('control: one more option is noticed', () => {
    const program = aProgram();
    program.commands.find((one) => one.name() === 'servers')!.commands[0]!.option('--colour', 'of it');
    expect(referenceOf(program)).not.toBe(page);
  });
});
