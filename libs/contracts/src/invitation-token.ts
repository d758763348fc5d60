/**
 * The token of an invitation: `<prefix>_it_<invitation>_<organization>_<secret>`. It names where it is valid, so
 * that it can be accepted with nothing else; the secret has 256 random bits.
 */
import { randomBytes } from 'node:crypto';
import { base62 } from './base62.ts';
import { ID_PREFIXES, isId } from './ids.ts';
import { DEFAULT_TOKEN_PREFIX } from './token.ts';

const SECRET_LENGTH = 43;
const MAX_LENGTH = 256;

export function makeInvitationToken(
  { invitationId, organizationId }: { invitationId: string; organizationId: string },
  prefix = DEFAULT_TOKEN_PREFIX,
): string {
  const [invitation, organization] = [bodyOf(invitationId), bodyOf(organizationId)];
  return `${prefix}_it_${invitation}_${organization}_${base62(randomBytes(32), SECRET_LENGTH)}`;
}

/** Where the token is valid, or `undefined` when it is none. The digest of the whole token proves it. */
export function parseInvitationToken(
  text: string,
  prefix = DEFAULT_TOKEN_PREFIX,
): { invitationId: string; organizationId: string } | undefined {
  const start = `${prefix}_it_`;
  if (text.length > MAX_LENGTH || !text.startsWith(start)) return undefined;
  const [invitation, organization, secret, ...rest] = text.slice(start.length).split('_');
  const invitationId = `${ID_PREFIXES.invitation}_${invitation}`;
  const organizationId = `${ID_PREFIXES.organization}_${organization}`;
  const isWhole = rest.length === 0 && secret !== undefined && /^[0-9A-Za-z]{43}$/.test(secret);
  if (!isWhole || !isId('invitation', invitationId) || !isId('organization', organizationId))
    return undefined;
  return { invitationId, organizationId };
}

function bodyOf(id: string): string {
  return id.slice(id.indexOf('_') + 1);
}
