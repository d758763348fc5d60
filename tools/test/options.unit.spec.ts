import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const startScript = join(import.meta.dirname, '..', 'start.mjs');
const run = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [startScript, ...args], {
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
};

describe('the options of npm start', () => {
  it('are explained by --help at once', () => {
    const { status, stdout } = run('--help');
    expect(status).toBe(0);
    for (const option of ['--check', '--data DIR', '--port N', '--authorizers N']) {
      expect(stdout).toContain(option);
    }
  });

  it.each([
    [['--port', '0'], '--port must be a number from 1 to 65535.'],
    [['--port', '8o80'], '--port must be a number from 1 to 65535.'],
    [['--port', '70000'], '--port must be a number from 1 to 65535.'],
    [['--authorizers', '0'], '--authorizers must be a number from 1 to 64.'],
    [['--data', ''], '--data needs the path of a folder.'],
    [['--prot', '80'], "Unknown option '--prot': see npm start -- --help."],
    [['here'], "Unexpected argument 'here'"],
  ])('refuse %j with one sentence before anything is installed', (args, sentence) => {
    const { status, stdout, stderr } = run(...args);
    expect(status).toBe(1);
    expect(stdout).toBe('');
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toContain(sentence);
  });

  it('a Node that is too old is named with the one that is needed', async () => {
    const path = '../bootstrap.mjs';
    const { nodeProblem } = (await import(path)) as { nodeProblem: (version?: string) => string | undefined };
    expect(nodeProblem('18.20.4')).toBe(
      'Node 20.19 or newer is needed and this is 18.20.4: install a newer Node.',
    );
    expect(nodeProblem('20.18.3')).toContain('20.19');
    expect(nodeProblem('20.19.0')).toBeUndefined();
    expect(nodeProblem('24.1.0')).toBeUndefined();
    expect(nodeProblem()).toBeUndefined();
  });
});
