import { NativeSelect, useMantineColorScheme, type MantineColorScheme } from '@mantine/core';

import { api } from '../lib/api';
import { session } from '../lib/session';
import { themeWords } from '../lib/words';

type Theme = 'auto' | 'light' | 'dark';

/** Chooses the theme. It is kept in a cookie for the first paint, and with the person for their other machines. */
export function ThemeChoice() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const choose = (theme: MantineColorScheme) => {
    setColorScheme(theme);
    if (session.state() !== 'in') return;
    // A failure is no loss: on this machine the cookie counts.
    api.PATCH('/v1/auth/me', { body: { theme: theme as Theme } }).catch(() => undefined);
  };
  return (
    <NativeSelect
      label="Tema"
      data-testid="theme"
      value={colorScheme}
      onChange={(e) => choose(e.currentTarget.value as MantineColorScheme)}
      data={Object.entries(themeWords).map(([value, label]) => ({ value, label }))}
    />
  );
}
