import { emailProblem, nameProblem } from './names.ts';
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

describe('e-mail addresses', () => {
  it.each([
    'ada@example.com',
    'ada+keys@mail.example.co.uk',
    'owner@localhost',
    'ops@intranet',
    'zoë@münchen.example',
    `${'a'.repeat(64)}@example.com`,
  ])('takes %p', (email) => expect(emailProblem(email)).toBeUndefined());

  it.each<[unknown, RegExp]>([
    [undefined, /string/],
    [['ada@example.com'], /string/],
    ['', /address/],
    ['ada', /address/],
    ['ada@', /address/],
    ['@example.com', /address/],
    ['a@b@example.com', /address/],
    ['ada@example.', /address/],
    ['ada@.com', /address/],
    ['ada@example..com', /address/],
    [`${'a'.repeat(65)}@example.com`, /address/],
    ['ada @example.com', /white space/],
    ['ada@example.com\r\nBcc: x@example.com', /white space/],
    ['Ada <ada@example.com>', /brackets|white space/],
    ['ada@exa\u202emple.com', /white space/],
    [`ada@${'x'.repeat(251)}`, /at most 254/],
  ])('refuses %p', (email, why) => expect(emailProblem(email)).toMatch(why));
});
