import './app/nonce';
import '@mantine/core/styles.css';
import './app/theme.css';

import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { createRoot } from 'react-dom/client';

import { Failure } from './lib/api';
import { nonce } from './app/nonce';
import { router } from './app/routes';
import { scheme } from './app/scheme';
import { theme, variables } from './app/theme';

const queries = new QueryClient({
  defaultOptions: {
    // A call without the internet fails at once and says so. Held back, it would look as if it were on its way.
    mutations: { networkMode: 'always' },
    queries: {
      networkMode: 'always',
      staleTime: 5_000,
      retry: (tries, error) => tries < 2 && error instanceof Failure && error.problem.retryable,
    },
  },
});

createRoot(document.getElementById('root')!).render(
  <MantineProvider
    theme={theme}
    cssVariablesResolver={variables}
    colorSchemeManager={scheme}
    defaultColorScheme="auto"
    getStyleNonce={() => nonce}
  >
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </MantineProvider>,
);
