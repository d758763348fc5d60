/** Exact origins, one line each; what is wrong with one stands under it soon after it was typed. */
import { ActionIcon, Button, Group, Input, Stack, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';

const MOST_ORIGINS = 50;

interface OriginsFieldProps {
  origins: readonly string[];
  /** What the form gives the field of one of them. */
  inputOf: (index: number) => object;
  onAdd: () => void;
  onRemove: (index: number) => void;
  placeholder: string;
}

export function OriginsField({ origins, inputOf, onAdd, onRemove, placeholder }: OriginsFieldProps) {
  return (
    <Input.Wrapper
      label="Allowed origins"
      description="Scheme, host and port as the browser sends them, compared whole: no path, no wildcard."
      required
      labelElement="div"
      role="group"
      aria-label="Allowed origins"
    >
      <Stack gap="xs" mt="xs">
        {origins.map((_, index) => (
          <Group key={index} gap="xs" align="flex-start" wrap="nowrap">
            <TextInput
              {...inputOf(index)}
              aria-label={`Origin ${index + 1}`}
              placeholder={placeholder}
              inputMode="url"
              autoComplete="off"
              spellCheck={false}
              flex={1}
              miw={0}
            />
            {origins.length > 1 && (
              <ActionIcon
                variant="subtle"
                color="gray"
                size="lg"
                onClick={() => onRemove(index)}
                aria-label={`Remove origin ${index + 1}`}
              >
                <IconX size={16} aria-hidden />
              </ActionIcon>
            )}
          </Group>
        ))}
        {origins.length < MOST_ORIGINS && (
          <Button
            variant="subtle"
            size="compact-sm"
            leftSection={<IconPlus size={14} aria-hidden />}
            onClick={onAdd}
            style={{ alignSelf: 'flex-start' }}
          >
            Add another origin
          </Button>
        )}
      </Stack>
    </Input.Wrapper>
  );
}
