import fc from 'fast-check';
import { browserLabel } from './browser-label.ts';

describe('what a session is called', () => {
  it.each([
    ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox on Linux'],
    [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
      'Chrome on Windows',
    ],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1',
      'Safari on iOS',
    ],
    ['', 'a browser'],
    [undefined, 'a browser'],
    ['x'.repeat(513), 'a browser'],
  ])('%s', (header, label) => {
    expect(browserLabel(header)).toBe(label);
  });

  it('is short and plain, whatever the header says', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 600 }), (header) => {
        expect(browserLabel(header)).toMatch(/^[A-Za-z0-9 ._+-]{1,90}$/);
      }),
    );
  });
});
