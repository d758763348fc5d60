/** The whole console: who is here decides what is shown. */
import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { Router } from 'wouter';
import { queryClient } from './api/query-client.ts';
import { useMe } from './api/me.ts';
import { SessionEnded } from './shell/session-ended.tsx';
import { SignIn } from './shell/sign-in.tsx';
import { SignedIn } from './shell/signed-in.tsx';
import { Starting, Unreachable } from './shell/starting.tsx';
import { ShownSecrets } from './ui/shown-secrets.tsx';
import { styleNonce, theme, variables } from './theme.ts';

export function App() {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={variables}
      defaultColorScheme="auto"
      getStyleNonce={styleNonce}
    >
      <QueryClientProvider client={queryClient}>
        <Router>
          <Gate />
          <ShownSecrets />
          <SessionEnded />
        </Router>
      </QueryClientProvider>
    </MantineProvider>
  );
}

function Gate() {
  const me = useMe();
  if (me.data) return <SignedIn me={me.data} />;
  if (me.problem?.code === 'unauthenticated') return <SignIn />;
  if (me.problem) return <Unreachable problem={me.problem} retry={() => void me.refetch()} />;
  return <Starting />;
}
