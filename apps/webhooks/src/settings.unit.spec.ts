import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '@mcpstack/service-kit';
import { readSettings } from './settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'webhook-settings-'));
const WEBHOOK_KEY_FILE = join(folder, 'keys.json');
const keys = { 1: Buffer.alloc(32, 1).toString('base64') };
writeFileSync(WEBHOOK_KEY_FILE, JSON.stringify({ current: 1, keys }));
afterAll(() => rmSync(folder, { recursive: true }));

const NEEDED = {
  NATS_URL: 'nats://127.0.0.1:4222',
  REDIS_URL: 'redis://127.0.0.1:6379',
  WEBHOOK_KEY_FILE,
};

describe('settings', () => {
  it('are safe by default', () => {
    expect(readSettings(NEEDED)).toMatchObject({
      WEBHOOK_ALLOW_PRIVATE: 'false',
      WEBHOOK_TIMEOUT_MS: 15_000,
      WEBHOOK_DISABLE_AFTER_MS: 432_000_000,
    });
  });

  it('that open a way into private networks are refused in production', () => {
    const open = { ...NEEDED, WEBHOOK_ALLOW_PRIVATE: 'true' };
    expect(() => readSettings({ ...open, NODE_ENV: 'test' })).not.toThrow();
    expect(() => readSettings({ ...open, NODE_ENV: 'production' })).toThrow(
      new ConfigError(['WEBHOOK_ALLOW_PRIVATE is for tests and local use: unset it in production.']),
    );
  });

  it('say what is missing', () => {
    const { WEBHOOK_KEY_FILE: _, ...rest } = NEEDED;
    expect(() => readSettings(rest)).toThrow('WEBHOOK_KEY_FILE is not set: write the path of the file.');
  });
});
