import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '@mcpstack/local-servers';
import type { Locked } from './licences.ts';
import { weaknesses, type AuditReport } from './weaknesses.ts';

const lock = JSON.parse(readFileSync(join(repositoryRoot(), 'package-lock.json'), 'utf8')) as {
  packages: Record<string, Locked>;
};
const of = (name: string, severity = 'high'): AuditReport => ({
  vulnerabilities: {
    [name]: { severity, nodes: [`node_modules/${name}`], via: [{ title: 'it is weak' }, 'another'] },
  },
});

it.each(['react', '@mantine/core', '@nestjs/core'])('%s is shipped: said', (name) =>
  expect(weaknesses(of(name), lock)).toEqual([`${name}: high: it is weak; by another`]),
);

it('what only builds and tests use, and what is of little weight, is not', () => {
  expect(weaknesses(of('jest'), lock)).toEqual([]);
  expect(weaknesses(of('react', 'low'), lock)).toEqual([]);
  expect(weaknesses({ vulnerabilities: {} }, lock)).toEqual([]);
});

it('no report is no answer', () => {
  expect(() => weaknesses({}, lock)).toThrow('npm audit gave no report');
});
