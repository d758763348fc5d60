import { readTraceparent, traceparentOf } from './trace-context.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

it('reads what it writes', () => {
  for (const isSampled of [true, false]) {
    const place = { traceId: TRACE, spanId: SPAN, isSampled };
    expect(readTraceparent(traceparentOf(place))).toEqual(place);
  }
});

it('reads a later version, whose fields may go on, and flags that it does not know', () => {
  const place = { traceId: TRACE, spanId: SPAN, isSampled: true };
  expect(readTraceparent(`01-${TRACE}-${SPAN}-01-more`)).toEqual(place);
  expect(readTraceparent(`00-${TRACE}-${SPAN}-03`)).toEqual(place);
  expect(readTraceparent(`00-${TRACE}-${SPAN}-02`)).toEqual({ ...place, isSampled: false });
});

it.each([
  undefined,
  [`00-${TRACE}-${SPAN}-01`],
  '',
  `ff-${TRACE}-${SPAN}-01`,
  `00-${TRACE}-${SPAN}-01-more`,
  `00-${TRACE.toUpperCase()}-${SPAN}-01`,
  `00-${'0'.repeat(32)}-${SPAN}-01`,
  `00-${TRACE}-${'0'.repeat(16)}-01`,
  `00-${TRACE}-${SPAN}`,
  `00-${TRACE}-${SPAN}-1`,
  ` 00-${TRACE}-${SPAN}-01`,
])('takes %j for none', (header) => {
  expect(readTraceparent(header)).toBeUndefined();
});
