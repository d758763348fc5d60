/** What can be copied. */
import { ActionIcon, Box, Button, Code, CopyButton as Copying, Group, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import classes from './copy.module.css';

/** @param label what is copied, for screen readers: "the key's id". */
export function CopyIcon({ value, label }: { value: string; label: string }) {
  return (
    <Copying value={value} timeout={2_000}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? 'Copied' : 'Copy'}>
          <ActionIcon
            variant="subtle"
            color={copied ? 'teal' : 'gray'}
            onClick={copy}
            aria-label={copied ? `Copied ${label}` : `Copy ${label}`}
          >
            {copied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}
          </ActionIcon>
        </Tooltip>
      )}
    </Copying>
  );
}

/** A value in one line, cut where there is no room; what is copied is whole. */
export function CopyValue({ value, label, shown = value }: { value: string; label: string; shown?: string }) {
  return (
    <Group gap={4} wrap="nowrap" miw={0}>
      <Code className={classes.value} title={value}>
        {shown}
      </Code>
      <CopyIcon value={value} label={label} />
    </Group>
  );
}

/** Lines of code with a button that copies them. */
export function CodeBlock({ code, label }: { code: string; label: string }) {
  return (
    <Box pos="relative">
      <Code block tabIndex={0} aria-label={label} className={classes.block}>
        {code}
      </Code>
      <Copying value={code} timeout={2_000}>
        {({ copied, copy }) => (
          <Button
            size="compact-xs"
            variant="default"
            className={classes.copy}
            onClick={copy}
            aria-label={copied ? `Copied ${label}` : `Copy ${label}`}
          >
            {copied ? 'Copied' : 'Copy'}
          </Button>
        )}
      </Copying>
    </Box>
  );
}
