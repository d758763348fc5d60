/** Create public key: an agent, the exact origins of its pages, and how long. */
import { useHere } from '../../api/organization.tsx';
import { pathTo } from '../../shell/paths.ts';
import { MissingPermission } from '../../ui/missing-permission.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { CreatePublicKeyForm } from './create-public-key-form.tsx';

export default function CreatePublicKeyPage() {
  const { orgId, can } = useHere();
  return (
    <>
      <PageHeader
        title="Create public key"
        description="For one agent in web pages. It is no secret: it works at the origins that you name, and nowhere else."
      />
      {can('api-keys:write') ? (
        <CreatePublicKeyForm />
      ) : (
        <MissingPermission
          permission="api-keys:write"
          to="create public keys"
          instead={{ href: pathTo(orgId, 'api-keys'), label: 'Go to the API keys' }}
        />
      )}
    </>
  );
}
