/** A name server of our own: real messages over UDP, with answers that a spec sets. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import packet, { type Answer, type DecodedPacket, type StringAnswer, type TxtAnswer } from 'dns-packet';

const NO_SUCH_NAME = 3;
const SERVER_FAILURE = 2;

/** `silent` never answers. */
export type DnsRecords = string[] | 'servfail' | 'silent';
type RecordType = 'A' | 'AAAA' | 'TXT' | 'CNAME';

export class DnsServer {
  /** Each question that came in, as `A example.com`. */
  readonly questions: string[] = [];
  readonly #records = new Map<string, (timesAsked: number) => DnsRecords>();
  readonly #texts = new Map<string, string[][]>();

  private constructor(private readonly socket: Socket) {
    socket.on('message', (message, sender) => {
      const reply = this.#answer(packet.decode(message));
      if (reply) socket.send(reply, sender.port, sender.address);
    });
  }

  static async start(): Promise<DnsServer> {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new DnsServer(socket);
  }

  /** As a setting. */
  get address(): string {
    return `127.0.0.1:${this.socket.address().port}`;
  }

  /** What is answered; a function is given how often it was asked before. */
  set(type: RecordType, name: string, records: DnsRecords | ((timesAsked: number) => DnsRecords)): void {
    this.#records.set(`${type} ${name}`, typeof records === 'function' ? records : () => records);
  }

  /** TXT values, each made of several strings. */
  setTexts(name: string, values: string[][]): void {
    this.#texts.set(name, values);
    this.set('TXT', name, []);
  }

  clear(): void {
    this.questions.length = 0;
    this.#records.clear();
    this.#texts.clear();
  }

  asked(type: RecordType, name: string): number {
    return this.questions.filter((question) => question === `${type} ${name}`).length;
  }

  async stop(): Promise<void> {
    this.socket.close();
    await once(this.socket, 'close');
  }

  #answer({ id, questions = [] }: DecodedPacket): Buffer | undefined {
    const { type, name } = questions[0]!;
    const question = `${type} ${name.toLowerCase()}`;
    const records = this.#records.get(question)?.(this.asked(type as RecordType, name.toLowerCase()));
    this.questions.push(question);
    if (records === 'silent') return undefined;
    const isKnown = [...this.#records.keys()].some((key) => key.endsWith(` ${name.toLowerCase()}`));
    const code = records === 'servfail' ? SERVER_FAILURE : isKnown ? 0 : NO_SUCH_NAME;
    return packet.encode({
      type: 'response',
      id: id ?? 0,
      flags: packet.AUTHORITATIVE_ANSWER | packet.RECURSION_AVAILABLE | code,
      questions,
      answers: code === 0 ? this.#answers(type as RecordType, name, records ?? []) : [],
    });
  }

  #answers(type: RecordType, name: string, records: DnsRecords): Answer[] {
    // A time to live of 0: whoever asks again is answered anew.
    if (type === 'TXT') {
      const values = this.#texts.get(name.toLowerCase()) ?? [records].flat().map((value) => [value]);
      return values.map((data): TxtAnswer => ({ type, name, ttl: 0, data }));
    }
    return [records].flat().map((data): StringAnswer => ({ type, name, ttl: 0, data }));
  }
}
