/** The session ended while the page was open: the reader logs in again beside it, and what they have typed stays. */
import { Button, Group, Modal, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { readMe } from '../api/me.ts';
import { session, useSessionState } from '../api/session.ts';
import { loginPath } from './paths.ts';

export function SessionEnded() {
  const client = useQueryClient();
  const state = useSessionState();
  const hasBegun = client.getQueryData(['me']) !== undefined;

  useEffect(() => {
    if (state !== 'unsure') return;
    // Whoever else has logged in meanwhile gets a page of their own.
    void client.fetchQuery({ queryKey: ['me'], queryFn: readMe, staleTime: 0 }).then(
      () => {
        session.proven();
        void client.invalidateQueries();
      },
      () => session.ended(),
    );
  }, [client, state]);

  return (
    <Modal
      opened={state !== 'good' && hasBegun}
      onClose={() => undefined}
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      title="Your session has ended"
      centered
      zIndex={400}
    >
      <Text>Log in again in a new tab, and go on here. What you have typed stays.</Text>
      <Group mt="lg" justify="flex-end">
        <Button variant="default" loading={state === 'unsure'} onClick={() => session.begun()}>
          I have logged in
        </Button>
        <Button component="a" href={loginPath('/signed-in')} target="_blank" rel="opener" data-autofocus>
          Log in again
        </Button>
      </Group>
    </Modal>
  );
}
