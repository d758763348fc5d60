/**
 * Pods as network namespaces on one bridge, with the rules that NetworkPolicies come to: what leaves a pod has to be let out
 * by its own policies, and let in by those of the other. What is refused is answered at once, where most clusters say nothing.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { installPackages } from '@mcpstack/local-servers';
import {
  selects,
  type Kubernetes,
  type Labels,
  type Peer,
  type PolicyPort,
  type PolicyRule,
} from './objects.ts';

export interface Host {
  name: string;
  address: string;
  ports: readonly number[];
  /** Those that it answers datagrams on. */
  datagramPorts?: readonly number[];
  /** Absent: no pod, just an address. */
  namespace?: string;
  labels?: Labels;
  /** Of the namespace, beside its name. */
  namespaceLabels?: Labels;
}

const run = (command: string, args: readonly string[], input = ''): string =>
  execFileSync(command, args, { encoding: 'utf8', input, stdio: ['pipe', 'pipe', 'pipe'] });

const works = (command: string, ...args: string[]): boolean => {
  try {
    run(command, args);
    return true;
  } catch {
    return false;
  }
};

/** Why this machine cannot emulate it, once what may be installed was. */
export async function whyNoNetwork(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'network namespaces are Linux';
  if (process.getuid?.() !== 0) return 'only root makes network namespaces';
  const isHere = () => works('ip', '-V') && works('nft', '--version');
  if (!isHere()) await installPackages(['iproute2', 'nftables']).catch(() => false);
  if (!isHere()) return 'there are no ip and nft: apt-get install iproute2 nftables';
  const name = `mcpstack-probe-${process.pid}`;
  try {
    run('ip', ['netns', 'add', name]);
    run('ip', ['-n', name, 'link', 'add', 'bridge', 'type', 'bridge']);
    run('ip', ['netns', 'exec', name, 'nft', 'add table inet probe']);
    return undefined;
  } catch {
    return 'this machine lets nobody make network namespaces, bridges or rules';
  } finally {
    works('ip', 'netns', 'del', name);
  }
}

// Told apart by what they answer: somebody else's port must not pass for a connection.
const LISTEN = `
  const { createServer } = require('node:net');
  const { createSocket } = require('node:dgram');
  const [name, ...places] = process.argv.slice(1);
  const listen = (place, done) => {
    const [port, isDatagram] = place.split('/');
    const answer = name + ':' + place;
    if (!isDatagram)
      return createServer((socket) => { socket.on('error', () => {}); socket.end(answer); }).listen(port, '0.0.0.0', done);
    const socket = createSocket('udp4').bind(Number(port), '0.0.0.0', done);
    socket.on('message', (_, from) => socket.send(answer, from.port, from.address));
  };
  Promise.all(places.map((place) => new Promise((done) => listen(place, done)))).then(() => console.log('listening'));`;
const ASK = `
  const { connect } = require('node:net');
  const { createSocket } = require('node:dgram');
  // A datagram that is not let out is refused to who sends it, one that is not let in by a message that comes back.
  const askDatagram = ({ address, port }) => new Promise((done) => {
    const socket = createSocket('udp4');
    const timer = setTimeout(() => end('silence'), 15000);
    const end = (answer) => { clearTimeout(timer); socket.close(); done(answer); };
    socket.once('message', (data) => end(String(data)));
    socket.once('error', ({ code }) => end(code === 'EPERM' ? 'ECONNREFUSED' : code));
    socket.connect(port, address, () => socket.send('?'));
  });
  const ask = ({ address, port, isDatagram }) => isDatagram ? askDatagram({ address, port }) : new Promise((done) => {
    let text = '';
    const socket = connect({ host: address, port, timeout: 15000 });
    socket.on('data', (data) => (text += data));
    socket.on('end', () => done(text));
    socket.on('timeout', () => { socket.destroy(); done('silence'); });
    socket.on('error', (error) => done(error.code));
  });
  Promise.all(JSON.parse(process.argv[1]).map(ask)).then((answers) => console.log(JSON.stringify(answers)));`;

export class PodNetwork {
  readonly #hosts: readonly Host[];
  readonly #prefix = `mcpstack-${process.pid}-`;
  readonly #listeners: ChildProcess[] = [];

  constructor(hosts: readonly Host[]) {
    this.#hosts = hosts;
  }

  async start(): Promise<void> {
    const bridge = `${this.#prefix}bridge`;
    run('ip', ['netns', 'add', bridge]);
    run('ip', ['-n', bridge, 'link', 'add', 'bridge', 'type', 'bridge']);
    run('ip', ['-n', bridge, 'link', 'set', 'bridge', 'up']);
    for (const [index, { name, address }] of this.#hosts.entries()) {
      const space = this.#spaceOf(name);
      run('ip', ['netns', 'add', space]);
      const [here, there] = [`pod${index}`, 'eth0'];
      run('ip', [
        'link',
        'add',
        here,
        'netns',
        bridge,
        'type',
        'veth',
        'peer',
        'name',
        there,
        'netns',
        space,
      ]);
      run('ip', ['-n', bridge, 'link', 'set', here, 'master', 'bridge', 'up']);
      run('ip', ['-n', space, 'address', 'add', `${address}/32`, 'dev', there]);
      run('ip', ['-n', space, 'link', 'set', there, 'up']);
      // A refusal by a pod's own rules comes back to it this way.
      run('ip', ['-n', space, 'link', 'set', 'lo', 'up']);
      // Whoever has the address answers for it, private or not.
      run('ip', ['-n', space, 'route', 'add', 'default', 'dev', there]);
    }
    await Promise.all(this.#hosts.filter(({ ports }) => ports.length > 0).map((host) => this.#listen(host)));
  }

  async #listen({ name, ports, datagramPorts = [] }: Host): Promise<void> {
    const args = [
      'netns',
      'exec',
      this.#spaceOf(name),
      process.execPath,
      '-e',
      LISTEN,
      name,
      ...ports.map(String),
      ...datagramPorts.map((port) => `${port}/udp`),
    ];
    const child = spawn('ip', args, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#listeners.push(child);
    await new Promise((resolve) => child.stdout.once('data', resolve));
  }

  /** From now on these policies hold, and no others. */
  enforce(policies: readonly Kubernetes[]): void {
    for (const host of this.#hosts)
      run('ip', ['netns', 'exec', this.#spaceOf(host.name), 'nft', '-f', '-'], this.#rulesOf(host, policies));
  }

  #rulesOf(host: Host, policies: readonly Kubernetes[]): string {
    const ofHost = policies.filter(
      ({ metadata, spec }) =>
        host.namespace === metadata.namespace && selects(spec!.podSelector?.matchLabels ?? {}, host.labels),
    );
    const chain = (
      hook: string,
      type: string,
      rules: (policy: Kubernetes) => PolicyRule[],
      field: string,
    ) => {
      const ruling = ofHost.filter(({ spec }) => spec!.policyTypes!.includes(type));
      const lines = ruling.flatMap((policy) =>
        rules(policy).flatMap((rule) => this.#linesOf(rule, field, policy.metadata.namespace)),
      );
      const shut = ruling.length > 0 ? ['meta l4proto tcp reject with tcp reset', 'reject'] : [];
      const begin = [
        `type filter hook ${hook} priority 0`,
        `${hook === 'input' ? 'iif' : 'oif'} lo accept`,
        'ct state established,related accept',
      ];
      return `chain ${hook} { ${[...begin, ...lines, ...shut].map((line) => `${line};`).join(' ')} }\n`;
    };
    const out = chain('output', 'Egress', ({ spec }) => spec!.egress ?? [], 'daddr');
    const into = chain('input', 'Ingress', ({ spec }) => spec!.ingress ?? [], 'saddr');
    return `table inet policies {}\ndelete table inet policies\ntable inet policies {\n${out}${into}}\n`;
  }

  #linesOf({ from, to, ports }: PolicyRule, field: string, namespace: string | undefined): string[] {
    const peers = from ?? to;
    const places =
      peers === undefined ? [''] : peers.flatMap((peer) => this.#placesOf(peer, field, namespace));
    const doors = ports === undefined ? [''] : ports.map(doorOf);
    return places.flatMap((place) => doors.map((door) => `${place} ${door} accept`));
  }

  #placesOf(
    { ipBlock, namespaceSelector, podSelector }: Peer,
    field: string,
    own: string | undefined,
  ): string[] {
    if (ipBlock) {
      // The pods of this emulation have addresses of one family.
      if (ipBlock.cidr.includes(':')) return [];
      const except = ipBlock.except?.length ? `ip ${field} != { ${ipBlock.except.join(', ')} }` : '';
      return [`ip ${field} ${ipBlock.cidr} ${except}`];
    }
    return this.#hosts
      .filter(({ namespace, labels, namespaceLabels }) => {
        if (namespace === undefined || !selects(podSelector?.matchLabels, labels)) return false;
        if (!namespaceSelector) return namespace === own;
        const ofNamespace = { 'kubernetes.io/metadata.name': namespace, ...namespaceLabels };
        return selects(namespaceSelector.matchLabels, ofNamespace);
      })
      .map(({ address }) => `ip ${field} ${address}`);
  }

  /** What the host reaches of all that listens, as `name:port` or `name:port/udp`, and what answers something else than yes or no. */
  reachable(name: string): { reached: string[]; strange: string[] } {
    const asked = this.#hosts
      .filter((host) => host.name !== name)
      .flatMap(({ name: host, address, ports, datagramPorts = [] }) => [
        ...ports.map((port) => ({ place: `${host}:${port}`, address, port })),
        ...datagramPorts.map((port) => ({ place: `${host}:${port}/udp`, address, port, isDatagram: true })),
      ]);
    const places = JSON.stringify(asked);
    const args = ['netns', 'exec', this.#spaceOf(name), process.execPath, '-e', ASK, places];
    const answers = JSON.parse(run('ip', args)) as string[];
    const reached = asked.map(({ place }) => place).filter((place, i) => answers[i] === place);
    const strange = answers.filter((answer) => !reached.includes(answer) && answer !== 'ECONNREFUSED');
    return { reached, strange };
  }

  stop(): void {
    for (const child of this.#listeners) child.kill('SIGKILL');
    for (const name of ['bridge', ...this.#hosts.map((host) => host.name)])
      works('ip', 'netns', 'del', `${this.#prefix}${name}`);
  }

  #spaceOf = (name: string): string => `${this.#prefix}${name}`;
}

function doorOf({ protocol = 'TCP', port, endPort }: PolicyPort): string {
  const range = endPort === undefined ? `${port}` : `${port}-${endPort}`;
  return `${protocol.toLowerCase()} dport ${range}`;
}
