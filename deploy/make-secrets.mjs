// Makes what the services need to find on their first start, and leaves alone what is there:
// the pepper of key digests, the key that signs the log, the master key of the secrets of webhooks, and a file of local
// users that is still empty.
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';

const { PEPPER_FILE, CHECKPOINT_KEY_FILE, WEBHOOK_KEY_FILE, LOCAL_LOGIN_FILE } = process.env;

function make(path, content) {
  try {
    writeFileSync(path, content, { mode: 0o600, flag: 'wx' });
    console.log(`made ${path}`);
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    console.log(`found ${path}`);
  }
}

const secret = () => randomBytes(32).toString('base64');
make(PEPPER_FILE, `${JSON.stringify({ current: 1, peppers: { 1: secret() } })}\n`);
make(CHECKPOINT_KEY_FILE, `${JSON.stringify({ keys: [{ name: 'first', private: secret() }] })}\n`);
make(WEBHOOK_KEY_FILE, `${JSON.stringify({ current: 1, keys: { 1: secret() } })}\n`);
make(LOCAL_LOGIN_FILE, '{"users":[]}\n');
