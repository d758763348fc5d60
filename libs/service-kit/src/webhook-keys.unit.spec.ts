/** G1: secrets of webhooks are made anew wherever they are needed, and stored nowhere. */
import { createHmac, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readWebhookKeys, WebhookKeys } from './webhook-keys.ts';

const name = { webhookId: 'whk_1', version: 1, keyVersion: 1 };
const [first, second] = [randomBytes(32), randomBytes(32)];
const keys = new WebhookKeys(2, { 1: first, 2: second });

describe('secrets of webhooks', () => {
  it('are whsec_ and 24 to 64 bytes in base64, the same every time', () => {
    const secret = keys.secret(name);
    expect(secret).toMatch(/^whsec_[0-9A-Za-z+/]{43}=$/);
    expect(new WebhookKeys(1, { 1: first }).secret(name)).toBe(secret);
  });

  it('differ by webhook, version and master key', () => {
    const names = [
      name,
      { ...name, webhookId: 'whk_2' },
      { ...name, version: 2 },
      { ...name, keyVersion: 2 },
    ];
    // Where the id ends and the version begins is part of it.
    const close = [
      { ...name, webhookId: 'whk_1', version: 11 },
      { ...name, webhookId: 'whk_11', version: 1 },
    ];
    const all = [...names, ...close].map((one) => keys.secret(one));
    expect(new Set(all).size).toBe(all.length);
  });

  it('sign id, time and body with what is shown', () => {
    const bytes = Buffer.from(keys.secret(name).slice('whsec_'.length), 'base64');
    const expected = createHmac('sha256', bytes).update('msg_1.1700000000.{"a":1}').digest('base64');
    expect(keys.sign(name, { id: 'msg_1', timestampS: 1_700_000_000, body: '{"a":1}' })).toBe(
      `v1,${expected}`,
    );
  });

  it('of a master key that is gone are told as what they are', () => {
    expect(keys.knows(3)).toBe(false);
    expect(() => keys.secret({ ...name, keyVersion: 3 })).toThrow(/has no key of version 3 any more/);
  });

  it('come from a file of the form of the peppers', () => {
    const folder = mkdtempSync(join(tmpdir(), 'webhook-keys-'));
    const file = join(folder, 'keys.json');
    try {
      writeFileSync(file, JSON.stringify({ current: 1, keys: { 1: first.toString('base64') } }));
      expect(readWebhookKeys(file).secret(name)).toBe(keys.secret(name));
      writeFileSync(file, JSON.stringify({ current: 1, peppers: { 1: first.toString('base64') } }));
      expect(() => readWebhookKeys(file)).toThrow(/^WEBHOOK_KEY_FILE is not of the form .*make one with/);
      expect(() => readWebhookKeys(join(folder, 'none'))).toThrow(/issuance and the webhooks service share/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
