/** What a webhook is, and why it is not what it should be. */
import { Alert, Paper, SimpleGrid, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Actor } from '../../ui/actor.tsx';
import { CopyValue } from '../../ui/copy.tsx';
import { When } from '../../ui/when.tsx';
import { typeWords } from '../events/event-words.ts';
import type { Webhook } from './webhook-fields.tsx';

const REASONS: Readonly<Record<NonNullable<Webhook['disabledReason']>, string>> = {
  requested: 'Somebody has disabled it.',
  failing: 'For days there was nothing but failure. Repair the receiver, test it, and enable the webhook.',
  gone: 'The receiver answered 410: it wants no more. Enable the webhook once it does.',
};

export function WebhookFacts({ webhook }: { webhook: Webhook }) {
  const { id, url, eventTypes, secrets, state, disabledAt, disabledReason, failingSince } = webhook;
  const current = secrets.at(-1);
  const older = secrets.slice(0, -1);
  return (
    <Stack>
      {state === 'disabled' && (
        <Alert color="orange" title="Disabled: nothing is sent">
          <Text size="sm">
            {disabledReason && REASONS[disabledReason]} Disabled <When at={disabledAt} />
            {failingSince !== undefined && (
              <>
                , failing since <When at={failingSince} />
              </>
            )}
            . Enabled, it goes on from where it stopped.
          </Text>
        </Alert>
      )}
      <Paper withBorder p="lg">
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <Fact label="Address">
            <CopyValue value={url} label="the address" />
          </Fact>
          <Fact label="Id">
            <CopyValue value={id} label="the webhook's id" />
          </Fact>
          <Fact label="Events">
            <Text size="sm">
              {eventTypes.includes('*') ? 'Everything' : eventTypes.map(typeWords).join(', ')}
            </Text>
          </Fact>
          <Fact label="Secret">
            <Text size="sm" component="div">
              {current && (
                <>
                  Number {current.version}, made <When at={current.createdAt} />
                </>
              )}
              {older.map(({ version, validUntil }) => (
                <div key={version}>
                  Number {version} signs too, until it ends <When at={validUntil} />
                </div>
              ))}
            </Text>
          </Fact>
          <Fact label="Made">
            <Text size="sm" component="div">
              <When at={webhook.createdAt} /> by <Actor actor={webhook.createdBy} />
            </Text>
          </Fact>
        </SimpleGrid>
      </Paper>
    </Stack>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <Stack gap={2} miw={0}>
      <Text size="sm" c="dimmed">
        {label}
      </Text>
      {children}
    </Stack>
  );
}
