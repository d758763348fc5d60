/** A problem in the API's own words, with what finds it in the logs. */
import { Alert, Text } from '@mantine/core';
import { IconAlertCircle } from '@tabler/icons-react';
import type { ApiProblem } from '../api/client.ts';

const TITLES: Partial<Record<ApiProblem['code'], string>> = {
  forbidden: 'You may not do this',
  unreachable: 'The service cannot be reached',
  unavailable: 'The service is not available now',
  'not-final': 'Recorded, and not yet in force everywhere',
  unauthenticated: 'Your session has ended',
  conflict: 'This does not fit what is there now',
  'precondition-failed': 'Somebody has changed it meanwhile',
  'policy-violation': 'The policy of the organization does not allow this',
  'too-many-requests': 'Too many requests',
  'unexpected-answer': 'Something else answered',
};

export function ProblemAlert({ problem }: { problem: ApiProblem | undefined }) {
  if (!problem) return null;
  return (
    <Alert
      role="alert"
      color="red"
      icon={<IconAlertCircle aria-hidden />}
      title={TITLES[problem.code] ?? 'This did not come about'}
    >
      <Text size="sm">{problem.detail}</Text>
      {problem.permission !== undefined && (
        <Text size="sm">
          It takes the permission <code>{problem.permission}</code>: ask an admin of the organization.
        </Text>
      )}
      {problem.errors.map(({ field, message }) => (
        <Text size="sm" key={field + message}>
          <b>{field}</b>: {message}
        </Text>
      ))}
      {problem.requestId !== undefined && (
        <Text size="xs" c="dimmed" mt={4}>
          Request <code>{problem.requestId}</code>
        </Text>
      )}
    </Alert>
  );
}
