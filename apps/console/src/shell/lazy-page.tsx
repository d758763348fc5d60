/** A page whose script is read when it is first shown. */
import { useEffect, useState, type ComponentType } from 'react';
import { ProblemBoundary } from './problem-boundary.tsx';
import { PageLoading } from './starting.tsx';

type Load<Props> = () => Promise<{ default: ComponentType<Props> }>;

/**
 * Without `Suspense`, which keeps its fallback for 300 ms once it was shown: a page within a page would be there most
 * of a second after everything had come.
 */
export function lazyPage<Props extends object>(
  load: Load<Props>,
): ComponentType<Props> & { read: () => void } {
  let script: ReturnType<Load<Props>> | undefined;
  let Read: ComponentType<Props> | undefined;
  const read = (): ReturnType<Load<Props>> =>
    (script ??= load().then((module) => {
      Read = module.default;
      return module;
    }));

  function Page(props: Props) {
    const [page, setPage] = useState<{ Read: ComponentType<Props> | undefined; error?: Error }>({ Read });
    useEffect(() => {
      if (page.Read) return;
      let isShown = true;
      const show = (found: typeof page): void => {
        if (isShown) setPage(found);
      };
      read().then(
        (module) => show({ Read: module.default }),
        (error: Error) => show({ Read: undefined, error }),
      );
      return () => {
        isShown = false;
      };
    }, [page.Read]);
    // The boundary says what can be done about it.
    if (page.error) throw page.error;
    return page.Read ? <page.Read {...props} /> : <PageLoading />;
  }

  function LazyPage(props: Props) {
    return (
      <ProblemBoundary>
        <Page {...props} />
      </ProblemBoundary>
    );
  }
  /** Begins to read the script of a page that will be shown soon; whoever shows it hears of a failure. */
  LazyPage.read = (): void => void read().catch(() => undefined);
  return LazyPage;
}
