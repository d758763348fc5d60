/** What the state of a domain means, and what to do about it. */
import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { When } from '../../ui/when.tsx';
import { situationOf } from './domain-words.ts';
import type { Domain } from './use-agents.ts';

export function WhatNow({ domain }: { domain: Domain }) {
  return (
    <Text size="sm" component="div">
      {wordsFor(domain)}
    </Text>
  );
}

function wordsFor(domain: Domain): ReactNode {
  const { verifiedAt, method, graceEndsAt, contestedAt } = domain;
  const situation = situationOf(domain);
  switch (situation) {
    case 'pending':
      return 'Publish one of the two below, then have it checked. Without that it is looked for about every hour, for a week.';
    case 'verified':
      return (
        <>
          Verified <When at={verifiedAt} /> by {method === 'file' ? 'the file' : 'the TXT record'}: pages
          under it can embed the agent. Leave it where it is: it is looked at again every day.
        </>
      );
    case 'stale':
      return (
        <>
          The proof was not found at the last look. Pages still work; they are refused{' '}
          <When at={graceEndsAt} /> unless it is found until then. Publish it again, and have it checked.
        </>
      );
    case 'lapsed':
      return 'The proof was missing for too long: pages under this domain are refused. Publish it again, and have it checked.';
    case 'contested':
      return (
        <>
          Another organization proved this domain <When at={contestedAt} />, so pages are refused here. If it
          is yours, publish the new value below and have it checked; find out who else can change its records.
        </>
      );
    default:
      return situation satisfies never;
  }
}
