/** The session ended while the page was open: the reader logs in again beside it, and what they have typed stays. */
import { Button, Group, Modal, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { api } from '../api/client.ts';
import type { Me } from '../api/me.ts';
import { session, useSessionState } from '../api/session.ts';
import { loginPath } from './paths.ts';

export function SessionEnded() {
  const client = useQueryClient();
  const state = useSessionState();
  const me = client.getQueryData<Me>(['me']);
  const isOpen = state === 'ended' && me !== undefined;

  useEffect(() => {
    if (state !== 'good' || !me) return;
    // Somebody else may have logged in meanwhile: nothing of the first person's is shown to them.
    void api.GET('/api/v1/me').then(
      ({ data }) => {
        if (data.id === me.id) void client.invalidateQueries();
        else location.replace('/');
      },
      () => undefined,
    );
    // Only when the session has come back.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [state]);

  return (
    <Modal
      opened={isOpen}
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
        <Button variant="default" onClick={() => session.begun()}>
          I have logged in
        </Button>
        <Button component="a" href={loginPath('/signed-in')} target="_blank" rel="opener" data-autofocus>
          Log in again
        </Button>
      </Group>
    </Modal>
  );
}
