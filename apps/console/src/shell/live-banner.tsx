/** Says plainly when changes do not arrive any more, and that this heals itself; says that the organization is suspended. */
import { Alert } from '@mantine/core';
import { IconCloudOff, IconPlayerPause } from '@tabler/icons-react';
import { useLive } from '../api/live.ts';
import { useHere } from '../api/organization.tsx';

export function LiveBanner() {
  const { orgId, organization } = useHere();
  const isLost = useLive(orgId);
  return (
    <div aria-live="polite">
      {isLost && (
        <Alert
          color="orange"
          icon={<IconCloudOff aria-hidden />}
          mb="md"
          title="The service cannot be reached"
        >
          What you see may be out of date. The page tries again by itself, and shows what has changed.
        </Alert>
      )}
      {organization.state === 'suspended' && (
        <Alert
          color="red"
          icon={<IconPlayerPause aria-hidden />}
          mb="md"
          title="This organization is suspended"
        >
          None of its keys is accepted. An owner can resume it in the settings.
        </Alert>
      )}
    </div>
  );
}
