import { nameProblem } from './names.ts';
import { makeToken } from './token.ts';

describe('names', () => {
  it.each(['a', 'automation-bot', 'CI / smoke (prod)', 'Zürich 東京 👩‍💻', 'x'.repeat(100), '😀'.repeat(100)])(
    'takes %p',
    (name) => expect(nameProblem(name)).toBeUndefined(),
  );

  it.each<[unknown, RegExp]>([
    [undefined, /string/],
    [7, /string/],
    [['a'], /string/],
    ['', /empty/],
    [' ', /white space/],
    [' a', /white space/],
    ['a\u00a0', /white space/],
    ['x'.repeat(101), /at most 100/],
    ['😀'.repeat(101), /at most 100/],
    ['x'.repeat(10_000), /at most 100/],
    ['a\u0000b', /control/],
    ['a\nb', /control/],
    ['a\u007fb', /control/],
    ['a\u2028b', /control/],
    ['a\u202eb', /bidirectional/],
    ['a\ud800b', /surrogate/],
    ['\udc00', /surrogate/],
    [`my ${makeToken('service')}`, /key/],
    [makeToken('publishable', 'acme').slice(0, -1), /key/],
  ])('refuses %p', (name, why) => expect(nameProblem(name)).toMatch(why));
});
