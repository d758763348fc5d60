/** Keys of both kinds: decisions. A key's authority is within its maker's and never grows (G8). */
import type { Decider } from '../decider.ts';
import { requirePermission, requireSystem } from '../refusals.ts';
import type { KeyCommand } from './commands.ts';
import { createKey } from './create.ts';
import type { KeyEvent } from './events.ts';
import { existing, existingService, refuseBeyondScope } from './existing.ts';
import { recordKeyExpiry } from './expiry.ts';
import { changeKeyState, recordExposure, reportKeyLeak, revoked } from './lifecycle.ts';
import { addTemporaryOrigin, createPublicKey, updatePublicKey } from './public-key.ts';
import { recordSecretSeen, rotateKey } from './rotate.ts';
import { evolveKey, noKey, type KeyState } from './state.ts';
import { updateKey } from './update.ts';

export const key: Decider<KeyState, KeyCommand, KeyEvent> = {
  initial: noKey,
  evolve: evolveKey,
  decide(command, state) {
    switch (command.type) {
      case 'CreateKey':
        return createKey(command, state);
      case 'UpdateKey':
        requirePermission(command.authority, 'api-keys:write');
        return updateKey(command, existingService(command, state));
      case 'RotateKey':
        requirePermission(command.authority, 'api-keys:write');
        return rotateKey(command, command.authority, existingService(command, state));
      case 'SuspendKey':
      case 'ResumeKey':
      case 'RevokeKey':
        return changeKeyState(command, state);
      case 'WithdrawKey':
        requireSystem(command.actor);
        return revoked(command, existing(command, state), { reason: 'maker-lost-rights' });
      case 'ReportKeyLeak':
        requireSystem(command.actor);
        return reportKeyLeak(command, existing(command, state));
      case 'RecordExposure':
        requireSystem(command.actor);
        return recordExposure(command, existing(command, state));
      case 'RecordKeyExpiry':
        requireSystem(command.actor);
        return recordKeyExpiry(command, existing(command, state));
      case 'RecordSecretSeen':
        requireSystem(command.actor);
        return recordSecretSeen(command, existingService(command, state));
      case 'CreatePublicKey':
        return createPublicKey(command, state);
      case 'UpdatePublicKey':
      case 'AddTemporaryOrigin': {
        requirePermission(command.authority, 'api-keys:write');
        const found = existing(command, state, 'publishable');
        refuseBeyondScope(command.authority, found);
        return command.type === 'UpdatePublicKey'
          ? updatePublicKey(command, found)
          : addTemporaryOrigin(command, found);
      }
      default:
        return command satisfies never;
    }
  },
};
