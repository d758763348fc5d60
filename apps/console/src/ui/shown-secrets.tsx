/**
 * Secrets that are shown now. They stand above all pages: whatever happens to the page that asked for one, also while it
 * was asked for (the way back, another organization, a key that is revoked meanwhile), its secret is shown until the
 * reader has kept it.
 */
import { useSyncExternalStore } from 'react';
import { SecretBox } from './secret.ts';
import { SecretDialog, type SecretDialogProps } from './secret-dialog.tsx';

type Dialog = Omit<SecretDialogProps, 'box' | 'onClose'>;
interface ShownSecret extends Dialog {
  id: number;
  box: SecretBox;
  onKept?: (() => void) | undefined;
}

let shown: readonly ShownSecret[] = [];
const listeners = new Set<() => void>();

function set(next: readonly ShownSecret[]): void {
  shown = next;
  for (const listener of listeners) listener();
}

let count = 0;

/**
 * From the answer into the box, and nowhere else.
 * @param onKept once the reader has kept it.
 */
export function showSecret({ secret, ...how }: Dialog & { secret: string; onKept?: () => void }): void {
  set([...shown, { ...how, id: (count += 1), box: new SecretBox(secret) }]);
}

export function ShownSecrets() {
  const [first] = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => shown,
  );
  if (!first) return null;
  const { id, onKept, ...dialog } = first;
  const close = () => {
    set(shown.slice(1));
    onKept?.();
  };
  return <SecretDialog key={id} {...dialog} onClose={close} />;
}
