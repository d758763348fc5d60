import { hostOf, originProblem } from './origins.ts';

const AT = { domains: ['example.com'], development: false };

describe('an origin as it is typed', () => {
  it.each([
    'https://example.com',
    'https://app.example.com',
    'https://app.example.com:8443',
    'HTTPS://App.Example.com',
  ])('%s is fine', (text) => {
    expect(originProblem(text, AT)).toBeUndefined();
  });

  it.each([
    ['', /^Name an origin/],
    ['app.example.com', /^Begin with the scheme: https:\/\/app\.example\.com$/],
    ['https://', /no address/],
    ['https://app.example.com/', /no slash at the end: https:\/\/app\.example\.com$/],
    ['https://app.example.com/shop?a=1#b', /Only scheme, host and port.*: https:\/\/app\.example\.com$/],
    ['https://ada:secret@app.example.com', /Only scheme, host and port/],
    ['http://app.example.com', /^Begin with https:\/\/: https:\/\/app\.example\.com$/],
    ['https://*.example.com', /no wildcards/],
    ['https://app. example.com', /white space/],
    ['http://localhost:3000', /development keys only/],
    ['https://example.com.evil.net', /^example\.com\.evil\.net is under no verified domain.*: example\.com$/],
    ['https://notexample.com', /under no verified domain/],
  ])('%s', (text, words) => {
    expect(originProblem(text, AT)).toMatch(words);
  });

  it("this machine's own pages are for development keys, over http too, and under no domain", () => {
    for (const origin of ['http://localhost:3000', 'http://127.0.0.1', 'https://[::1]:8443'])
      expect(originProblem(origin, { domains: [], development: true })).toBeUndefined();
    expect(originProblem('https://app.example.com', { domains: [], development: true })).toMatch(
      /verified yet/,
    );
  });

  it('while the domains are not known, the API has the word', () => {
    expect(originProblem('https://app.example.com', { ...AT, domains: undefined })).toBeUndefined();
  });
});

it('the host of an origin, which stands or falls with a domain', () => {
  expect(hostOf('https://app.example.com:8443')).toBe('app.example.com');
  expect(hostOf('http://localhost:3000')).toBeUndefined();
});
