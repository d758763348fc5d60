/** Tells before any I/O what cannot be a service key: typing errors, cut-off pastes, keys of the other kind. */
import { mayBeKey, NO_KEY, tokenKind } from '@mcpstack/contracts';
import { CliError } from './errors.ts';

/**
 * @param from where the text stood, for people; the text itself is never repeated.
 * @throws CliError `usage`
 */
export function refuseUnusable(text: string, from: string): void {
  // A deployment may have another prefix than the default one.
  const prefix = /^([A-Za-z0-9]{1,32})_[sp]k_/.exec(text)?.[1];
  if (prefix !== undefined && tokenKind(text, prefix) === 'publishable') {
    throw new CliError('usage', `${from} holds a publishable key, which is for browsers alone.`, {
      code: 'publishable-key',
      next: 'Give a service key (mcpstack_sk_…): "mcpstack api-keys create" makes one.',
    });
  }
  if (mayBeKey(text)) return;
  throw new CliError('usage', `${from} holds no service key: ${NO_KEY}.`, {
    code: 'malformed-key',
    next: 'Copy the whole key (mcpstack_sk_…) once more, or create another.',
  });
}
