import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { containing, Desk } from './command.ts';

let desk: Desk;
const scripts: Record<string, string> = {};
beforeAll(async () => {
  desk = new Desk();
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { code, stdout, stderr } = await desk.run(['completion', shell]);
    expect([code, stderr]).toEqual([0, '']);
    scripts[shell] = join(desk.folder, `completion.${shell}`);
    writeFileSync(scripts[shell], stdout);
  }
});
afterAll(() => desk.remove());

/** What bash offers after these words; the last one is being typed. */
function offered(...words: string[]): string[] {
  const list = words.map((word) => `'${word}'`).join(' ');
  const line = `source '${scripts['bash']}'; COMP_WORDS=(mcpstack ${list}); COMP_CWORD=${words.length}; _mcpstack; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['-uc', line], { encoding: 'utf8' }).split('\n').filter(Boolean).sort();
}

describe('completion in bash', () => {
  it('offers commands, in their groups', () => {
    expect(offered('')).toEqual(expect.arrayContaining(['auth', 'org', 'whoami', 'completion', '--json']));
    expect(offered('au')).toEqual(['auth']);
    expect(offered('auth', 'lo')).toEqual(['login', 'logout']);
    expect(offered('auth', 'service-account', '')).toEqual(expect.arrayContaining(['login', 'revoke']));
    expect(offered('auth', 'service-account', '')).not.toContain('org');
  });

  it('offers options of the command and of all commands, and known values', () => {
    expect(offered('auth', 'service-account', 'login', '--key')).toEqual(['--key', '--key-stdin']);
    expect(offered('org', 'list', '--pro')).toEqual(['--profile']);
    expect(offered('completion', 'z')).toEqual(['zsh']);
  });

  it('is not led astray by the value of an option', () => {
    expect(offered('--profile', 'auth', 'or')).toEqual(['org']);
    expect(offered('org', 'list', '--profile', '')).toEqual([]);
  });
});

/** The same in the other two, where they are installed. */
const others: Record<string, (...words: string[]) => string[]> = {
  fish: (...words) =>
    linesOf('fish', `source '${scripts['fish']}'; complete -C 'mcpstack ${words.join(' ')}'`).map(
      (line) => line.split('\t')[0]!,
    ),
  zsh: (...words) =>
    linesOf(
      'zsh',
      `compdef() { }; _describe() { print -l -- \${(P)@[-1]} }; source '${scripts['zsh']}'; words=(mcpstack ${words.map((word) => `'${word}'`).join(' ')}); CURRENT=${words.length + 1}; _mcpstack`,
    ).map((line) => line.split(':')[0]!),
};

function linesOf(shell: string, line: string): string[] {
  return execFileSync(shell, ['-c', line], { encoding: 'utf8' }).split('\n').filter(Boolean);
}
const isInstalled = (shell: string) => spawnSync(shell, ['-c', 'exit 0']).status === 0;

describe.each(Object.keys(others))('completion in %s', (shell) => {
  it('offers the same', () => {
    if (!isInstalled(shell)) {
      process.stderr.write(`not checked: ${shell} is not installed here\n`);
      return;
    }
    const offers = others[shell]!;
    expect(offers('auth', '')).toEqual(
      expect.arrayContaining(['login', 'logout', 'status', 'service-account']),
    );
    expect(offers('auth', '')).not.toContain('org');
    expect(offers('auth', 'service-account', '')).toContain('revoke');
    expect(offers('completion', '')).toEqual(expect.arrayContaining(['bash', 'fish', 'zsh']));
    expect(offers('--profile', 'auth', '')).toContain('org');
    expect(offers('auth', 'service-account', 'login', '--')).toEqual(
      expect.arrayContaining(['--key', '--key-stdin', '--json']),
    );
  });
});

describe('the scripts', () => {
  it.each([
    ['bash', ['-n']],
    ['zsh', ['-n']],
    ['fish', ['--no-execute']],
  ])('%s takes its script', (shell, args) => {
    const { error, status, stderr } = spawnSync(shell, [...args, scripts[shell]!], { encoding: 'utf8' });
    if ((error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') {
      process.stderr.write(`not checked: ${shell} is not installed here\n`);
      return;
    }
    expect([status, stderr]).toEqual([0, '']);
  });

  it('a shell that is not known: 2', async () => {
    expect(await desk.run(['completion', 'tcsh'])).toMatchObject({
      code: 2,
      stderr: containing('bash, zsh, fish'),
    });
  });
});
