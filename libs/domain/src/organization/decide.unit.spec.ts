import { specification } from '@mcpstack/testing';
import { AT, LATER, ORGANIZATION_ID, OWNER, OWNER_ID, SYSTEM } from '../../test/samples.ts';
import { organization, type CreateOrganization } from './decide.ts';
import type { OrganizationCreated } from './events.ts';

const { given } = specification(organization);

const create: CreateOrganization = {
  type: 'CreateOrganization',
  at: AT,
  actor: OWNER,
  organizationId: ORGANIZATION_ID,
  name: 'Acme',
  ownerId: OWNER_ID,
};
const created: OrganizationCreated = {
  type: 'OrganizationCreated',
  data: { organizationId: ORGANIZATION_ID, name: 'Acme', ownerId: OWNER_ID },
  at: AT,
  actor: OWNER,
};

describe('CreateOrganization', () => {
  it('is accepted from a user for themselves, and from the system for anyone', () => {
    given().when(create).then(created);
    given()
      .when({ ...create, actor: SYSTEM })
      .then({ ...created, actor: SYSTEM });
  });

  it('repeated, does nothing', () => {
    given(created)
      .when({ ...create, at: LATER })
      .thenNothing();
  });

  it('is refused to a key, for another owner, and with a bad name', () => {
    given()
      .when({ ...create, actor: { type: 'key', id: 'key_1' } })
      .thenRefused('forbidden');
    given()
      .when({ ...create, ownerId: 'user_2' })
      .thenRefused('validation-failed', { fields: ['ownerId'] });
    given()
      .when({ ...create, name: 'a\u0000' })
      .thenRefused('validation-failed', { fields: ['name'] });
  });

  it('is refused when the id is taken by a different organization', () => {
    given(created)
      .when({ ...create, name: 'Other' })
      .thenRefused('conflict');
    given(created)
      .when({ ...create, actor: SYSTEM, ownerId: 'user_2' })
      .thenRefused('conflict');
  });

  it('makes its owner the only member', () => {
    expect(organization.evolve(organization.initial, created)).toEqual({
      status: 'active',
      id: ORGANIZATION_ID,
      name: 'Acme',
      members: { [OWNER_ID]: 'owner' },
      createdAt: AT,
    });
  });
});
