import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useEffect, useState, type FormEvent, type ReactNode } from 'react';

import { useNarrow } from './narrow';

/** The row of filters above a list; each field applies with Enter, or when it is left. Narrow, it is folded away. */
export function FilterBar({ children, clear }: { children: ReactNode; clear?: () => void }) {
  const narrow = useNarrow();
  const apply = (e: FormEvent) => {
    e.preventDefault();
    (document.activeElement as HTMLElement | null)?.blur();
  };
  const fields = (
    <form className="row noprint filters" role="search" onSubmit={apply}>
      {children}
      {clear && <Button onClick={clear}>Limpar filtros</Button>}
    </form>
  );
  if (!narrow) return fields;
  return (
    <details className="noprint above">
      <summary className="touch">{clear ? 'Filtros (ativos)' : 'Filtros'}</summary>
      {fields}
    </details>
  );
}

/** One choice among named values, or all of them. */
export function SelectFilter({
  label,
  all,
  names,
  value,
  set,
}: {
  label: string;
  all: string;
  names: Record<string, string>;
  value: string | undefined;
  set: (v: string | undefined) => void;
}) {
  return (
    <NativeSelect
      label={label}
      value={value ?? ''}
      onChange={(e) => set(e.currentTarget.value || undefined)}
      data={[{ value: '', label: all }, ...Object.entries(names).map(([v, l]) => ({ value: v, label: l }))]}
    />
  );
}

/** Text that counts when its field is left or Enter is pressed. `check` returns what is wrong with it. */
export function TextFilter({
  label,
  value,
  set,
  type = 'text',
  placeholder,
  check,
  wide = false,
}: {
  label: string;
  value: string | undefined;
  set: (v: string | undefined) => void;
  type?: string;
  placeholder?: string;
  check?: (text: string) => string;
  wide?: boolean;
}) {
  const [text, setText] = useState(value ?? '');
  const [fault, setFault] = useState('');
  useEffect(() => setText(value ?? ''), [value]);
  const apply = () => {
    const wrong = text && check ? check(text) : '';
    setFault(wrong);
    if (!wrong && text.trim() !== (value ?? '')) set(text.trim() || undefined);
  };
  return (
    <TextInput
      label={label}
      type={type}
      placeholder={placeholder}
      value={text}
      error={fault}
      style={type === 'text' && !check ? { flex: wide ? '1 1 30rem' : '1 1 220px' } : undefined}
      onChange={(e) => setText(e.currentTarget.value)}
      onBlur={apply}
      onKeyDown={(e) => e.key === 'Enter' && apply()}
    />
  );
}
