// The messages of the real protocol, from the stubs that ship inside the client package.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const from = (file) => require(`@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/${file}`);

export const { StreamsService } = from('streams_grpc_pb.js');
export const { GossipService } = from('gossip_grpc_pb.js');
export const { ServerFeaturesService } = from('serverfeatures_grpc_pb.js');
export const streams = from('streams_pb.js');
export const gossip = from('gossip_pb.js');
export const features = from('serverfeatures_pb.js');
export const shared = from('shared_pb.js');
export const { Status } = from('status_pb.js');
export const { Any } = require('google-protobuf/google/protobuf/any_pb.js');
export const { Empty } = require('google-protobuf/google/protobuf/empty_pb.js');
export const { Timestamp } = require('google-protobuf/google/protobuf/timestamp_pb.js');

export function identifier(name) {
  const message = new shared.StreamIdentifier();
  message.setStreamName(Uint8Array.from(Buffer.from(name, 'utf8')));
  return message;
}

/** The stream that a request's options name. */
export function streamNameOf(options) {
  return Buffer.from(options.getStreamIdentifier().getStreamName_asU8()).toString('utf8');
}

export function uuid(text, structured) {
  const message = new shared.UUID();
  if (!structured) return message.setString(text);
  const hex = text.replaceAll('-', '');
  const bits = new shared.UUID.Structured();
  bits.setMostSignificantBits(BigInt.asIntN(64, BigInt(`0x${hex.slice(0, 16)}`)).toString());
  bits.setLeastSignificantBits(BigInt.asIntN(64, BigInt(`0x${hex.slice(16)}`)).toString());
  return message.setStructured(bits);
}

/** The UUID as text, or undefined when it is none. */
export function uuidText(message) {
  if (message?.hasStructured()) {
    const bits = message.getStructured();
    const word = (value) => BigInt.asUintN(64, BigInt(value)).toString(16).padStart(16, '0');
    const hex = word(bits.getMostSignificantBits()) + word(bits.getLeastSignificantBits());
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  }
  const text = message?.getString() ?? '';
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text) ? text : undefined;
}

/** A proposed event as the log keeps it. */
export function proposed(message) {
  const map = message.getMetadataMap();
  return {
    id: uuidText(message.getId()),
    type: map.get('type') ?? '',
    contentType: map.get('content-type') ?? 'application/octet-stream',
    data: Buffer.from(message.getData_asU8()),
    metadata: Buffer.from(message.getCustomMetadata_asU8()),
  };
}

export function eventResponse(record, structuredIds) {
  const event = new streams.ReadResp.ReadEvent.RecordedEvent();
  event.setId(uuid(record.id, structuredIds));
  event.setStreamIdentifier(identifier(record.stream));
  event.setStreamRevision(record.revision.toString());
  event.setCommitPosition(record.position.toString());
  event.setPreparePosition(record.position.toString());
  event.setData(record.data);
  event.setCustomMetadata(record.metadata);
  event.getMetadataMap().set('type', record.type);
  event.getMetadataMap().set('content-type', record.contentType);
  event.getMetadataMap().set('created', record.created.toString());
  const read = new streams.ReadResp.ReadEvent();
  read.setEvent(event);
  read.setCommitPosition(record.position.toString());
  return new streams.ReadResp().setEvent(read);
}

export function confirmation(id) {
  const message = new streams.ReadResp.SubscriptionConfirmation().setSubscriptionId(id);
  return new streams.ReadResp().setConfirmation(message);
}

export function checkpoint(position) {
  const message = new streams.ReadResp.Checkpoint();
  message.setCommitPosition(position.toString()).setPreparePosition(position.toString());
  return new streams.ReadResp().setCheckpoint(message);
}

/** @param {{ position?: bigint, revision?: bigint }} at */
export function caughtUp({ position, revision }) {
  const message = new streams.ReadResp.CaughtUp().setTimestamp(Timestamp.fromDate(new Date()));
  if (revision !== undefined) message.setStreamRevision(revision.toString());
  if (position !== undefined) {
    const at = new streams.ReadResp.Position();
    message.setPosition(at.setCommitPosition(position.toString()).setPreparePosition(position.toString()));
  }
  return new streams.ReadResp().setCaughtUp(message);
}

export function streamNotFound(name) {
  const message = new streams.ReadResp.StreamNotFound().setStreamIdentifier(identifier(name));
  return new streams.ReadResp().setStreamNotFound(message);
}
