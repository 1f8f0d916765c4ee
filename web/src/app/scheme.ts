import type { MantineColorScheme, MantineColorSchemeManager } from '@mantine/core';

const name = 'patapay-theme';

/** Keeps Automático, Claro or Escuro in a cookie, which the server reads for the first paint. */
export const scheme: MantineColorSchemeManager = {
  get: (fallback) =>
    (document.cookie.match(/(?:^|; )patapay-theme=(light|dark|auto)/)?.[1] as MantineColorScheme) ?? fallback,
  set: (value) => {
    const secure = location.protocol === 'https:' ? '; Secure' : '';
    document.cookie = `${name}=${value}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
  },
  subscribe: () => {},
  unsubscribe: () => {},
  clear: () => {
    document.cookie = `${name}=; Path=/; Max-Age=0`;
  },
};
