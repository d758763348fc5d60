/** The setting that names name servers. */
import { isIP } from 'node:net';

/** The entries of `DNS_SERVERS`; `undefined` stands for those of the machine. */
export function dnsServers({ DNS_SERVERS }: { DNS_SERVERS?: string | undefined }): string[] | undefined {
  return DNS_SERVERS?.split(',').map((server) => server.trim());
}

/** Whether the text is a list of addresses, each with a port if need be. */
export function isServerList(value: string): boolean {
  const servers = value.split(',').map((server) => server.trim());
  return servers.length <= 8 && servers.every((server) => isServer(server));
}

/** `192.0.2.1`, `192.0.2.1:5353`, `2001:db8::1` or `[2001:db8::1]:5353`. */
function isServer(server: string): boolean {
  if (isIP(server) !== 0) return true;
  const { address = '', port = '' } =
    /^(?:\[(?<address>[^\]]+)\]|(?<address4>[^:]+)):(?<port>\d{1,5})$/.exec(server)?.groups ?? {};
  const host = address || server.split(':')[0]!;
  return isIP(host) !== 0 && Number(port) >= 1 && Number(port) <= 65_535;
}
