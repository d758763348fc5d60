// How the double keeps its log in a file: one line of JSON for each write.

/** One write as a line: its records, and where the next one will stand. */
export function lineOf(records, next) {
  const plainRecords = records.map((record) => ({
    ...record,
    revision: record.revision.toString(),
    position: record.position.toString(),
    created: record.created.toString(),
    data: record.data.toString('base64'),
    metadata: record.metadata.toString('base64'),
  }));
  return `${JSON.stringify({ next: next.toString(), records: plainRecords })}\n`;
}

export function revive(record) {
  return {
    ...record,
    revision: BigInt(record.revision),
    position: BigInt(record.position),
    created: BigInt(record.created),
    data: Buffer.from(record.data, 'base64'),
    metadata: Buffer.from(record.metadata, 'base64'),
  };
}
