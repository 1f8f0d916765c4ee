import { NativeSelect, useMantineColorScheme, type MantineColorScheme } from '@mantine/core';

import { api } from '../lib/api';
import { session } from '../lib/session';

type Theme = 'auto' | 'light' | 'dark';

/** Chooses the theme. It is kept in a cookie for the first paint, and with the person for their other machines. */
export function ThemeChoice() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const choose = (theme: MantineColorScheme) => {
    setColorScheme(theme);
    if (session.state() !== 'in') return;
    api.PATCH('/v1/auth/me', { body: { theme: theme as Theme } }).catch(() => undefined); // on this machine the cookie counts
  };
  return (
    <NativeSelect
      label="Tema"
      data-testid="theme"
      value={colorScheme}
      onChange={(e) => choose(e.currentTarget.value as MantineColorScheme)}
      data={[
        { value: 'auto', label: 'Automático' },
        { value: 'light', label: 'Claro' },
        { value: 'dark', label: 'Escuro' },
      ]}
    />
  );
}
