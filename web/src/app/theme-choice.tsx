import { NativeSelect, useMantineColorScheme, type MantineColorScheme } from '@mantine/core';

/** Automático, Claro or Escuro; kept in a cookie. */
export function ThemeChoice() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <NativeSelect label="Tema" data-testid="theme" value={colorScheme} onChange={(e) => setColorScheme(e.currentTarget.value as MantineColorScheme)}
      data={[{ value: 'auto', label: 'Automático' }, { value: 'light', label: 'Claro' }, { value: 'dark', label: 'Escuro' }]} />
  );
}
