import { waitFor } from '@mcpstack/testing';
import { Alarms } from './alarms.ts';

let told: string[];
beforeEach(() => (told = []));
const alarms = (againAfterMs?: number) => new Alarms((message) => told.push(message), againAfterMs);

it('says each thing once a minute', () => {
  const minutely = alarms();
  for (let n = 0; n < 1_000; n += 1) minutely.raise('the record of key key_1 is broken');
  minutely.raise('the key key_2 is parked');
  expect(told).toEqual(['ALARM: the record of key key_1 is broken', 'ALARM: the key key_2 is parked']);
});

it('says few things a minute, however much is broken', () => {
  const minutely = alarms();
  for (let n = 0; n < 100_000; n += 1) minutely.raise(`key_${n}`);
  expect(told).toHaveLength(60);
});

it('says it again, and others, once that time is over', async () => {
  const often = alarms(100);
  for (let n = 0; n < 100; n += 1) often.raise(`key_${n}`);
  for (const again of ['key_1', 'key_99'])
    await waitFor(
      () => {
        often.raise(again);
        return told.lastIndexOf(`ALARM: ${again}`) >= 60;
      },
      { what: again },
    );
});
