/** What a page needs to embed the agent, ready to paste. */
import { Tabs, Text } from '@mantine/core';
import { CodeBlock } from '../../ui/copy.tsx';
import type { PublicKey } from './public-key.ts';

export function EmbedSnippet({ publicKey }: { publicKey: Pick<PublicKey, 'value' | 'origins'> }) {
  const { value, origins } = publicKey;
  const origin = origins[0]?.origin ?? 'https://app.example.com';
  return (
    <Tabs defaultValue="module" keepMounted={false}>
      <Tabs.List aria-label="Ways to embed">
        <Tabs.Tab value="module">JavaScript</Tabs.Tab>
        <Tabs.Tab value="page">HTML</Tabs.Tab>
        <Tabs.Tab value="check">Try it</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="module" pt="sm">
        <CodeBlock label="the embed snippet" code={moduleSnippet(value)} />
        <Text size="sm" c="dimmed" mt="xs">
          For a page whose scripts are bundled, with <code>@mcpstack/agent-sdk</code> installed.
        </Text>
      </Tabs.Panel>
      <Tabs.Panel value="page" pt="sm">
        <CodeBlock label="the embed snippet" code={pageSnippet(value)} />
        <Text size="sm" c="dimmed" mt="xs">
          For a page without a bundler: serve the files of <code>@mcpstack/agent-sdk</code> beside it, at the
          path that stands there.
        </Text>
      </Tabs.Panel>
      <Tabs.Panel value="check" pt="sm">
        <CodeBlock label="the command" code={checkCommand(value, origin)} />
        <Text size="sm" c="dimmed" mt="xs">
          Asks as a page at {origin} does. It answers 200 with the agent; from any other origin, 403.
        </Text>
      </Tabs.Panel>
    </Tabs>
  );
}

const calls = (value: string): string =>
  `const agent = createAgent({
  key: '${value}',
  baseUrl: '${location.origin}',
});
const { id, name } = await agent.load();
console.log(\`Embedded: \${name} (\${id})\`);`;

export const moduleSnippet = (value: string): string =>
  `import { createAgent } from '@mcpstack/agent-sdk';

${calls(value)}`;

const pageSnippet = (value: string): string =>
  `<script type="module">
  import { createAgent } from '/agent-sdk/index.js';

${calls(value).replaceAll(/^/gm, '  ')}
</script>`;

const checkCommand = (value: string, origin: string): string =>
  `curl -i -H 'Authorization: Bearer ${value}' \\
     -H 'Origin: ${origin}' ${location.origin}/api/v1/embed/agent`;
