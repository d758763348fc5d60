import { batches } from './batches.ts';

async function* numbers(count: number, onPull?: (n: number) => void): AsyncGenerator<number> {
  for (let n = 0; n < count; n += 1) {
    onPull?.(n);
    yield await Promise.resolve(n);
  }
}

describe('batches', () => {
  it('keep all items in order, and never exceed their size', async () => {
    const seen: number[] = [];
    for await (const batch of batches(numbers(1_000), 64)) {
      expect(batch.length).toBeLessThanOrEqual(64);
      seen.push(...batch);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(seen).toEqual(Array.from({ length: 1_000 }, (_, n) => n));
  });

  it('hold the source back while the consumer is slow', async () => {
    let pulled = 0;
    for await (const batch of batches(
      numbers(10_000, (n) => (pulled = n)),
      10,
    )) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      expect(pulled).toBeLessThanOrEqual(batch.at(-1)! + 12);
      if (batch[0]! > 50) break;
    }
  });

  it('do not wait to fill', async () => {
    let release!: () => void;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const source = async function* (): AsyncGenerator<number> {
      yield 1;
      await gate;
      yield 2;
    };
    const iterator = batches(source(), 100);
    expect(await iterator.next()).toMatchObject({ value: [1] });
    release();
    expect(await iterator.next()).toMatchObject({ value: [2] });
    expect(await iterator.next()).toMatchObject({ done: true });
  });

  it("throw the source's error after what came before it", async () => {
    const source = async function* (): AsyncGenerator<number> {
      yield 1;
      await Promise.resolve();
      throw new Error('broken');
    };
    const iterator = batches(source(), 100);
    expect(await iterator.next()).toMatchObject({ value: [1] });
    await expect(iterator.next()).rejects.toThrow('broken');
  });
});
