import { urlOf } from './sentinels.ts';

it.each([
  ['redis://old:6379', '10.0.0.1:6380', 'redis://10.0.0.1:6380'],
  ['rediss://name:p%40ss@old/2', 'new:6379', 'rediss://name:p%40ss@new:6379/2'],
  ['redis://:secret@old:6379', '[::1]:6379', 'redis://:secret@[::1]:6379'],
])('%s at %s is %s: scheme, credentials and database stay', (url, address, primary) => {
  expect(urlOf(url, address)).toBe(primary);
});
