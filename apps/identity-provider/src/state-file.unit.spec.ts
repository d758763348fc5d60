import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { Log } from '@mcpstack/service-kit';
import { StateFile } from './state-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'mcpstack-state-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => jest.restoreAllMocks());

let written = '';
const log = new Log('spec', 'debug', { write: (line: string) => void (written += line) });
let number = 0;
const newPath = (): string => join(folder, `${(number += 1)}.json`);

describe('what is under way', () => {
  it('is found by its id and by its uid, of its kind alone, now and after it was opened again', async () => {
    const path = newPath();
    const before = await StateFile.open(path, log);
    await before.adapter('Session').upsert('a', { uid: 'u', accountId: 'x' }, 60);
    for (const state of [before, await StateFile.open(path, log)]) {
      const sessions = state.adapter('Session');
      expect(await sessions.find('a')).toEqual({ uid: 'u', accountId: 'x' });
      expect(await sessions.findByUid('u')).toEqual({ uid: 'u', accountId: 'x' });
      expect(await sessions.find('b')).toBeUndefined();
      expect(await state.adapter('Interaction').find('a')).toBeUndefined();
      expect(await state.adapter('Interaction').findByUid('u')).toBeUndefined();
    }
  });

  it('ends by the clock, and then leaves the file', async () => {
    const path = newPath();
    const state = await StateFile.open(path, log);
    const codes = state.adapter('AuthorizationCode');
    await codes.upsert('short', { grantId: 'g' }, 1);
    await codes.upsert('long', { grantId: 'g' }, 60);
    const nowMs = Date.now();
    jest.spyOn(Date, 'now').mockImplementation(() => nowMs + 2_000);
    expect(await codes.find('short')).toBeUndefined();
    expect(await codes.find('long')).toBeDefined();
    await codes.upsert('next', {}, 60);
    expect(readFileSync(path, 'utf8')).not.toContain('short');
  });

  it('is marked as used, and taken away, alone or with all of one grant', async () => {
    const state = await StateFile.open(newPath(), log);
    const codes = state.adapter('AuthorizationCode');
    for (const [id, grantId] of [
      ['a', 'g'],
      ['b', 'g'],
      ['c', 'other'],
    ] as const)
      await codes.upsert(id, { grantId }, 60);
    await codes.consume('a');
    expect(await codes.find('a')).toMatchObject({ consumed: expect.any(Number) as number });
    await codes.destroy('a');
    await codes.revokeByGrantId('g');
    expect([await codes.find('a'), await codes.find('b')]).toEqual([undefined, undefined]);
    expect(await codes.find('c')).toBeDefined();
  });

  it('is bounded: the oldest make way', async () => {
    const state = await StateFile.open(newPath(), log);
    const sessions = state.adapter('Session');
    await Promise.all(Array.from({ length: 5_003 }, (_, at) => sessions.upsert(`${at}`, {}, 60)));
    expect(await sessions.find('2')).toBeUndefined();
    expect(await sessions.find('3')).toBeDefined();
    expect(await sessions.find('5002')).toBeDefined();
  });

  it('stands in the file once a change is answered, however many come at once', async () => {
    const path = newPath();
    const state = await StateFile.open(path, log);
    const sessions = state.adapter('Session');
    const changes = Array.from({ length: 50 }, async (_, at) => {
      await sessions.upsert(`s${at}`, {}, 60);
      expect(readFileSync(path, 'utf8')).toContain(`"Session:s${at}"`);
    });
    await Promise.all(changes);
  });

  it('goes on in memory where the file cannot be written, and says so', async () => {
    written = '';
    const state = await StateFile.open(join(folder, 'nowhere', 'state.json'), log);
    const sessions = state.adapter('Session');
    await sessions.upsert('a', {}, 60);
    expect(await sessions.find('a')).toEqual({});
    expect(written).toContain('what is under way cannot be written');
  });

  it.each(['', '{', '[]', '{"entries":[["a"]]}'])('begins anew with a file of %j', async (text) => {
    const path = newPath();
    writeFileSync(path, text);
    written = '';
    const state = await StateFile.open(path, log);
    await state.adapter('Session').upsert('a', {}, 60);
    expect(written).toContain('begins anew');
  });
});
