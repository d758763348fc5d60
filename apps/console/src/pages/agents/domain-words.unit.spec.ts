import { differenceOf, domainProblem, situationOf } from './domain-words.ts';

const EXPECTED = 'mcpstack-verify=0aB0aB0aB0aB0aB0aB0aB0aB0aB0aB0aB0aB0aB0aB0';

describe('what differs in a record', () => {
  it.each([
    [` ${EXPECTED} `, /^This is the value/],
    [`"${EXPECTED}"`, /quotes or spaces/],
    [EXPECTED.replace('=', '= '), /quotes or spaces/],
    [EXPECTED.toUpperCase(), /Capital and small/],
    [EXPECTED.slice(0, -7), /last 7 characters/],
    [`${EXPECTED};more`, /More stands behind/],
    ['mcpstack-verify=another', /another value/],
    ['', /another value/],
  ])('%s', (found, words) => {
    expect(differenceOf(found, EXPECTED)).toMatch(words);
  });
});

describe('a domain as it is typed', () => {
  it.each(['example.com', 'App.Example.com', 'bücher.example'])('%s is left to the API', (text) => {
    expect(domainProblem(text)).toBeUndefined();
  });

  it.each([
    ['', /Name a domain/],
    ['https://example.com/shop', /^Only the name: example\.com$/],
    ['example.com/', /^Only the name: example\.com$/],
    ['example.com:8443', /^Only the name: example\.com$/],
    ['*.example.com', /leave out the star/],
    ['exam ple.com', /white space/],
    ['localhost', /whole/],
  ])('%s', (text, words) => {
    expect(domainProblem(text)).toMatch(words);
  });
});

it('a domain that is pending because somebody else has proven it says so', () => {
  const domain = { state: 'pending', contestedAt: '2030-01-01T00:00:00.000Z' } as const;
  expect(situationOf(domain)).toBe('contested');
  expect(situationOf({ state: 'pending' })).toBe('pending');
  // Proven again since.
  expect(situationOf({ ...domain, state: 'verified' })).toBe('verified');
});
