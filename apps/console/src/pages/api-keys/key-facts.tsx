/** What a service key is and may do, fact by fact. */
import { Badge, Code, Group, Stack, Table, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Actor } from '../../ui/actor.tsx';
import { CopyValue } from '../../ui/copy.tsx';
import { When } from '../../ui/when.tsx';
import classes from './key-facts.module.css';
import { LastUse } from './last-use.tsx';
import type { ApiKey } from './use-key.ts';

const REASONS: Readonly<Record<NonNullable<ApiKey['revocationReason']>, string>> = {
  requested: 'on request',
  'maker-lost-rights': 'its maker lost the rights that it holds',
  'reported-leak': 'reported as a leak',
  'ended-by-holder': 'by whoever held it',
};

export function KeyFacts({ apiKey }: { apiKey: ApiKey }) {
  return (
    <Table variant="vertical" withTableBorder verticalSpacing="sm" layout="fixed" className={classes.facts}>
      <Table.Tbody>
        {factsOf(apiKey).map(([title, fact]) => (
          <Table.Tr key={title}>
            <Table.Th scope="row">{title}</Table.Th>
            <Table.Td>{fact}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function factsOf(apiKey: ApiKey): [title: string, fact: ReactNode][] {
  const { id, role, permissions, allowedIps, environment, tags, state } = apiKey;
  const { createdBy, createdAt, expiresAt, suspendedAt, revokedAt, revocationReason } = apiKey;
  const made = (
    <>
      <When at={createdAt} /> by <Actor actor={createdBy} />
    </>
  );
  const revoked = (
    <>
      <When at={revokedAt} />
      {revocationReason && `, ${REASONS[revocationReason]}`}
    </>
  );
  return [
    ['Id', <CopyValue key="id" value={id} label="the key's id" />],
    ['Role', role],
    ['May', <Words key="may" words={permissions} none="nothing" />],
    ...scopeOf(apiKey),
    ['From', allowedIps ? <Words words={allowedIps} none="nowhere" /> : 'any address'],
    ...boundsOf(apiKey),
    ['Last use', <LastUse key="last" apiKey={apiKey} />],
    ['Expires', <When key="expires" at={expiresAt} />],
    ...(state === 'suspended'
      ? [['Suspended', <When key="suspended" at={suspendedAt} />] as [string, ReactNode]]
      : []),
    ...(revokedAt === undefined ? [] : [['Revoked', revoked] as [string, ReactNode]]),
    ['Made', made],
    ['Environment', environment ?? 'none'],
    ['Tags', <Tags key="tags" tags={tags} />],
    ['Secrets', <Secrets key="secrets" apiKey={apiKey} />],
  ];
}

function scopeOf({ scope }: ApiKey): [string, ReactNode][] {
  const { agents, servers } = scope ?? {};
  return [
    ...(agents
      ? [['Only agents', <Words key="agents" words={agents} none="none" />] as [string, ReactNode]]
      : []),
    ...(servers
      ? [['Only servers', <Words key="servers" words={servers} none="none" />] as [string, ReactNode]]
      : []),
  ];
}

function boundsOf({ limits = [], quotas = [] }: ApiKey): [string, ReactNode][] {
  const lines = [
    ...limits.map(({ name, limit, windowMs }) => `${name}: ${whole(limit)} in ${whole(windowMs / 1_000)} s`),
    ...quotas.map(({ name, limit, interval }) => `${name}: ${whole(limit)} a ${interval}`),
  ];
  return lines.length === 0 ? [] : [['Limits', lines.join('; ')]];
}

const whole = (count: number): string => count.toLocaleString('en');

function Words({ words, none }: { words: readonly string[]; none: string }) {
  if (words.length === 0) return <>{none}</>;
  return (
    <Group gap={4}>
      {words.map((word) => (
        <Code key={word}>{word}</Code>
      ))}
    </Group>
  );
}

function Tags({ tags }: { tags: readonly string[] }) {
  if (tags.length === 0) return <>none</>;
  return (
    <Group gap={4}>
      {tags.map((tag) => (
        <Badge key={tag} variant="default" radius="sm" tt="none" fw={500} maw="100%">
          {tag}
        </Badge>
      ))}
    </Group>
  );
}

/** Never more of a secret than how it begins, and that only where somebody else made it. */
function Secrets({ apiKey: { secrets } }: { apiKey: ApiKey }) {
  if (secrets.length === 0) return <>none works any more</>;
  return (
    <Stack gap={4}>
      {secrets.map(({ version, createdAt, hint, validUntil, untilNextSeen }) => (
        <Text size="sm" key={version}>
          number {version}, made <When at={createdAt} />
          {hint !== undefined && (
            <>
              , begins with <Code>{hint}</Code>
            </>
          )}
          {validUntil !== undefined && (
            <>
              , {untilNextSeen ? 'good until the next one is in use, at the latest' : 'good until'}{' '}
              <When at={validUntil} />
            </>
          )}
        </Text>
      ))}
    </Stack>
  );
}
