/** What somebody should look after: a key that can do more than its maker, a secret that a web page has sent. */
import { Badge, Group } from '@mantine/core';
import type { Schema } from '../../api/client.ts';
import { exactText } from '../../ui/when.tsx';

export function KeyMarks({ apiKey }: { apiKey: Schema<'ApiKeyAnswer'> }) {
  const { beyondMaker, exposedAt } = apiKey;
  if (!beyondMaker && exposedAt === undefined) return null;
  return (
    <Group gap={4}>
      {exposedAt !== undefined && (
        <Badge
          variant="dot"
          color="red"
          radius="sm"
          tt="none"
          title={`A web page sent its secret, last ${exactText(exposedAt)}. Rotate it.`}
        >
          Exposed
        </Badge>
      )}
      {beyondMaker && (
        <Badge
          variant="dot"
          color="orange"
          radius="sm"
          tt="none"
          title="The member who made it no longer holds all that it may do."
        >
          Beyond its maker
        </Badge>
      )}
    </Group>
  );
}
