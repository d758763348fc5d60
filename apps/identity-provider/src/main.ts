/** Starts the identity provider of a local start: who logs in, with which password. Not for production. */
import { runService } from '@mcpstack/service-kit';
import { identityProvider } from './identity-provider.ts';

await runService('identity-provider', () => identityProvider(process.env));
