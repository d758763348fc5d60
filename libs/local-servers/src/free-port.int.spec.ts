import { freePort } from './free-port.ts';

const COUNT = 400;
const ports = async (worker: string | undefined): Promise<number[]> => {
  const own = process.env['JEST_WORKER_ID'];
  if (worker === undefined) delete process.env['JEST_WORKER_ID'];
  else process.env['JEST_WORKER_ID'] = worker;
  try {
    const all: number[] = [];
    for (let n = 0; n < COUNT; n += 1) all.push(await freePort());
    return all;
  } finally {
    process.env['JEST_WORKER_ID'] = own;
  }
};

it('tells no port twice, and none of another worker', async () => {
  const [first, second] = [await ports('1'), await ports('2')];
  expect(new Set([...first, ...second]).size).toBe(2 * COUNT);
  expect(Math.max(...first)).toBeLessThan(Math.min(...second));
});

it('draws from all of them where there are no workers', async () => {
  const all = await ports(undefined);
  expect(Math.max(...all) - Math.min(...all)).toBeGreaterThan(15_000);
});
