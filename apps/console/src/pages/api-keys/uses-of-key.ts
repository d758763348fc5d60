/** How the secret of a service key is used, to be copied: with a variable, never with the secret. */
import type { SecretUse } from '../../ui/secret-dialog.tsx';

export const KEY_VARIABLE = 'MCPSTACK_API_KEY';

export function usesOfKey(orgId: string, apiUrl = location.origin): readonly SecretUse[] {
  const servers = `${apiUrl}/api/v1/organizations/${orgId}/servers`;
  return [
    {
      title: 'Shell',
      lines: (variable) =>
        [
          `export MCPSTACK_API_URL=${apiUrl}`,
          `export ${variable}=…`,
          `mcpstack auth service-account login --key "$${variable}"`,
          'mcpstack servers list --json',
        ].join('\n'),
    },
    {
      title: 'curl',
      lines: (variable) =>
        [
          `curl -H "Authorization: Bearer $${variable}" ${servers}`,
          '# or, the same:',
          `curl -H "X-API-Key: $${variable}" ${servers}`,
        ].join('\n'),
    },
    {
      title: 'GitHub Actions',
      lines: (variable) =>
        [
          `# With the downloaded file: gh secret set --env-file ${variable.toLowerCase().replaceAll('_', '-')}.env`,
          'env:',
          `  MCPSTACK_API_URL: ${apiUrl}`,
          `  ${variable}: \${{ secrets.${variable} }}`,
          'steps:',
          '  - run: npm install -g @mcpstack/cli',
          '  - run: mcpstack servers list --json',
        ].join('\n'),
    },
  ];
}
