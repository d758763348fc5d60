/** The secret of a webhook, once, and what a receiver does with it. */
import { ApiProblem, type Schema } from '../../api/client.ts';
import type { SecretUse } from '../../ui/secret-dialog.tsx';
import { showSecret } from '../../ui/shown-secrets.tsx';

export function showWebhookSecret({ secret }: Schema<'CreatedWebhookAnswer'>, title: string): void {
  if (secret === undefined)
    throw new ApiProblem({ code: 'conflict', detail: 'The secret was shown before: rotate it for another.' });
  showSecret({ secret, title, variable: 'WEBHOOK_SECRET', uses: USES, advice: ADVICE });
}

const ADVICE =
  'Give it to the receiver: every message is signed with it. Nobody can show it again. If it is lost, rotate it.';

const USES: readonly SecretUse[] = [
  {
    title: 'Node',
    lines: (variable) =>
      [
        `// npm install standardwebhooks`,
        `import { Webhook } from 'standardwebhooks';`,
        ``,
        `const webhook = new Webhook(process.env.${variable});`,
        `// Throws unless the signature is right and fresh. The body as it came, before it is parsed.`,
        `const event = webhook.verify(body, request.headers);`,
      ].join('\n'),
  },
  {
    title: 'Python',
    lines: (variable) =>
      [
        `# pip install standardwebhooks`,
        `import os`,
        `from standardwebhooks import Webhook`,
        ``,
        `webhook = Webhook(os.environ["${variable}"])`,
        `event = webhook.verify(body, headers)`,
      ].join('\n'),
  },
];
