/** A bare NATS responder for the same messages: answers what it was given at its start, and looks at nothing. */
import { QUEUE_GROUPS, VERIFY_BATCH_SUBJECT, VERIFY_SUBJECT } from '@mcpstack/contracts';
import { connect } from '@nats-io/transport-node';

const [servers = '', reply = '{}'] = process.argv.slice(2);
const nats = await connect({ servers });
const queue = QUEUE_GROUPS.authorizer;
const single = Buffer.from(reply);

nats.subscribe(VERIFY_SUBJECT, { queue, callback: (_, message) => void message.respond(single) });

/** By the length of the question: how many it holds is counted once for each length. */
const batches = new Map<number, Uint8Array>();
nats.subscribe(VERIFY_BATCH_SUBJECT, {
  queue,
  callback: (_, message) => {
    let answer = batches.get(message.data.length);
    if (!answer) {
      const count = message.string().split('"digest"').length - 1;
      answer = Buffer.from(`{"replies":[${Array.from({ length: count }, () => reply).join()}]}`);
      batches.set(message.data.length, answer);
    }
    message.respond(answer);
  },
});
await nats.flush();
process.stdout.write('ready\n');
