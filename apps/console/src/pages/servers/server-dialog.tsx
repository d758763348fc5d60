import { TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { api, type Schema } from '../../api/client.ts';
import { useHere } from '../../api/organization.tsx';
import { useChanged } from '../../api/resources.ts';
import { useAction } from '../../api/use-action.ts';
import { useFieldErrors } from '../../api/use-field-errors.ts';
import { FormDialog } from '../../ui/form-dialog.tsx';

interface ServerDialogProps {
  /** The one to change; absent, a new one is made. */
  server?: Schema<'ServerAnswer'>;
  onClose: () => void;
}

export function ServerDialog({ server, onClose }: ServerDialogProps) {
  const { orgId } = useHere();
  const changed = useChanged(orgId);
  const form = useForm({
    initialValues: { name: server?.name ?? '', url: server?.url ?? '' },
    validateInputOnBlur: true,
    validate: {
      name: (name) => (name.trim() === '' ? 'Give it a name.' : null),
      url: (url) => urlProblem(url.trim(), server?.url) ?? null,
    },
  });
  const save = useAction(async (values: { name: string; url: string }) => {
    const name = values.name.trim();
    const url = values.url.trim();
    const body = { name, ...(url !== '' && { url }) };
    if (server)
      await api.PATCH('/api/v1/organizations/{orgId}/servers/{serverId}', {
        params: { path: { orgId, serverId: server.id } },
        body,
      });
    else await api.POST('/api/v1/organizations/{orgId}/servers', { params: { path: { orgId } }, body });
    await changed('servers');
  });
  useFieldErrors(form, save.problem);
  return (
    <FormDialog
      title={server ? 'Change the server' : 'Create a server'}
      confirm={server ? 'Save' : 'Create server'}
      action={save}
      onSubmit={form.onSubmit((values) => void save.run(values).then((isDone) => isDone && onClose()))}
      onClose={onClose}
    >
      <TextInput
        {...form.getInputProps('name')}
        label="Name"
        required
        maxLength={100}
        autoComplete="off"
        data-autofocus
      />
      <TextInput
        {...form.getInputProps('url')}
        label="URL"
        description={server?.url === undefined ? 'May be left out.' : undefined}
        placeholder="https://mcp.example.com"
        inputMode="url"
        maxLength={2_048}
        autoComplete="off"
        spellCheck={false}
      />
    </FormDialog>
  );
}

function urlProblem(url: string, present: string | undefined): string | undefined {
  if (url === '') return present === undefined ? undefined : 'It can be changed, and not taken away.';
  return /^https?:\/\/./i.test(url) ? undefined : 'Begin with https://, such as https://mcp.example.com.';
}
