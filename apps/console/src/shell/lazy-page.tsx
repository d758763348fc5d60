/** A page whose script is read when it is first shown. */
import { lazy, Suspense, type ComponentType } from 'react';
import { ProblemBoundary } from './problem-boundary.tsx';
import { PageLoading } from './starting.tsx';

export function lazyPage<Props extends object>(
  load: () => Promise<{ default: ComponentType<Props> }>,
): ComponentType<Props> {
  const Page = lazy(load);
  return function LazyPage(props: Props) {
    return (
      <ProblemBoundary>
        <Suspense fallback={<PageLoading />}>
          <Page {...props} />
        </Suspense>
      </ProblemBoundary>
    );
  };
}
