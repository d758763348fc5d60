/** A dialog that asks for something and sends it. While it is sent it stays: its answer may hold a secret. */
import { Button, Group, Modal, Stack } from '@mantine/core';
import type { FormEvent, ReactNode } from 'react';
import type { ApiProblem } from '../api/client.ts';
import { ProblemAlert } from './problem-alert.tsx';

interface FormDialogProps {
  title: string;
  /** A verb: `Create webhook`. */
  confirm: string;
  /** What is sent. */
  action: { isBusy: boolean; problem: ApiProblem | undefined };
  onSubmit: (event: FormEvent<HTMLFormElement>) => void;
  onClose: () => void;
  children: ReactNode;
  /** Nothing can be sent yet. */
  isDisabled?: boolean;
  /** Takes something away. */
  isDestructive?: boolean;
  size?: 'lg' | 'xl';
}

/** Shown while it is mounted, so that each time it begins anew. */
export function FormDialog(props: FormDialogProps) {
  const { title, confirm, action, onSubmit, onClose, children } = props;
  const { isDisabled = false, isDestructive = false, size = 'md' } = props;
  return (
    <Modal opened onClose={() => !action.isBusy && onClose()} title={<bdi>{title}</bdi>} size={size} centered>
      <form noValidate onSubmit={onSubmit}>
        <Stack>
          {children}
          <ProblemAlert problem={action.problem} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose} disabled={action.isBusy}>
              Cancel
            </Button>
            <Button
              type="submit"
              loading={action.isBusy}
              disabled={isDisabled}
              {...(isDestructive && { color: 'red' })}
            >
              {confirm}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

/** For fields that no form holds. */
export const submitting =
  (act: () => void) =>
  (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    act();
  };
