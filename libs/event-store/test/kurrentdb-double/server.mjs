// A server that speaks the protocol of EventStoreDB 24.10 as far as README.md says. Started as a process
// of its own, so that a test can kill, stop and restart it:
//   node server.mjs [--port N] [--file LOG] [--tls-cert FILE --tls-key FILE] [--users JSON] [--write-ms N]
// Prints `listening PORT` once it serves. A line `scavenge` on its standard input is what the operator's request to
// /admin/scavenge is to a node; it prints `scavenged` when it is done.
import { parseArgs } from 'node:util';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { GossipService, ServerFeaturesService, StreamsService, features, gossip, uuid } from './protocol.mjs';
import { Log } from './log.mjs';
import { Access } from './access.mjs';
import { streamsHandlers } from './streams.mjs';

const VERSION = '24.10.0.0';
const LEADER = 9;
const NODE_ID = '5f0d0a3e-6c1b-4b0e-9b57-0c8b6f1f2a11';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    file: { type: 'string' },
    'tls-cert': { type: 'string' },
    'tls-key': { type: 'string' },
    users: { type: 'string' },
    'write-ms': { type: 'string', default: '2' },
  },
});

const log = new Log(values.file);
const access = new Access(log, values.users ? JSON.parse(values.users) : undefined);
const server = new Server({
  'grpc.max_receive_message_length': 17 * 1024 * 1024,
  'grpc.max_concurrent_streams': 100,
});
let port = 0;

server.addService(StreamsService, streamsHandlers(log, access, Number(values['write-ms'])));
server.addService(ServerFeaturesService, {
  getSupportedMethods: (_call, callback) => callback(null, supportedMethods()),
});
server.addService(GossipService, { read: (_call, callback) => callback(null, clusterInfo()) });

const credentials = values['tls-cert']
  ? ServerCredentials.createSsl(null, [
      { cert_chain: readFileSync(values['tls-cert']), private_key: readFileSync(values['tls-key']) },
    ])
  : ServerCredentials.createInsecure();
server.bindAsync(`127.0.0.1:${values.port}`, credentials, (error, bound) => {
  if (error) {
    console.error(error.message);
    process.exit(1);
  }
  port = bound;
  console.log(`listening ${bound}`);
});
createInterface({ input: process.stdin }).on('line', (line) => {
  if (line !== 'scavenge') return;
  log.scavenge();
  console.log('scavenged');
});
process.on('SIGTERM', () => {
  server.forceShutdown();
  log.close();
  process.exit(0);
});

function supportedMethods() {
  const of = (serviceName, methodName, list = []) => {
    const method = new features.SupportedMethod().setServiceName(serviceName).setMethodName(methodName);
    return method.setFeaturesList(list);
  };
  const name = 'event_store.client.streams.streams';
  return new features.SupportedMethods()
    .setEventStoreServerVersion(VERSION)
    .setMethodsList([
      of(name, 'read', ['position', 'events']),
      of(name, 'append'),
      of(name, 'delete'),
      of(name, 'tombstone'),
      of(name, 'batchappend', ['deadline_duration']),
      of('event_store.client.gossip.gossip', 'read'),
      of('event_store.client.server_features.serverfeatures', 'getsupportedmethods'),
    ]);
}

function clusterInfo() {
  const member = new gossip.MemberInfo()
    .setInstanceId(uuid(NODE_ID, false))
    .setState(LEADER)
    .setIsAlive(true);
  member.setTimeStamp('0').setHttpEndPoint(new gossip.EndPoint().setAddress('127.0.0.1').setPort(port));
  return new gossip.ClusterInfo().setMembersList([member]);
}
