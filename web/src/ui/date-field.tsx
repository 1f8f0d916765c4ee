import { TextInput, UnstyledButton } from '@mantine/core';
import { lazy, Suspense, useEffect, useId, useRef, useState, type RefObject } from 'react';

import { day, dayFormatHelp, parseDay } from '../lib/format';
import { namedRanges } from '../lib/period';
import { Icon } from './icon';

interface Props {
  label: string;
  description?: string;
  value: string | undefined; // YYYY-MM-DD
  set: (day: string | undefined) => void;
  today: string;
  fault?: string; // of the day, beside what is wrong with the text
  setUnreadable?: (is: boolean) => void; // whether what stands in the field is no day
  input?: RefObject<HTMLInputElement | null>;
  testId?: string;
}

const Calendar = lazy(() => import('./calendar'));

/**
 * A day, typed as people write one or chosen in a calendar below the field: dd/mm/aaaa in every language of the
 * browser. A whole date counts as it is typed, one with a short year when the field is left.
 */
export function DateField({ label, description, value, set, today, fault, setUnreadable, input, testId }: Props) {
  const [text, setText] = useState(value ? day(value) : '');
  const [wrong, setWrong] = useState(false);
  const [open, setOpen] = useState(false);
  const own = useRef<HTMLInputElement>(null);
  const field = input ?? own;
  const id = useId();
  useEffect(() => setText((typed) => (parseDay(typed) === (value ?? null) ? typed : value ? day(value) : '')), [value]);
  const mark = (is: boolean) => {
    setWrong(is);
    setUnreadable?.(is);
  };
  const change = (typed: string) => {
    setText(typed);
    mark(false);
    const read = parseDay(typed);
    if (!typed.trim() ? value : read && read !== value && /\d{4}/.test(typed)) set(read ?? undefined);
  };
  const leave = () => {
    const read = parseDay(text);
    mark(read === null && text.trim() !== '');
    if (!read) return;
    setText(day(read));
    if (read !== value) set(read);
  };
  const close = () => {
    setOpen(false);
    field.current?.focus();
  };
  return (
    <div className={open ? 'date-field open' : 'date-field'}>
      <TextInput
        ref={field}
        label={label}
        description={description}
        placeholder="dd/mm/aaaa"
        autoComplete="off"
        value={text}
        error={wrong ? dayFormatHelp : fault}
        onChange={(e) => change(e.currentTarget.value)}
        onBlur={leave}
        onKeyDown={(e) => e.key === 'Enter' && leave()}
        data-testid={testId}
        rightSectionPointerEvents="all"
        rightSection={
          <UnstyledButton
            className="touch date-toggle"
            aria-label={`Calendário de ${label}`}
            aria-expanded={open}
            aria-controls={open ? id : undefined}
            onClick={() => setOpen(!open)}
          >
            <Icon name="calendar" />
          </UnstyledButton>
        }
      />
      {open && (
        <div
          id={id}
          className="calendar"
          role="group"
          aria-label={`Calendário de ${label}`}
          onKeyDown={(e) => e.key === 'Escape' && close()}
        >
          <Suspense>
            <Calendar
              chosen={(value && parseDay(value)) || null}
              shown={today}
              choose={(chosen) => {
                mark(false);
                set(chosen ?? undefined);
                close();
              }}
            />
          </Suspense>
        </div>
      )}
    </div>
  );
}

/** The days from one to another, both of them too, with the ranges that people ask for by name. */
export function DateRange({
  name,
  from,
  to,
  set,
  today,
}: {
  name?: string; // before “de” and “até”
  from: string | undefined;
  to: string | undefined;
  set: (from: string | undefined, to: string | undefined) => void;
  today: string;
}) {
  const label = (end: string) => (name ? `${name} ${end}` : end[0]!.toUpperCase() + end.slice(1));
  return (
    <>
      <DateField label={label('de')} value={from} set={(day) => set(day, to)} today={today} />
      <DateField
        label={label('até')}
        value={to}
        set={(day) => set(from, day)}
        today={today}
        fault={from && to && from > to ? 'O fim vem antes do começo.' : undefined}
      />
      <div className="row named-ranges" role="group" aria-label={name ? `Período de ${name}` : 'Período'}>
        {namedRanges(today).map((r) => (
          <button
            key={r.name}
            type="button"
            className="chip"
            aria-pressed={r.from === from && r.to === to}
            onClick={() => set(r.from, r.to)}
          >
            {r.name}
          </button>
        ))}
      </div>
    </>
  );
}
