/** Asks for a name: of something new, or another one for what is there. */
import { Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useAction } from '../api/use-action.ts';
import { useFieldErrors } from '../api/use-field-errors.ts';
import { ProblemAlert } from './problem-alert.tsx';

interface NameDialogProps {
  /** `Rename the agent`. */
  title: string;
  /** The present name, where there is one. */
  name?: string;
  /** A verb: `Rename`. */
  confirm: string;
  description?: string;
  save: (name: string) => Promise<void>;
  onClose: () => void;
}

/** Shown while it is mounted, so that each time it begins with the present name. */
export function NameDialog({ title, name = '', confirm, description, save, onClose }: NameDialogProps) {
  const form = useForm({
    initialValues: { name },
    validate: { name: (text) => (text.trim() === '' ? 'Give it a name.' : null) },
  });
  const action = useAction((text: string) => save(text.trim()));
  useFieldErrors(form, action.problem);
  return (
    <Modal opened onClose={() => !action.isBusy && onClose()} title={title} centered>
      <form
        noValidate
        onSubmit={form.onSubmit(
          (values) => void action.run(values.name).then((isDone) => isDone && onClose()),
        )}
      >
        <Stack>
          <TextInput
            {...form.getInputProps('name')}
            label="Name"
            description={description}
            required
            maxLength={100}
            autoComplete="off"
            data-autofocus
          />
          <ProblemAlert problem={action.problem} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose} disabled={action.isBusy}>
              Cancel
            </Button>
            <Button type="submit" loading={action.isBusy}>
              {confirm}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
