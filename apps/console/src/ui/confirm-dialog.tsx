/** Asks before something is taken away, and says what will stop working. */
import { Button, Group, Modal, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Action } from '../api/use-action.ts';
import { ProblemAlert } from './problem-alert.tsx';

interface ConfirmDialogProps {
  isOpen: boolean;
  /** A question: `Revoke ci-smoke-prod?` */
  title: string;
  /** What will stop working, and for whom; when it was last used. */
  children: ReactNode;
  /** A verb: `Revoke key`. */
  confirm: string;
  action: Action<[]>;
  onClose: () => void;
  /** After it came about; by default it closes. */
  onDone?: () => void;
  /** What can be taken back is not red. */
  isHarmless?: boolean;
}

export function ConfirmDialog(props: ConfirmDialogProps) {
  const { isOpen, title, children, confirm, action, onClose, onDone = onClose, isHarmless = false } = props;
  const close = () => {
    if (action.isBusy) return;
    action.clear();
    onClose();
  };
  return (
    <Modal opened={isOpen} onClose={close} title={<bdi>{title}</bdi>} centered>
      <Stack>
        {children}
        <ProblemAlert problem={action.problem} />
        <Group justify="flex-end">
          <Button variant="default" onClick={close} data-autofocus disabled={action.isBusy}>
            Cancel
          </Button>
          <Button
            {...(!isHarmless && { color: 'red' })}
            loading={action.isBusy}
            onClick={() => void action.run().then((isDone) => isDone && onDone())}
          >
            {confirm}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
