import { EventStoreUrlError } from '../errors.ts';
import { parseKurrentDbUrl } from './url.ts';

function refusalOf(url: string): string {
  try {
    parseKurrentDbUrl(url);
  } catch (error) {
    expect(error).toBeInstanceOf(EventStoreUrlError);
    return (error as Error).message;
  }
  throw new Error(`${url} was taken`);
}

describe('the URL of a KurrentDB', () => {
  it.each([
    ['esdb://db:2113?tls=false', 'kurrentdb://db:2113', 'tls=false'],
    ['kurrentdb://db', 'kurrentdb://db', 'keepAliveInterval=10000&keepAliveTimeout=5000'],
    ['kurrentdb://a:1,b:2,c:3/?nodePreference=leader', 'kurrentdb://a:1,b:2,c:3', 'nodePreference=leader'],
    ['kurrentdb+discover://cluster.local', 'kurrentdb+discover://cluster.local', ''],
    ['kurrentdb://[::1]:2113?TLS=false', 'kurrentdb://[::1]:2113', 'tls=false'],
  ])('%s', (url, shown, option) => {
    const parsed = parseKurrentDbUrl(url);
    expect(parsed.shown).toBe(shown);
    expect(parsed.connectionString.startsWith('kurrentdb')).toBe(true);
    expect(parsed.connectionString).toContain(option);
  });

  it('hands credentials to the client and never shows them', () => {
    const { connectionString, shown } = parseKurrentDbUrl('kurrentdb://log:s%40cret@db:2113', {
      name: 'projection 1',
    });
    expect(connectionString).toContain('log:s%40cret@db:2113');
    expect(connectionString).toContain('connectionName=projection%201');
    expect(shown).toBe('kurrentdb://db:2113');
  });

  it('drops credentials where there is no TLS to send them over', () => {
    const { connectionString } = parseKurrentDbUrl('kurrentdb://log:hunter2@db?tls=false');
    expect(connectionString).not.toContain('hunter2');
  });

  it.each([
    ['kurrentdb://', 'no kurrentdb://host:port'],
    ['kurrentdb://db:99999', 'port is above 65535'],
    ['kurrentdb://db:port', 'host in it cannot be read'],
    ['kurrentdb://d b', 'host in it cannot be read'],
    ['kurrentdb://db?tls=maybe', 'tls is true or false'],
    ['kurrentdb://db?tls', 'tls is true or false'],
    ['kurrentdb://db?throwOnAppendFailure=false', 'an option is none of'],
    ['kurrentdb://db?keepAliveInterval=500', 'keepAliveInterval is at least 10000'],
    ['kurrentdb://db?nodePreference=follower', 'nodePreference is leader'],
  ])('refuses %s with one sentence', (url, why) => {
    const message = refusalOf(url);
    expect(message).toContain(why);
    expect(message).toContain('write kurrentdb://');
    expect(message).not.toContain('\n');
  });

  it('G1: a refusal never repeats what may be a secret', () => {
    for (const url of [
      'kurrentdb://log:hunter2:x@db',
      'kurrentdb://log:hunter2%zz@db',
      'kurrentdb://log:hunter2@d b',
      'kurrentdb://db?hunter2=true',
      'kurrentdb://log:hunter2@db@other',
      'kurrentdb://log:hunter2@db:port',
      'kurrentdb://loghunter2@db',
    ]) {
      expect(refusalOf(url)).not.toContain('hunter2');
    }
  });
});
