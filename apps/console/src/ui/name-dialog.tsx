/** Asks for a name: of something new, or another one for what is there. */
import { TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useAction } from '../api/use-action.ts';
import { useFieldErrors } from '../api/use-field-errors.ts';
import { FormDialog } from './form-dialog.tsx';

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
    <FormDialog
      title={title}
      confirm={confirm}
      action={action}
      onSubmit={form.onSubmit((values) => void action.run(values.name).then((isDone) => isDone && onClose()))}
      onClose={onClose}
    >
      <TextInput
        {...form.getInputProps('name')}
        label="Name"
        description={description}
        required
        maxLength={100}
        autoComplete="off"
        data-autofocus
      />
    </FormDialog>
  );
}
