/**
 * Waits until one of the servers greets, as NATS servers do as soon as they take a connection. The client
 * library leaves its socket open when the first connection to a silent server times out, and an open
 * socket keeps a process from ending; so silence is found out here, with a socket of our own.
 */
import { connect } from 'node:net';
import type { Deadline } from './deadline.ts';

/** @throws AggregateError when none of them greets in time. */
export async function greeted(servers: readonly string[], deadline: Deadline): Promise<void> {
  await Promise.any(servers.map((server) => greets(server, deadline)));
}

function greets(server: string, deadline: Deadline): Promise<void> {
  const { hostname, port } = new URL(`nats://${server}`);
  const socket = connect(Number(port), hostname.replace(/^\[|\]$/g, ''));
  return new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => socket.destroy(new Error('no greeting in time')), deadline.leftMs);
    socket.once('data', () => {
      resolve();
      socket.destroy();
    });
    socket.once('error', reject);
    socket.once('close', () => {
      clearTimeout(timer);
      reject(new Error('closed without a greeting'));
    });
  });
}
