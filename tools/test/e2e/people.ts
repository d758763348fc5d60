/** People beside the first owner: each with a login, a session and an organization of their own. */
import type { Role } from '@mcpstack/contracts';
import { Browser, signIn } from '@mcpstack/testing';
import type { Product } from './product.ts';

export const PASSWORD = 'a password for tests';

export interface Person {
  userId: string;
  email: string;
  token: string;
  /** Where this person is the only owner. */
  organizationId: string;
}

/** Somebody new, who is a member of nothing but an organization of their own. */
export async function newPerson(product: Product, name: string): Promise<Person> {
  const email = `${name}@example.com`;
  const { ownerId, organizationId } = await product.stack.setUp({
    email,
    password: PASSWORD,
    organization: `Of ${name}`,
  });
  const { accessToken } = await signIn(product.stack.gatewayUrl, { email, password: PASSWORD });
  return { userId: ownerId, email, token: accessToken, organizationId };
}

/** Invited by the first owner into an organization of theirs, the first one by default, and in. */
export async function join(
  product: Product,
  person: Person,
  role: Role,
  organizationId = product.organizationId,
): Promise<void> {
  const base = `/api/v1/organizations/${organizationId}`;
  const invited = await product.http('POST', `${base}/invitations`, { body: { email: person.email, role } });
  if (invited.status !== 201) throw new Error(`invite: ${invited.status} ${JSON.stringify(invited.body)}`);
  const accepted = await product.http('POST', '/api/v1/invitations/accept', {
    body: { token: invited.body['token'] },
    token: person.token,
  });
  if (accepted.status !== 200) throw new Error(`accept: ${accepted.status} ${JSON.stringify(accepted.body)}`);
}

/** The cookie of a browser in which this person logs in as well. */
export async function cookieOf(product: Product, { email }: Pick<Person, 'email'>): Promise<string> {
  const browser = new Browser();
  const publicUrl = product.stack.gatewayUrl.replace('127.0.0.1', 'localhost');
  const page = await browser.open(`${publicUrl}/auth/login?returnTo=%2Fhealth%2Flive`);
  await browser.submit(page, { email, password: PASSWORD });
  const cookie = browser.cookies.header(new URL(publicUrl));
  if (!cookie.includes('mcpstack_session')) throw new Error(`${email} is not logged in`);
  return cookie;
}

/** A new member of the first organization. */
export async function newMember(product: Product, name: string, role: Role): Promise<Person> {
  const person = await newPerson(product, name);
  await join(product, person, role);
  return person;
}
