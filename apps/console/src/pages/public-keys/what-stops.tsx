/** What stops with a public key: pages, by their origins, and how lately they were there. */
import { List, Text } from '@mantine/core';
import { When } from '../../ui/when.tsx';
import type { PublicKey } from './public-key.ts';

export function WhatStops({ publicKey }: { publicKey: PublicKey }) {
  const { origins } = publicKey;
  return (
    <>
      <Text size="sm">From then on the agent is refused in the pages at</Text>
      <List size="sm">
        {origins.map(({ origin }) => (
          <List.Item key={origin}>
            <code>{origin}</code>
          </List.Item>
        ))}
      </List>
      <LastUse publicKey={publicKey} />
    </>
  );
}

/** `Last used 3 minutes ago, from 10.0.0.0/24 with Firefox.` */
export function LastUse({ publicKey: { lastUsedAt, lastUsedFrom } }: { publicKey: PublicKey }) {
  if (lastUsedAt === undefined) return <Text size="sm">It was never used.</Text>;
  return (
    <Text size="sm" component="div">
      Last used <When at={lastUsedAt} />
      {lastUsedFrom?.addressPrefix !== undefined && `, from ${lastUsedFrom.addressPrefix}`}
      {lastUsedFrom?.userAgent !== undefined && `, with ${lastUsedFrom.userAgent}`}.
    </Text>
  );
}
