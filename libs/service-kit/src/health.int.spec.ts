import { connect } from 'node:net';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Health, healthAdapter, HealthController } from './health.ts';

@Module({ controllers: [HealthController], providers: [Health] })
class HealthModule {}

async function serve(adapter = healthAdapter()): Promise<{ app: NestFastifyApplication; url: string }> {
  const app = await NestFactory.create<NestFastifyApplication>(HealthModule, adapter, { logger: false });
  await app.listen(0, '127.0.0.1');
  return { app, url: await app.getUrl() };
}

describe('health', () => {
  it('live is 200; ready is 200 or 503 with the reasons; a check that hangs or throws is a reason', async () => {
    const { app, url } = await serve();
    const health = app.get(Health);
    const ready = async (): Promise<[number, unknown]> => {
      const response = await fetch(`${url}/health/ready`);
      return [response.status, await response.json()];
    };
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
    expect(await ready()).toEqual([200, { status: 'ready', checks: {} }]);
    health.register('log', () => Promise.reject(new Error('away')));
    health.register('redis', () => new Promise(() => undefined));
    health.register('nats', () => undefined);
    const checks = { log: 'away', redis: 'no answer within 2000 ms', nats: 'ok' };
    expect(await ready()).toEqual([503, { status: 'not-ready', checks }]);
    health.stop();
    expect(await ready()).toMatchObject([503, { checks: { process: 'stopping' } }]);
    await app.close();
  });

  /** Whether the server closes while a client is connected that says nothing. */
  async function closesBesideSilence(adapter: FastifyAdapter): Promise<boolean> {
    const { app, url } = await serve(adapter);
    const silent = connect(Number(new URL(url).port), '127.0.0.1');
    await new Promise((resolve) => silent.once('connect', resolve));
    await fetch(`${url}/health/live`);
    const closing = app.close().then(() => true);
    const late = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 1_000));
    const closed = await Promise.race([closing, late]);
    silent.destroy();
    await closing;
    return closed;
  }

  it('a silent client does not hold up the stop', async () => {
    expect(await closesBesideSilence(healthAdapter())).toBe(true);
  });

  it('control: it would, with the adapter as it comes', async () => {
    expect(await closesBesideSilence(new FastifyAdapter())).toBe(false);
  });
});
