import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const room = join(import.meta.dirname, '..');
const documentPath = join(room, '..', '..', 'docs', 'openapi.json');
const schemaPath = join(room, 'src', 'schema.ts');

/** As `npm run openapi` makes it, in a process of its own. */
function check(document: string): { status: number | null; stderr: string } {
  const script = join(room, 'write-schema.mjs');
  const env = { ...process.env, NODE_OPTIONS: '' };
  return spawnSync(process.execPath, [script, '--check', document, schemaPath], {
    encoding: 'utf8',
    timeout: 60_000,
    env,
  });
}

describe('src/schema.ts', () => {
  it('is what the OpenAPI document says', () => {
    expect(check(documentPath)).toMatchObject({ status: 0, stderr: '' });
  });

  it('control: a document with one more field is noticed', () => {
    const folder = mkdtempSync(join(tmpdir(), 'mcpstack-schema-'));
    try {
      const document = JSON.parse(readFileSync(documentPath, 'utf8')) as {
        components: { schemas: Record<string, { properties: Record<string, unknown> }> };
      };
      document.components.schemas['AgentAnswer']!.properties['colour'] = { type: 'string' };
      const changed = join(folder, 'openapi.json');
      writeFileSync(changed, JSON.stringify(document));
      const { status, stderr } = check(changed);
      expect([status, stderr]).toEqual([1, expect.stringContaining('npm run openapi')]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
