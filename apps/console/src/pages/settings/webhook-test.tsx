import { Alert, Button, Modal } from '@mantine/core';
import { useState } from 'react';
import { api, type Schema } from '../../api/client.ts';
import { useHere } from '../../api/organization.tsx';
import { useChanged } from '../../api/resources.ts';
import { useAction } from '../../api/use-action.ts';
import { ProblemAlert } from '../../ui/problem-alert.tsx';

/** Sends a message of type Ping now, and tells what the receiver answered. */
export function TestButton({ webhookId }: { webhookId: string }) {
  const { orgId } = useHere();
  const changed = useChanged(orgId);
  const [attempt, setAttempt] = useState<Schema<'WebhookAttemptAnswer'>>();
  const test = useAction(async () => {
    setAttempt(undefined);
    const path = { orgId, webhookId };
    const { data } = await api.POST('/api/v1/organizations/{orgId}/webhooks/{webhookId}/test', {
      params: { path },
    });
    setAttempt(data);
    await changed('webhooks');
  });
  const close = () => {
    setAttempt(undefined);
    test.clear();
  };
  return (
    <>
      <Button onClick={() => void test.run()} loading={test.isBusy}>
        Send a test
      </Button>
      <Modal
        opened={attempt !== undefined || test.problem !== undefined}
        onClose={close}
        title="The test"
        centered
      >
        <ProblemAlert problem={test.problem} />
        {attempt && (
          <Alert
            role="status"
            color={attempt.ok ? 'teal' : 'red'}
            title={attempt.ok ? 'The receiver took it' : 'The receiver did not take it'}
          >
            {attempt.status !== undefined &&
              `It answered ${attempt.status} within ${attempt.durationMs} ms. `}
            {attempt.reason !== undefined && `What came of it: ${attempt.reason}.`}
          </Alert>
        )}
        <Button mt="md" variant="default" onClick={close}>
          Close
        </Button>
      </Modal>
    </>
  );
}
