/** What is sent again after no answer is the same request: it happens once, and a secret that was lost is answered again. */
import { useRef } from 'react';

interface Attempt<Body> {
  body: Body;
  idempotencyKey: string;
}

/**
 * @returns what to send for these values: as long as they stay the same, the very same, also if the clock has moved on.
 */
export function useAttempt<Body>(): {
  of: (values: unknown, make: () => Body) => Attempt<Body>;
  isOver: () => void;
} {
  const last = useRef<Attempt<Body> & { values: string }>(undefined);
  return {
    of: (values, make) => {
      const text = JSON.stringify(values);
      if (last.current?.values !== text)
        last.current = { values: text, body: make(), idempotencyKey: randomKey() };
      return last.current;
    },
    isOver: () => {
      last.current = undefined;
    },
  };
}

/** 256 random bits: with fewer than 128 the API does not keep the secret for a retry. */
function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(32)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}
