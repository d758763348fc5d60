/** Another name, other tags. */
import { TagsInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { problemOf } from '../../api/client.ts';
import { useAction } from '../../api/use-action.ts';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { nameRule, tagsRule } from './new-key.ts';
import { fieldErrors } from './terms.ts';
import { useUpdateKey } from './use-update-key.ts';
import type { ApiKey } from './use-key.ts';

export function EditKey({ apiKey, onClose }: { apiKey: ApiKey; onClose: () => void }) {
  const update = useUpdateKey(apiKey);
  const form = useForm({
    initialValues: { name: apiKey.name, tags: [...apiKey.tags] },
    validate: { name: nameRule, tags: tagsRule },
  });
  const action = useAction(async () => {
    try {
      await update(form.getValues());
    } catch (error) {
      form.setErrors(fieldErrors(problemOf(error).errors, ['name', 'tags']));
      throw error;
    }
  });
  return (
    <FormDialog
      title="Edit name and tags"
      confirm="Save"
      action={action}
      onSubmit={form.onSubmit(() => void action.run().then((isDone) => isDone && onClose()))}
      onClose={onClose}
    >
      <TextInput label="Name" autoComplete="off" data-autofocus {...form.getInputProps('name')} />
      <TagsInput
        label="Tags"
        description="Press Enter after each."
        maxTags={20}
        splitChars={[',', ' ']}
        acceptValueOnBlur
        {...form.getInputProps('tags')}
      />
    </FormDialog>
  );
}
