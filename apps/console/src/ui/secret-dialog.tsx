/**
 * Shows a secret once. It closes only when the reader says that they have kept it: not by Escape, not by a click beside
 * it. Afterwards the secret is nowhere in the page.
 */
import { Alert, Button, Checkbox, Group, Modal, Stack, Tabs, Text, TextInput } from '@mantine/core';
import { IconCheck, IconCopy, IconDownload, IconShieldLock } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import type { SecretBox } from './secret.ts';

/** How the secret is used, line by line: `lines` is given a stand-in, never the secret itself. */
export interface SecretUse {
  title: string;
  lines: (variable: string) => string;
}

export interface SecretDialogProps {
  box: SecretBox;
  title: string;
  /** Of the variable in which programs find it: `MCPSTACK_API_KEY`. */
  variable: string;
  uses: readonly SecretUse[];
  /** What to do with it, where it is not for a program. */
  advice?: string;
  onClose: () => void;
}

const ADVICE =
  "Put it where secrets belong, such as your CI's secret store. Nobody can show it again, neither we nor an admin: who loses it makes a new one.";

export function SecretDialog(props: SecretDialogProps) {
  const { box, title, variable, uses, advice = ADVICE, onClose } = props;
  const field = useRef<HTMLInputElement>(null);
  const [isKept, setKept] = useState(false);
  const [isCopied, setCopied] = useState(false);
  const [copyFailed, setCopyFailed] = useState(false);

  // Written into the field itself: as a property it would stay in what React remembers.
  const show = (input: HTMLInputElement | null) => {
    field.current = input;
    if (input) input.value = box.read() ?? '';
  };
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, []);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(box.read() ?? '');
      setCopied(true);
      setCopyFailed(false);
    } catch {
      // Without permission, or over http: the field is marked, and the keyboard copies it.
      field.current?.select();
      setCopyFailed(true);
    }
  };
  const close = () => {
    if (field.current) field.current.value = '';
    box.empty();
    onClose();
  };

  return (
    <Modal
      opened
      onClose={() => undefined}
      closeOnEscape={false}
      closeOnClickOutside={false}
      withCloseButton={false}
      title={<bdi>{title}</bdi>}
      size="lg"
      centered
    >
      <Stack>
        <Alert color="yellow" icon={<IconShieldLock aria-hidden />} title="This secret is shown only now">
          {advice}
        </Alert>
        <Group align="flex-end" gap="xs">
          <TextInput
            ref={show}
            label="Secret"
            readOnly
            spellCheck={false}
            autoComplete="off"
            data-autofocus
            onFocus={({ currentTarget }) => currentTarget.select()}
            styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
            style={{ flex: '1 1 260px', minWidth: 0 }}
          />
          <Button
            onClick={() => void copy()}
            leftSection={isCopied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}
          >
            {isCopied ? 'Copied' : 'Copy'}
          </Button>
          <Button
            variant="default"
            onClick={() => download(variable, box)}
            leftSection={<IconDownload size={16} aria-hidden />}
            aria-label="Download as an env file"
          >
            .env
          </Button>
        </Group>
        <Text size="sm" role="status">
          {copyFailed && 'The browser does not let this page copy. The secret is marked: press Ctrl+C or ⌘C.'}
          {isCopied && !copyFailed && 'Copied. It stays in the clipboard until you copy something else.'}
        </Text>
        <Tabs defaultValue={uses[0]?.title ?? null} keepMounted={false}>
          <Tabs.List>
            {uses.map(({ title: name }) => (
              <Tabs.Tab key={name} value={name}>
                {name}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          {uses.map(({ title: name, lines }) => (
            <Tabs.Panel key={name} value={name} pt="sm">
              <Text component="pre" size="sm" ff="monospace" m={0} tabIndex={0} style={{ overflowX: 'auto' }}>
                {lines(variable)}
              </Text>
            </Tabs.Panel>
          ))}
        </Tabs>
        <Checkbox
          checked={isKept}
          onChange={({ currentTarget }) => setKept(currentTarget.checked)}
          label="I have kept the secret in a safe place"
        />
        <Group justify="flex-end">
          <Button onClick={close} disabled={!isKept}>
            Done
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

/** As a file that shells and compose read. The address of the file in memory is taken back at once. */
function download(variable: string, box: SecretBox): void {
  const url = URL.createObjectURL(new Blob([`${variable}=${box.read() ?? ''}\n`], { type: 'text/plain' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `${variable.toLowerCase().replaceAll('_', '-')}.env`;
  link.click();
  URL.revokeObjectURL(url);
}
