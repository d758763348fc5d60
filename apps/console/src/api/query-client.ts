/** What the page keeps of answers: in memory alone, and never a secret. */
import { QueryClient } from '@tanstack/react-query';

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // Changes are told by the live stream; a look at the page again asks anyway.
      staleTime: 30_000,
      gcTime: 5 * 60_000,
      // The client tries again by itself, within its deadline.
      retry: false,
      refetchOnWindowFocus: true,
    },
  },
});
