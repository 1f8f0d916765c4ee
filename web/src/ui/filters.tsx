import { Button, NativeSelect, Popover, TextInput } from '@mantine/core';
import { useEffect, useState, type FormEvent, type ReactNode } from 'react';

/** A filter that is on, in words, and how it is taken off. */
export interface Chip {
  name: string;
  text: string;
  remove: () => void;
}

/** “de 1 a 2” of what has a beginning, an end or both; undefined of neither. */
export const span = (from: string | undefined, to: string | undefined): string | undefined =>
  from && to ? `de ${from} a ${to}` : from ? `desde ${from}` : to ? `até ${to}` : undefined;

interface BarProps {
  search?: ReactNode;
  children: ReactNode; // the other filters
  chips: (Chip | false | undefined | '')[];
  clear?: () => void;
  note?: ReactNode; // how many there are
}

/** Above a list: the search, the other filters behind a button, what is on as chips, and how many rows that leaves. */
export function FilterBar({ search, children, chips, clear, note }: BarProps) {
  const [opened, setOpened] = useState(false);
  const on = chips.filter((c) => typeof c === 'object');
  const change = (open: boolean) => {
    // What stands typed in a field counts when the fields go away.
    if (!open) (document.activeElement as HTMLElement | null)?.blur();
    setOpened(open);
  };
  const apply = (e: FormEvent) => {
    e.preventDefault();
    (document.activeElement as HTMLElement | null)?.blur();
  };
  return (
    <div className="row noprint filters">
      {search && (
        <form className="row find" role="search" onSubmit={apply}>
          {search}
        </form>
      )}
      <Popover
        opened={opened}
        onChange={change}
        position="bottom-start"
        hideDetached={false} // whoever types in a field scrolls the button away on a phone
        trapFocus
        returnFocus
        keepMounted
      >
        <Popover.Target>
          <Button onClick={() => change(!opened)} aria-haspopup="dialog">
            {on.length > 0 ? `Filtros (${on.length})` : 'Filtros'}
          </Button>
        </Popover.Target>
        <Popover.Dropdown className="filter-fields" aria-label="Filtros" data-testid="filter-fields">
          {children}
        </Popover.Dropdown>
      </Popover>
      {on.map((c) => (
        <button key={c.name} type="button" className="chip" onClick={c.remove}>
          <span className="sr">Tirar filtro: </span>
          {c.name}: {c.text} <span aria-hidden>×</span>
        </button>
      ))}
      {clear && (
        <Button variant="subtle" onClick={clear}>
          Limpar filtros
        </Button>
      )}
      {note && <span className="small muted end">{note}</span>}
    </div>
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
  placeholder,
  check,
  bare = false,
}: {
  label: string;
  value: string | undefined;
  set: (v: string | undefined) => void;
  placeholder?: string;
  check?: (text: string) => string;
  bare?: boolean; // its name is only read out: the text in the empty field says it
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
      label={bare ? undefined : label}
      aria-label={bare ? label : undefined}
      placeholder={placeholder}
      value={text}
      error={fault}
      style={bare ? { flex: '1 1 220px' } : undefined}
      onChange={(e) => setText(e.currentTarget.value)}
      onBlur={apply}
      onKeyDown={(e) => e.key === 'Enter' && apply()}
    />
  );
}
