import { Health } from './health.ts';
import { Metrics } from './metrics.ts';

/** The lines of one metric, without help and type. */
async function linesOf(metrics: Metrics, name: string): Promise<string[]> {
  const text = await metrics.text();
  return text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
}

describe('metrics', () => {
  it('what is read at the scrape is as it stands then; each line names the part', async () => {
    const metrics = new Metrics('spec');
    let size = 3;
    metrics.gauge('mcpstack_spec_size', 'Size.', () => size);
    metrics.total('mcpstack_spec_done_total', 'Done.', () => [{ labels: { how: 'well' }, value: size }], {
      labels: ['how'],
    });
    expect(await linesOf(metrics, 'mcpstack_spec_size')).toEqual(['mcpstack_spec_size{part="spec"} 3']);
    size = 5;
    expect(await linesOf(metrics, 'mcpstack_spec_size')).toEqual(['mcpstack_spec_size{part="spec"} 5']);
    const done = await linesOf(metrics, 'mcpstack_spec_done_total');
    expect(done).toEqual(['mcpstack_spec_done_total{how="well",part="spec"} 5']);
  });

  it('what cannot be read is absent, also where it could be before, and the rest is there', async () => {
    const metrics = new Metrics('spec');
    let isBroken = false;
    const read = (): number => {
      if (isBroken) throw new Error('away');
      return 1;
    };
    metrics.gauge('mcpstack_spec_broken', 'Broken.', read);
    metrics.gauge('mcpstack_spec_unknown', 'Unknown.', () => undefined);
    metrics.gauge('mcpstack_spec_late', 'Late.', () => Promise.reject(new Error('away')));
    expect(await linesOf(metrics, 'mcpstack_spec_broken')).toHaveLength(1);
    isBroken = true;
    for (const name of ['broken', 'unknown', 'late'])
      expect(await linesOf(metrics, `mcpstack_spec_${name}`)).toEqual([]);
    expect(await linesOf(metrics, 'mcpstack_build_info')).toHaveLength(1);
    expect(await linesOf(metrics, 'process_resident_memory_bytes')).toHaveLength(1);
  });

  it('health and connections, one line each; one that is not needed now has none', async () => {
    const metrics = new Metrics('spec');
    const health = new Health();
    health.register('good', () => undefined);
    health.register('bad', () => 'for a reason that stands in /health/ready');
    metrics.health(health);
    let isUp: boolean | undefined = true;
    metrics.connection('nats', () => false);
    metrics.connection('redis', () => isUp);
    expect(await linesOf(metrics, 'mcpstack_service_check_ok')).toEqual([
      'mcpstack_service_check_ok{check="good",part="spec"} 1',
      'mcpstack_service_check_ok{check="bad",part="spec"} 0',
    ]);
    expect(await linesOf(metrics, 'mcpstack_service_connection_up')).toEqual([
      'mcpstack_service_connection_up{to="nats",part="spec"} 0',
      'mcpstack_service_connection_up{to="redis",part="spec"} 1',
    ]);
    isUp = undefined;
    expect(await linesOf(metrics, 'mcpstack_service_connection_up')).toHaveLength(1);
  });
});
